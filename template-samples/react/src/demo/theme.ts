import { useLayoutEffect, useSyncExternalStore } from "react";

import { useStored } from "./stored";

const dark = matchMedia("(prefers-color-scheme: dark)");

/** The system's theme until the person chooses another. */
export function useDarkTheme(): [boolean, (dark: boolean) => void] {
  const system = useSyncExternalStore(
    (listener) => {
      dark.addEventListener("change", listener);
      return () => dark.removeEventListener("change", listener);
    },
    () => dark.matches,
  );
  const [chosen, choose] = useStored<boolean | null>("dark", null);
  const shown = chosen ?? system;
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = shown ? "dark" : "light";
  }, [shown]);
  return [shown, choose];
}
