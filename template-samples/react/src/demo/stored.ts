import { useEffect, useState } from "react";

/** State that survives a reload of this tab, and a redirect to sign in. */
export function useStored<T>(key: string, initial: T): [T, (value: T | ((before: T) => T)) => void] {
  const [value, setValue] = useState<T>(() => restored(key) ?? initial);
  useEffect(() => sessionStorage.setItem(key, JSON.stringify(value)), [key, value]);
  return [value, setValue];
}

function restored<T>(key: string): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") as T | null;
  } catch {
    return null;
  }
}
