import type { Run } from "./run";
import type { Ways } from "./view";
import type { Outcome } from "./way";

export type Running = Promise<Outcome | undefined>;

/** Tries a better way while the asking goes on, and ends that once the way stands; null if it does not. */
export function rejoined(
  run: Run,
  [name, way]: Ways[number],
  asking: AbortController,
): Promise<{ running: Running } | null> {
  if (asking.signal.aborted) return Promise.resolve(null);
  const attempt = new AbortController();
  const stop = () => attempt.abort();
  run.signal.addEventListener("abort", stop);
  asking.signal.addEventListener("abort", stop);
  return new Promise((resolve) => {
    let joined = false;
    const connected = (now: boolean) => {
      if (run.signal.aborted || (!joined && !now)) return;
      if (!joined) {
        joined = true;
        asking.signal.removeEventListener("abort", stop);
        asking.abort();
        resolve({ running });
      }
      run.show({ way: name, connected: now });
    };
    // What a call threw, the asking meets too.
    const running: Running = way({ ...run.watched(attempt.signal), connected }, attempt.signal).catch(
      () => "lost" as const,
    );
    void running.then(() => {
      run.signal.removeEventListener("abort", stop);
      resolve(null);
    });
  });
}
