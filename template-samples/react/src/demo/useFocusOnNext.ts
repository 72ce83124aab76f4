import { useCallback, useLayoutEffect, useRef, type RefObject } from "react";

/** Signing in and out puts another view in the place of what had the focus, which would then be nowhere: once
 * asked for, the heading of the view that comes next has it. */
export function useFocusOnNext(view: unknown): [RefObject<HTMLElement | null>, () => void] {
  const place = useRef<HTMLElement>(null);
  const wanted = useRef(false);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    place.current?.querySelector<HTMLElement>("h2[tabindex]")?.focus();
  }, [view]);
  return [place, useCallback(() => void (wanted.current = true), [])];
}
