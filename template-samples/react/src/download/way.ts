import type { Service } from "../api/service";
import type { JobState, Sighting } from "./state";

/** How one way of following a job ended. */
export type Outcome =
  /** All is known. */
  | "settled"
  /** Broken off or never begun: worth another try, with a new ticket. */
  | "lost"
  /** It never stood, or told nothing: a proxy swallows it. Once is enough to take the next way. */
  | "hung"
  /** The job has ended, and the rest of its files does not come this way: the full list is the last word. */
  | "lacking"
  /** The token behind the connection has ended: come back with a new one at once. */
  | "expired"
  /** The service refuses this way: take the next one. */
  | "refused";

/** What a way needs of the job that it follows. */
export interface Watched {
  service: Service;
  held(): JobState;
  /** Merges what was seen. */
  take(seen: Sighting): void;
  /** The connection stands, or no longer does. */
  connected(now: boolean): void;
}

/** Follows a job until something ends it. Rejects only with what a call to the service threw. */
export type Way = (watched: Watched, signal: AbortSignal) => Promise<Outcome>;
