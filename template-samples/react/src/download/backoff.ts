/** Milliseconds to wait before attempt `n` (from 0): doubling from 0.5 s to 20 s, less up to a half.
 * The jitter keeps pages that lost the same server from coming back all at once. */
export function pauseMs(attempt: number, random: () => number = Math.random): number {
  return Math.min(500 * 2 ** attempt, 20_000) * (0.5 + random() / 2);
}

/** Waits, or less: until the signal stops it. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, signal.aborted ? 0 : ms);
    signal.addEventListener("abort", done);
  });
}
