import { passing, ServiceError, SignedOut } from "../api/errors";
import type { Service } from "../api/service";
import { pause, pauseMs } from "./backoff";
import { readAll } from "./polling";
import { ended, merge, settled, type Sighting } from "./state";
import type { Fault, View } from "./view";
import type { Watched } from "./way";

/** One spell of following a job, from a start to the signal that stops it: its calls, and what they show. */
export class Run {
  constructor(
    readonly service: Service,
    readonly view: () => View,
    /** Shows a change, even one that comes after the stop: callers look at `over` or the signal first. */
    readonly show: (change: Partial<View>) => void,
    readonly signal: AbortSignal,
  ) {}

  /** Stopped, refused, or nothing is left to be known. */
  over(): boolean {
    return this.signal.aborted || this.view().fault !== undefined || settled(this.view().job);
  }

  /** What a way is given; after the signal it changes nothing any more. */
  watched(signal: AbortSignal = this.signal): Watched {
    const show = (change: Partial<View>) => {
      if (!signal.aborted) this.show(change);
    };
    return {
      service: this.service,
      held: () => this.view().job,
      take: (seen) => show({ job: merge(this.view().job, seen) }),
      connected: (connected) => show({ connected }),
    };
  }

  /** A call to the service, until it answers; undefined when it never will. */
  async persist<T>(call: () => Promise<T>, signal: AbortSignal = this.signal): Promise<T | undefined> {
    for (let attempt = 0; !signal.aborted && !this.over(); attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!passing(error)) this.show({ fault: faultOf(error), connected: false });
        else {
          this.show({ connected: false });
          const asked = error instanceof ServiceError ? (error.retryAfter ?? 0) * 1000 : 0;
          await pause(Math.max(asked, pauseMs(attempt)), signal);
        }
      }
    }
    return undefined;
  }

  /** After a reload only the job's id is known: frames name no pending file, the status does. */
  async learnIds(): Promise<void> {
    if (this.view().fileIds.length) return;
    const ids: number[] = [];
    await this.#readAll((seen) => ids.push(...seen.files.map((file) => file.file_id)));
    if (!this.signal.aborted) this.show({ fileIds: ids });
  }

  /** Somebody may have retried it elsewhere since. Without an answer, what is held stays: it was true. */
  async lookOnce(): Promise<void> {
    const found = await this.service.status(this.view().job.jobId, 0).catch(() => null);
    if (found) this.watched().take(found.body);
  }

  /** The full list of an ended job is the last word, even where its counters say otherwise. */
  async conclude(): Promise<void> {
    await this.persist(() => this.#readAll());
    const { job } = this.view();
    if (!this.over() && ended(job.status)) this.show({ job: { ...job, lastWord: true } });
  }

  #readAll(note: (seen: Sighting) => void = () => undefined): Promise<void> {
    const take = (seen: Sighting) => {
      note(seen);
      this.watched().take(seen);
    };
    return readAll(this.service, this.view().job.jobId, take, this.signal);
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof SignedOut) return "signedOut";
  return error instanceof ServiceError && error.status === 404 ? "gone" : "refused";
}
