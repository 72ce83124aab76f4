/** One job's subscription, without React. What it knows only grows, whichever way it came. */
import type { Service } from "../api/service";
import { follow } from "./following";
import { Run } from "./run";
import { ended, merge, reopened, unknownJob, type Sighting } from "./state";
import type { Standing, View, Ways } from "./view";

/** What the browser tells of its network. */
const TURNS = ["offline", "online"] as const;

interface Options {
  standing?: Standing;
  /** Whether anybody listens, whenever that changes. */
  listened?: (now: boolean) => void;
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
    { standing = { from: 0 }, listened = () => undefined }: Options = {},
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
    if (this.#listeners.size === 1) {
      this.#listened(true);
      for (const turn of TURNS) globalThis.addEventListener(turn, this.#rejoin);
    }
    this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size) return;
      for (const turn of TURNS) globalThis.removeEventListener(turn, this.#rejoin);
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

  /** A socket hears nothing of a network that went, and not at once of one that came: it begins anew with both.
   * Offline too, since a service on this very machine is reached without a network. */
  readonly #rejoin = (): void => {
    if (!this.#running) return;
    this.#stop();
    this.#show({ connected: false });
    this.#start();
  };

  #start(): void {
    if (this.#running || this.#view.fault) return;
    const running = new AbortController();
    this.#running = running;
    const run = new Run(this.service, this.view, (change) => this.#show(change), running.signal);
    void follow(run, this.ways, this.#standing).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
  }

  #stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  #show(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
