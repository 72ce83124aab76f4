import { useEffect, useState } from "react";

/** State that survives a reload of this tab, and a redirect to sign in. */
export function useStored<T>(key: string, initial: T): [T, (value: T | ((before: T) => T)) => void] {
  const [value, setValue] = useState<T>(() => restored(key) ?? initial);
  useEffect(() => keep(key, value), [key, value]);
  return [value, setValue];
}

function keep(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch (error) {
    // Full, or forbidden by the browser's settings: the page works on, and forgets with a reload.
    console.warn("Not kept for a reload:", error);
  }
}

function restored<T>(key: string): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") as T | null;
  } catch {
    return null;
  }
}
