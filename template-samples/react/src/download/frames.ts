/** What comes from a socket or a stream is somebody else's text until it has been looked at. */
import * as v from "valibot";

import type { Sighting } from "./state";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const fileStatus = v.picklist(["pending", "processing", "completed", "failed"]);
const jobStatus = v.picklist(["queued", "processing", "completed", "failed", "cancelled"]);
const words = v.nullish(v.string());

const file = v.looseObject({
  file_id: count,
  status: fileStatus,
  size: v.nullish(count),
  error: words,
  code: words,
  estimatedReadyAt: words,
});

const bundle = v.looseObject({
  format: v.string(),
  status: fileStatus,
  percentage: v.number(),
  bytesDone: v.nullish(count),
  bytesTotal: v.nullish(count),
  error: words,
  errorCode: words,
});

const jobFrame = v.looseObject({
  type: v.picklist(["snapshot", "change", "end"]),
  jobId: v.string(),
  version: count,
  round: count,
  status: jobStatus,
  progress: v.object({ completed: count, failed: count, total: count, percentage: v.number() }),
  files: v.array(file),
  since: v.optional(count),
  bundle: v.nullish(bundle),
});

const errorFrame = v.looseObject({ type: v.literal("error"), error: v.looseObject({ code: v.string() }) });

export type Frame =
  | { kind: "job"; type: "snapshot" | "change" | "end"; seen: Sighting }
  | { kind: "expired" }
  | { kind: "error"; code: string }
  | { kind: "other" };

/** The frame in a message; "other" for what is unknown or broken, which a client ignores. */
export function read(message: unknown): Frame {
  const body = parsed(message);
  const job = v.safeParse(jobFrame, body);
  if (job.success) return { kind: "job", type: job.output.type, seen: job.output as Sighting };
  const error = v.safeParse(errorFrame, body);
  if (error.success) return { kind: "error", code: error.output.error.code };
  return { kind: v.is(v.looseObject({ type: v.literal("expired") }), body) ? "expired" : "other" };
}

function parsed(message: unknown): unknown {
  if (typeof message !== "string") return null;
  try {
    return JSON.parse(message);
  } catch {
    return null;
  }
}
