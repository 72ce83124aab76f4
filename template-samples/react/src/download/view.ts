import type { JobState } from "./state";
import type { Way } from "./way";

export type WayName = "websocket" | "events" | "polling";
export type Fault = "signedOut" | "gone" | "refused";

/** What a page shows; a new object with every change. */
export interface View {
  job: JobState;
  /** By ascending id; empty until they are known. */
  fileIds: readonly number[];
  way: WayName;
  connected: boolean;
  /** Why nothing is followed any more. `restart` tries again. */
  fault?: Fault;
}

export type Ways = readonly (readonly [WayName, Way])[];

/** Which way to begin with: shared by all jobs of a page, so that each failing way is waited for once. */
export interface Standing {
  from: number;
}
