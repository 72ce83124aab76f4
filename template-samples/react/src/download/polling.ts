import type { Service } from "../api/service";
import { pause } from "./backoff";
import { ended, settled, whole, type JobState, type Sighting } from "./state";
import type { Way } from "./way";

const POLL_S = 2;
/** After this long by asking, the faster ways get another chance. */
export const REJOIN_MS = 60_000;

/** Follows a job by asking: works wherever the service does. Ends as "lost" when it is time to rejoin. */
export function byPolling(): Way {
  return async (watched, signal) => {
    const began = Date.now();
    while (!signal.aborted && Date.now() - began < REJOIN_MS) {
      const retryAfter = await ask(watched.service, watched.held(), (seen) => watched.take(seen));
      watched.connected(true);
      if (settled(watched.held())) return "settled";
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
): Promise<void> {
  let cursor: string | undefined;
  do {
    const { body } = await service.status(jobId, 1000, cursor);
    take(body);
    cursor = body.nextCursor ?? undefined;
  } while (cursor);
}
