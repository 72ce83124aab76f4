import { useCallback, useSyncExternalStore } from "react";

/** The time in milliseconds: each second until a moment, or not at all where there is none. */
export function useNow(until: number | undefined): number {
  const listen = useCallback(
    (listener: () => void) => {
      const timer = setInterval(() => {
        if (!until || Date.now() >= until + 1000) clearInterval(timer);
        listener();
      }, 1000);
      return () => clearInterval(timer);
    },
    [until],
  );
  return useSyncExternalStore(until ? listen : never, tenth);
}

/** Rounded, so that it is the same all through one rendering. */
const tenth = () => Math.ceil(Date.now() / 100) * 100;
const never = () => () => undefined;
