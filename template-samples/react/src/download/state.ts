/**
 * What is known of a job, and how each account of it changes that. Pure: no clock, no network.
 *
 * It ends with the right state whatever came late, twice, out of order or not at all, by the README's five
 * rules for WebSocket frames. The first two are `merge`; `missed` tells of the third, `whole` of the fourth;
 * what needs a clock or a connection, the fifth among it, is in `websocket.ts`.
 */
import type { Bundle, FileState, JobStatus, Progress } from "../api/types";

/** A frame, an event or a status reply; only changes have `since`. */
export interface Sighting {
  jobId: string;
  version: number;
  round: number;
  status: JobStatus;
  progress: Progress;
  files: FileState[];
  since?: number;
  bundle?: Bundle | null;
  readyAt?: number | null;
}

export interface JobState {
  jobId: string;
  version: number;
  round: number;
  status: JobStatus;
  progress: Progress;
  /** By id; a file that is not there is pending. */
  files: ReadonlyMap<number, FileState>;
  /** A change was missed: only a snapshot closes the gap. */
  missed: boolean;
  /** The full list was read after the end: a file that it lacks will not come. */
  lastWord?: boolean;
  /** When it is expected to be ready, in milliseconds by this browser's clock. */
  readyAt?: number | null;
  bundle?: Bundle | null;
}

export function unknownJob(jobId: string, total = 0): JobState {
  const progress = { completed: 0, failed: 0, total, percentage: 0 };
  return { jobId, version: 0, round: 1, status: "queued", progress, files: new Map(), missed: false };
}

/** Only its id is known yet, after a reload: nothing may be said of it. */
export function unheard({ version, progress }: JobState): boolean {
  return version === 0 && progress.total === 0;
}

export function ended(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

export function final(file: FileState | undefined): boolean {
  return file?.status === "completed" || file?.status === "failed";
}

/** Whether the result of every file that the counters tell of is held. */
export function whole(job: JobState): boolean {
  let results = 0;
  for (const file of job.files.values()) if (final(file)) results += 1;
  return results >= job.progress.completed + job.progress.failed;
}

/** The job has ended and all about it is held: there is nothing to wait for. */
export function settled(job: JobState): boolean {
  return job.version > 0 && ended(job.status) && (whole(job) || job.lastWord === true);
}

export function merge(held: JobState, seen: Sighting): JobState {
  if (seen.jobId !== held.jobId) return held;
  const base = seen.round > held.round ? { ...reopened(held), round: seen.round } : held;
  const next = { ...base, files: mergedFiles(base, seen), missed: gap(base, seen) };
  const late = seen.version < base.version || seen.round < base.round;
  if (late || (ended(base.status) && !ended(seen.status))) return next;
  return {
    ...next,
    version: seen.version,
    status: seen.status,
    progress: seen.progress,
    bundle: seen.bundle ?? base.bundle,
    // Status replies tell of it, frames do not.
    readyAt: seen.readyAt === undefined ? base.readyAt : seen.readyAt,
  };
}

/** The job as its next round begins: what is ready stays, what had failed is pending again. */
export function reopened(held: JobState): JobState {
  const kept = [...held.files].filter(([, file]) => file.status === "completed");
  const progress = { ...held.progress, failed: 0, completed: kept.length };
  return {
    ...held,
    round: held.round + 1,
    status: "processing",
    progress,
    files: new Map(kept),
    lastWord: false,
    readyAt: null,
  };
}

function mergedFiles(held: JobState, seen: Sighting): ReadonlyMap<number, FileState> {
  const late = seen.version < held.version;
  const news = seen.files.filter((file) => {
    if (seen.round < held.round && file.status !== "completed") return false;
    if (final(held.files.get(file.file_id))) return false;
    return final(file) || !late;
  });
  if (!news.length) return held.files;
  return new Map([...held.files, ...news.map((file) => [file.file_id, file] as const)]);
}

function gap(held: JobState, seen: Sighting): boolean {
  // A snapshot older than what is held cannot tell what the gap hid.
  if (seen.since === undefined) return held.missed && seen.version < held.version;
  return held.missed || seen.since > held.version;
}
