import { describe, expect, it } from "vitest";

import { failed, JOB, ready, seen } from "../test/fakes";
import { merge, reopened, settled, unknownJob, whole, type Sighting } from "./state";

const after = (...all: Sighting[]) => all.reduce(merge, unknownJob(JOB, 3));

describe("merge", () => {
  it("takes files of an older frame, but neither its status nor its counters", () => {
    const job = after(
      seen(5, "processing", [ready(2), ready(3)]),
      seen(4, "queued", [ready(1)], { since: 3 }),
    );
    expect([...job.files.keys()]).toEqual([2, 3, 1]);
    expect([job.version, job.status, job.progress.completed]).toEqual([5, "processing", 2]);
  });

  it("keeps a result, whatever comes later", () => {
    const job = after(
      seen(5, "processing", [ready(1)]),
      seen(6, "processing", [{ file_id: 1, status: "pending" }]),
    );
    expect(job.files.get(1)?.status).toBe("completed");
  });

  it("notices a gap, and closes it by a snapshot that is new enough", () => {
    const gapped = after(seen(2, "processing", []), seen(5, "processing", [], { since: 4 }));
    expect(gapped.missed).toBe(true);
    expect(merge(gapped, seen(4, "processing", [])).missed).toBe(true);
    expect(merge(gapped, seen(5, "processing", [])).missed).toBe(false);
  });

  it("forgets what failed when a new round begins, and takes no failure of an older one", () => {
    const job = after(
      seen(5, "completed", [ready(1), failed(2)]),
      seen(6, "processing", [ready(1)], { round: 2 }),
      seen(5, "completed", [failed(2)]),
    );
    expect(job.files.has(2)).toBe(false);
    expect([job.round, job.status]).toEqual([2, "processing"]);
  });

  it("ignores another job", () => {
    expect(after({ ...seen(5, "completed", [ready(1)]), jobId: "another" }).version).toBe(0);
  });

  it("takes no late account of the round that a retry has ended", () => {
    const job = merge(
      reopened(after(seen(5, "completed", [ready(1), failed(2)]))),
      seen(5, "completed", [failed(2)]),
    );
    expect([job.status, job.progress.failed]).toEqual(["processing", 0]);
  });
});

it("is whole only with every result that its counters tell of", () => {
  const counters = seen(5, "completed", [ready(1), ready(2), ready(3)]);
  const part = after({ ...counters, files: [ready(1)] });
  expect([whole(part), settled(part)]).toEqual([false, false]);
  expect(settled(merge(part, counters))).toBe(true);
});
