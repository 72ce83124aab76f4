import type { Outcome, Watched } from "./way";

export interface Line {
  /** Ends the connection; the first outcome holds. */
  finish(outcome: Outcome): void;
  /** It stands: the time that it had for that does not run any more. */
  opened(): void;
  /** Does that unless it is put off by another call first. */
  unlessHeard(ms: number, act: () => void): void;
}

/** One connection from opening to end, "hung" where it does not open in time; no timer of it outlives it.
 * `open` begins it, and returns what closes it. */
export function connection(
  watched: Watched,
  signal: AbortSignal,
  openMs: number,
  open: (line: Line) => () => void,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const finish = (outcome: Outcome) => {
      clearTimeout(timer);
      clearTimeout(opening);
      signal.removeEventListener("abort", stop);
      close();
      watched.connected(false);
      resolve(outcome);
    };
    const stop = () => finish("lost");
    const opening = setTimeout(() => finish("hung"), openMs);
    const close = open({
      finish,
      opened: () => {
        clearTimeout(opening);
        watched.connected(true);
      },
      unlessHeard: (ms, act) => {
        clearTimeout(timer);
        timer = setTimeout(act, ms);
      },
    });
    signal.addEventListener("abort", stop);
  });
}
