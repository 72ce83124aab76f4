import { connection } from "./connection";
import { read } from "./frames";
import { ended, settled, whole } from "./state";
import type { Way } from "./way";

export const SILENCE_MS = 15_000;
export const REMAINDER_MS = 2_000;
/** With a cold start behind it, an opening takes some two seconds. */
export const OPEN_MS = 5_000;
/** Unanswered questions after which a connection counts as dead. */
const SILENCES = 3;
/** Snapshots of an ended job that lack files after which asking for another is in vain. */
const VAIN = 2;

/** Follows a job over one WebSocket; a one-time ticket opens it and subscribes at once. */
export function byWebSocket(address: string, Socket: typeof WebSocket = WebSocket): Way {
  return async (watched, signal) => {
    const { jobId } = watched.held();
    const { ticket } = await watched.service.ticket(jobId);
    if (signal.aborted) return "lost";

    return connection(watched, signal, OPEN_MS, ({ finish, opened, unlessHeard }) => {
      const socket = new Socket(`${address}?${new URLSearchParams({ ticket }).toString()}`);
      let silences = 0;
      let asked = true;
      let told = false;
      let vain = 0;

      const say = (action: string, more = {}) => {
        if (socket.readyState === Socket.OPEN) socket.send(JSON.stringify({ action, ...more }));
      };
      const subscribe = () => {
        asked = true;
        say("subscribe", { jobId });
      };
      // Rules 4 and 5: ask again after a silence, sooner where an ended job's rest is missing.
      const listen = () => {
        const held = watched.held();
        const rest = ended(held.status) && !whole(held) && !asked;
        unlessHeard(rest ? REMAINDER_MS : SILENCE_MS, () => {
          silences += 1;
          if (silences >= SILENCES) return finish(told ? "lost" : "hung");
          say("ping");
          subscribe();
          listen();
        });
      };

      socket.onopen = opened;
      socket.onclose = () => finish("lost");
      socket.onmessage = ({ data }: MessageEvent) => {
        silences = 0;
        told = true;
        const frame = read(data);
        if (frame.kind === "expired") return finish("expired");
        if (frame.kind === "error") return finish(frame.code === "SERVICE_UNAVAILABLE" ? "lost" : "refused");
        if (frame.kind === "job") {
          watched.take(frame.seen);
          if (frame.type === "snapshot") asked = false;
          if (settled(watched.held())) return finish("settled");
          if (frame.type === "snapshot" && ended(watched.held().status) && (vain += 1) > VAIN)
            return finish("lacking");
          // Rule 3: a change was missed.
          if (watched.held().missed && !asked) subscribe();
        }
        listen();
      };
      listen();
      return () => {
        socket.onopen = socket.onmessage = socket.onclose = null;
        socket.close();
      };
    });
  };
}
