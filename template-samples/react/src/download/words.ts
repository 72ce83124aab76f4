import type { FileState, JobStatus } from "../api/types";
import { unheard, type JobState } from "./state";

const JOB: Record<JobStatus, string> = {
  queued: "Waiting to start",
  processing: "Preparing",
  completed: "Ready",
  failed: "Failed",
  cancelled: "Cancelled",
};

const LOADING = "Loading…";

export function jobWords({ status, progress }: Pick<JobState, "status" | "progress">): string {
  return status === "completed" && progress.failed ? "Ready, with failures" : JOB[status];
}

/** What a card is called. */
export function titleWords(job: JobState): string {
  return unheard(job) ? "Download" : countWords(job.progress.total);
}

export function countWords(files: number): string {
  return files === 1 ? "1 file" : `${String(files)} files`;
}

/** What a progress bar says aloud. */
export function progressWords(job: JobState): string {
  if (unheard(job)) return LOADING;
  const { progress } = job;
  const failed = progress.failed ? `, ${String(progress.failed)} failed` : "";
  return `${String(progress.completed)} of ${String(progress.total)} ready${failed}`;
}

/** "7, 8, 9 and 3 more": the first few by name, the rest by count. */
export function listWords(items: readonly string[], most = 5): string {
  const rest = items.length - most;
  return rest > 0 ? `${items.slice(0, most).join(", ")} and ${String(rest)} more` : items.join(", ");
}

export function fileWords(file: FileState | undefined, jobEnded: boolean): string {
  if (file?.code === "RESTORING") return "Coming back from the archive";
  if (file?.status === "completed") return "Ready";
  if (file?.status === "failed") return "Failed";
  if (jobEnded) return "Not prepared";
  return file?.status === "processing" ? "Preparing" : "Waiting";
}

export function sizeWords(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), units.length - 1);
  const value = bytes / 1024 ** step;
  return `${value >= 100 || step === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[step] ?? "B"}`;
}

/** "about 40 s left"; empty when there is nothing to say. */
export function timeLeftWords(readyAt: number | null | undefined, now: number): string {
  if (!readyAt) return "";
  const seconds = Math.ceil((readyAt - now) / 1000);
  if (!Number.isFinite(seconds)) return "";
  if (seconds <= 1) return "any moment now";
  if (seconds < 60) return `about ${String(seconds)} s left`;
  if (seconds < 5400) return `about ${String(Math.ceil(seconds / 60))} min left`;
  return `about ${String(Math.round(seconds / 3600))} h left`;
}
