import { ended, type JobState } from "./state";
import { jobWords, progressWords } from "./words";

const STEP = 25;

/** What a screen reader is told: each quarter of the way and the end, never each file. */
export function announcement(job: JobState): string {
  if (ended(job.status)) return `${jobWords(job)}: ${progressWords(job)}.`;
  const quarter = Math.floor(job.progress.percentage / STEP) * STEP;
  return quarter ? `${String(quarter)} percent.` : jobWords(job);
}
