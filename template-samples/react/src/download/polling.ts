import type { Service } from "../api/service";
import { pause } from "./backoff";
import { ended, settled, whole, type JobState, type Sighting } from "./state";
import type { Way } from "./way";

const POLL_S = 2;
/** Full lists of an ended job that lack files after which asking for another is in vain. */
const VAIN = 2;

/** Follows a job by asking, until it is stopped or all is known: works wherever the service does. */
export function byPolling(): Way {
  return async (watched, signal) => {
    let vain = 0;
    while (!signal.aborted) {
      const retryAfter = await ask(watched.service, watched.held(), (seen) => watched.take(seen));
      watched.connected(true);
      if (settled(watched.held())) return "settled";
      if (ended(watched.held().status) && (vain += 1) >= VAIN) return "lacking";
      await pause(Math.min(Math.max(retryAfter ?? POLL_S, 0.25), 60) * 1000, signal);
    }
    return "lost";
  };
}

/** One look at the counters; the files only when something has changed. */
async function ask(
  service: Service,
  held: JobState,
  take: (seen: Sighting) => void,
): Promise<number | undefined> {
  const { body, retryAfter } = await service.status(held.jobId, 0);
  const same = body.version === held.version && whole(held) && !held.missed;
  if (same && !ended(body.status)) take(body);
  else await readAll(service, held.jobId, take);
  return retryAfter;
}

/** The whole job, page by page. */
export async function readAll(
  service: Service,
  jobId: string,
  take: (seen: Sighting) => void,
  signal?: AbortSignal,
): Promise<void> {
  let cursor: string | undefined;
  do {
    const { body } = await service.status(jobId, 1000, cursor);
    if (signal?.aborted) return;
    take(body);
    cursor = body.nextCursor ?? undefined;
  } while (cursor);
}
