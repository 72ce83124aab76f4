/**
 * One job's subscription, without React: by WebSocket; where that fails, by Server-Sent Events; where that
 * fails too, by asking. What it knows only grows, whichever way it came.
 */
import { passing, ServiceError, SignedOut } from "../api/errors";
import type { Service } from "../api/service";
import { pause, pauseMs } from "./backoff";
import { byEvents } from "./events";
import { byPolling, readAll } from "./polling";
import { ended, merge, reopened, settled, unknownJob, type JobState, type Sighting } from "./state";
import type { Way } from "./way";
import { byWebSocket } from "./websocket";

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

/** Vain tries after which the next way has its turn. */
const TRIES = 3;

export function defaultWays(websocket: string | undefined): Ways {
  const socket = websocket ? ([["websocket", byWebSocket(websocket)]] as const) : [];
  return [...socket, ["events", byEvents()], ["polling", byPolling()]];
}

export class Subscription {
  #view: View;
  #listeners = new Set<() => void>();
  #running: AbortController | undefined;

  constructor(
    private readonly service: Service,
    private readonly ways: () => Promise<Ways>,
    jobId: string,
    fileIds: readonly number[] = [],
  ) {
    const ids = [...new Set(fileIds)].sort((a, b) => a - b);
    this.#view = { job: unknownJob(jobId, ids.length), fileIds: ids, way: "websocket", connected: false };
  }

  /** For `useSyncExternalStore`. */
  readonly view = (): View => this.#view;

  /** Follows the job for as long as somebody listens. */
  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (!this.#listeners.size) this.#stop();
    };
  };

  /** Merges what a call answered, so that its effect shows at once. */
  readonly take = (seen: Sighting): void => {
    const job = merge(this.#view.job, seen);
    if (job !== this.#view.job) this.#show({ job });
  };

  /** A retry was accepted: what had failed is pending, and there is something to follow again. */
  readonly reopen = (): void => {
    if (ended(this.#view.job.status)) this.#show({ job: reopened(this.#view.job) });
    this.restart();
  };

  readonly restart = (): void => {
    this.#stop();
    this.#show({ fault: undefined });
    if (this.#listeners.size) this.#start();
  };

  #start(): void {
    if (this.#running || this.#view.fault || settled(this.#view.job)) return;
    const running = new AbortController();
    this.#running = running;
    void this.#follow(running.signal).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
  }

  #stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    await this.#persist(signal, () => this.#learnIds());
    let at = 0;
    while (!this.#over(signal)) {
      const ways = await this.#persist(signal, this.ways);
      const way = ways?.[at % ways.length];
      if (!way) return;
      await this.#along(way, signal);
      at += 1;
    }
  }

  /** One way, over as many connections as get somewhere; returns when it is the next one's turn. */
  async #along([name, way]: Ways[number], signal: AbortSignal): Promise<void> {
    this.#show({ way: name });
    for (let failures = 0; failures < TRIES && !this.#over(signal);) {
      const before = this.#view.job.version;
      const outcome = await this.#persist(signal, () => way(this.#watched(signal), signal));
      if (outcome === undefined || outcome === "settled" || outcome === "refused" || name === "polling")
        return;
      // A connection that told something new was a good one, however it ended.
      failures = this.#view.job.version > before ? 0 : failures + 1;
      if (failures < TRIES && (outcome === "lost" || failures)) await pause(pauseMs(failures), signal);
    }
  }

  #watched(signal: AbortSignal) {
    const show = (change: Partial<View>) => {
      if (!signal.aborted) this.#show(change);
    };
    return {
      service: this.service,
      held: () => this.#view.job,
      take: (seen: Sighting) => show({ job: merge(this.#view.job, seen) }),
      connected: (connected: boolean) => show({ connected }),
    };
  }

  /** A call to the service, until it answers; undefined when it never will. */
  async #persist<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 0; !this.#over(signal); attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!passing(error)) this.#show({ fault: faultOf(error), connected: false });
        else {
          this.#show({ connected: false });
          const asked = error instanceof ServiceError ? (error.retryAfter ?? 0) * 1000 : 0;
          await pause(Math.max(asked, pauseMs(attempt)), signal);
        }
      }
    }
    return undefined;
  }

  /** After a reload only the job's id is known: frames name no pending file, the status does. */
  async #learnIds(): Promise<void> {
    if (this.#view.fileIds.length) return;
    const ids: number[] = [];
    await readAll(this.service, this.#view.job.jobId, (seen) => {
      ids.push(...seen.files.map((file) => file.file_id));
      this.take(seen);
    });
    this.#show({ fileIds: ids });
  }

  #over(signal: AbortSignal): boolean {
    return signal.aborted || this.#view.fault !== undefined || settled(this.#view.job);
  }

  #show(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof SignedOut) return "signedOut";
  return error instanceof ServiceError && error.status === 404 ? "gone" : "refused";
}
