import { ServiceError } from "../api/errors";
import type { Service } from "../api/service";
import type { FileState, JobStatus, Status } from "../api/types";
import type { Sighting } from "../download/state";

export const JOB = "8ae45b3f-0000-4000-8000-000000000001";

export const ready = (file_id: number, size = 1024): FileState => ({ file_id, status: "completed", size });
export const failed = (file_id: number): FileState => ({
  file_id,
  status: "failed",
  error: "There is no file with this id in the store.",
  errorCode: "NOT_FOUND",
});

/** A job as the service would tell of it: its counters follow from its files. */
export function seen(
  version: number,
  status: JobStatus,
  files: FileState[],
  more: Partial<Sighting> = {},
): Sighting {
  const count = (state: string) => files.filter((file) => file.status === state).length;
  const [completed, bad, total] = [count("completed"), count("failed"), 3];
  const percentage = Math.floor((100 * (completed + bad)) / total);
  return {
    jobId: JOB,
    version,
    round: 1,
    status,
    files,
    progress: { completed, failed: bad, total, percentage },
    ...more,
  };
}

/** A service that answers from `now`; each ticket is another one. */
export class FakeService implements Service {
  now: Sighting = seen(1, "queued", []);
  tickets: string[] = [];
  calls: string[] = [];
  /** Thrown by the next calls, in order. */
  faults: Error[] = [];

  async root() {
    return { service: "downloads", version: "0", links: {}, auth: { mode: "none" as const } };
  }
  async initiate() {
    return this.#accepted("initiate");
  }
  async status(_jobId: string, limit = 1000) {
    this.#call(`status ${String(limit)}`);
    return { body: { ...this.now, files: limit ? this.now.files : [] } as unknown as Status, retryAfter: 1 };
  }
  async links() {
    this.#call("links");
    return { ...this.now, files: this.now.files.map((file) => this.#link(file.file_id)), expiresAt: "" };
  }
  async link(_jobId: string, fileId: number) {
    this.#call(`link ${String(fileId)}`);
    return { ...this.now, files: [this.#link(fileId)], expiresAt: "" };
  }
  async cancel() {
    this.#call("cancel");
    if (this.now.status !== "processing")
      throw new ServiceError(409, "JOB_ENDED", "The job has already ended.");
    this.now = { ...this.now, status: "cancelled", version: this.now.version + 1 };
    return this.now as unknown as Status;
  }
  async retry() {
    return this.#accepted("retry");
  }
  async jobs() {
    return { jobs: [] };
  }
  async ticket() {
    this.#call("ticket");
    this.tickets.push(`ticket-${String(this.tickets.length + 1)}`);
    return { ticket: this.tickets.at(-1) ?? "", expiresAt: "" };
  }
  eventsUrl(jobId: string, ticket: string, lastVersion?: number) {
    return `https://api/${jobId}?ticket=${ticket}${lastVersion ? `&lastEventId=${String(lastVersion)}` : ""}`;
  }

  #accepted(call: string) {
    this.#call(call);
    return { jobId: JOB, status: "queued" as const, estimatedTimeMs: 1, totalFiles: 3, totalFileIds: 3 };
  }
  #link(file_id: number) {
    const filename = `${String(file_id)}.zip`;
    return { file_id, filename, downloadUrl: `https://s3/${filename}`, urlExpiresAt: "", size: 1, etag: "e" };
  }
  #call(name: string) {
    this.calls.push(name);
    const fault = this.faults.shift();
    if (fault) throw fault;
  }
}

/** Sockets as the browser's, driven by hand; `made` has every one that was opened. */
export function fakeSockets() {
  class FakeSocket {
    static readonly OPEN = 1;
    static made: FakeSocket[] = [];
    static get last() {
      const last = FakeSocket.made.at(-1);
      if (!last) throw new Error("no socket was opened");
      return last;
    }
    readyState = 0;
    sent: Record<string, unknown>[] = [];
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onclose: (() => void) | null = null;
    constructor(readonly url: string) {
      FakeSocket.made.push(this);
    }
    send(text: string) {
      this.sent.push(JSON.parse(text) as Record<string, unknown>);
    }
    close() {
      this.readyState = 3;
    }
    open() {
      this.readyState = 1;
      this.onopen?.();
    }
    tell(frame: object) {
      this.onmessage?.({ data: JSON.stringify(frame) });
    }
    drop() {
      this.readyState = 3;
      this.onclose?.();
    }
  }
  return FakeSocket;
}

export function fakeSources() {
  class FakeSource extends EventTarget {
    static made: FakeSource[] = [];
    readyState = 0;
    onopen: (() => void) | null = null;
    onerror: (() => void) | null = null;
    constructor(readonly url: string) {
      super();
      FakeSource.made.push(this);
    }
    close() {
      this.readyState = 2;
    }
    tell(type: "snapshot" | "change" | "end", frame: object) {
      this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify({ ...frame, type }) }));
    }
    fail() {
      this.readyState = 2;
      this.onerror?.();
    }
  }
  return FakeSource;
}
