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
import type { Outcome, Way } from "./way";
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

/** Which way to begin with: shared by all jobs of a page, so that each failing way is waited for once. */
export interface Standing {
  from: number;
}

type Running = Promise<Outcome | undefined>;

/** Vain tries after which the next way has its turn. */
const TRIES = 3;
/** How often the faster ways get another chance while the job is asked for. */
export const REJOIN_MS = 60_000;

export function defaultWays(websocket: string | undefined): Ways {
  const socket = websocket ? ([["websocket", byWebSocket(websocket)]] as const) : [];
  return [...socket, ["events", byEvents()], ["polling", byPolling()]];
}

export class Subscription {
  #view: View;
  #listeners = new Set<() => void>();
  #running: AbortController | undefined;
  readonly #standing: Standing;
  readonly #listened: (now: boolean) => void;

  constructor(
    private readonly service: Service,
    private readonly ways: () => Promise<Ways>,
    jobId: string,
    fileIds: readonly number[] = [],
    {
      standing = { from: 0 },
      listened = () => undefined,
    }: { standing?: Standing; listened?: (now: boolean) => void } = {},
  ) {
    this.#standing = standing;
    this.#listened = listened;
    const ids = [...new Set(fileIds)].sort((a, b) => a - b);
    this.#view = { job: unknownJob(jobId, ids.length), fileIds: ids, way: "websocket", connected: false };
  }

  /** For `useSyncExternalStore`. */
  readonly view = (): View => this.#view;

  /** Follows the job for as long as somebody listens. */
  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#listened(true);
    this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size) return;
      this.#stop();
      this.#listened(false);
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
    if (this.#running || this.#view.fault) return;
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
    if (settled(this.#view.job)) await this.#lookOnce(signal);
    await this.#persist(signal, () => this.#learnIds(signal));
    let at = this.#standing.from;
    while (!this.#over(signal)) {
      const ways = await this.#persist(signal, this.ways);
      if (!ways?.length) return;
      at %= ways.length;
      const way = ways[at] as Ways[number];
      if (way[0] === "polling") at = await this.#asking(way, ways, signal);
      else {
        const toBlame = await this.#along(way, signal);
        at += 1;
        if (toBlame) this.#standing.from = at;
      }
    }
  }

  /** One way, over as many connections as get somewhere; whether it is to blame that the next has its turn. */
  async #along([name, way]: Ways[number], signal: AbortSignal, joined?: Running): Promise<boolean> {
    this.#show({ way: name, connected: joined !== undefined });
    let running = joined;
    for (let failures = 0; failures < TRIES && !this.#over(signal);) {
      const before = this.#view.job.version;
      const outcome = await (running ?? this.#persist(signal, () => way(this.#watched(signal), signal)));
      running = undefined;
      if (outcome === "lacking") await this.#conclude(signal);
      if (outcome === "hung") return true;
      if (outcome !== "lost" && outcome !== "expired") return false;
      // A connection that told something new was a good one, however it ended.
      failures = this.#view.job.version > before ? 0 : failures + 1;
      if (failures < TRIES && (outcome === "lost" || failures)) await pause(pauseMs(failures), signal);
    }
    return !this.#over(signal);
  }

  /** Asks, and tries the better ways from time to time; goes along one that stands. Returns which is next. */
  async #asking(polling: Ways[number], ways: Ways, signal: AbortSignal): Promise<number> {
    const asking = new AbortController();
    const stop = () => asking.abort();
    signal.addEventListener("abort", stop);
    this.#show({ way: "polling", connected: false });
    const asked = this.#persist(asking.signal, () =>
      polling[1](this.#watched(asking.signal), asking.signal),
    ).finally(stop);
    while (!asking.signal.aborted) {
      await pause(REJOIN_MS, asking.signal);
      for (const [at, way] of ways.entries()) {
        const joined = way === polling ? null : await this.#rejoined(way, asking, signal);
        if (!joined) continue;
        this.#standing.from = at;
        await this.#along(way, signal, joined.running);
        return at + 1;
      }
    }
    if ((await asked) === "lacking") await this.#conclude(signal);
    signal.removeEventListener("abort", stop);
    return ways.indexOf(polling);
  }

  /** Tries a better way while the asking goes on, and ends that once the way stands; null if it does not. */
  #rejoined(
    [name, way]: Ways[number],
    asking: AbortController,
    signal: AbortSignal,
  ): Promise<{ running: Running } | null> {
    if (asking.signal.aborted) return Promise.resolve(null);
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    signal.addEventListener("abort", stop);
    asking.signal.addEventListener("abort", stop);
    return new Promise((resolve) => {
      let joined = false;
      const connected = (now: boolean) => {
        if (signal.aborted || (!joined && !now)) return;
        if (!joined) {
          joined = true;
          asking.signal.removeEventListener("abort", stop);
          asking.abort();
          resolve({ running });
        }
        this.#show({ way: name, connected: now });
      };
      // What a call threw, the asking meets too.
      const running: Running = way({ ...this.#watched(attempt.signal), connected }, attempt.signal).catch(
        () => "lost" as const,
      );
      void running.then(() => {
        signal.removeEventListener("abort", stop);
        resolve(null);
      });
    });
  }

  /** Somebody may have retried it elsewhere since. Without an answer, what is held stays: it was true. */
  async #lookOnce(signal: AbortSignal): Promise<void> {
    const found = await this.service.status(this.#view.job.jobId, 0).catch(() => null);
    if (found && !signal.aborted) this.take(found.body);
  }

  /** The full list of an ended job is the last word, even where its counters say otherwise. */
  async #conclude(signal: AbortSignal): Promise<void> {
    await this.#persist(signal, () => readAll(this.service, this.#view.job.jobId, this.take, signal));
    const { job } = this.#view;
    if (!this.#over(signal) && ended(job.status)) this.#show({ job: { ...job, lastWord: true } });
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
  async #learnIds(signal: AbortSignal): Promise<void> {
    if (this.#view.fileIds.length) return;
    const ids: number[] = [];
    const take = (seen: Sighting) => {
      ids.push(...seen.files.map((file) => file.file_id));
      this.take(seen);
    };
    await readAll(this.service, this.#view.job.jobId, take, signal);
    if (!signal.aborted) this.#show({ fileIds: ids });
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
