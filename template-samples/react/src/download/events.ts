import { connection } from "./connection";
import { read } from "./frames";
import { settled, whole } from "./state";
import type { Way } from "./way";

/** The service holds a connection for 20 s at most; EventSource then comes back by itself. */
export const EVENTS_SILENCE_MS = 60_000;
/** A snapshot comes at once; changes since a version are waited for, and a gateway holds the answer so long. */
export const OPEN_MS = { snapshot: 5_000, changes: 30_000 };
const CLOSED = 2;

/** Follows a job by Server-Sent Events: for networks that let no WebSocket through. */
export function byEvents(Source: typeof EventSource = EventSource): Way {
  // Until something came this way, a snapshot is asked for: it shows soon whether anything does.
  let proven = false;
  return async (watched, signal) => {
    const { jobId } = watched.held();
    const { ticket } = await watched.service.ticket(jobId);
    if (signal.aborted) return "lost";
    const held = watched.held();
    // Without a version the first event is a snapshot, which closes any gap.
    const since = !proven || held.missed || !whole(held) ? undefined : held.version;

    const within = since ? OPEN_MS.changes : OPEN_MS.snapshot;
    const outcome = await connection(watched, signal, within, ({ finish, opened, unlessHeard }) => {
      const source = new Source(watched.service.eventsUrl(jobId, ticket, since));
      const listen = () => unlessHeard(EVENTS_SILENCE_MS, () => finish("lost"));
      const heard = () => {
        opened();
        listen();
      };
      const show = ({ data }: MessageEvent) => {
        heard();
        const frame = read(data);
        if (frame.kind !== "job") return;
        proven = true;
        watched.take(frame.seen);
        if (settled(watched.held())) finish("settled");
        else if (watched.held().missed) finish("lost");
      };

      source.onopen = heard;
      // CONNECTING is the ordinary coming back; CLOSED is for good.
      source.onerror = () => {
        if (source.readyState === CLOSED) finish("lost");
      };
      source.addEventListener("snapshot", show);
      source.addEventListener("change", show);
      source.addEventListener("end", () => finish(settled(watched.held()) ? "settled" : "lost"));
      listen();
      return () => {
        source.onopen = source.onerror = null;
        source.close();
      };
    });
    if (outcome === "hung") proven = false;
    return outcome;
  };
}
