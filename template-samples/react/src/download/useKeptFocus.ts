import { useEffect, useRef, type FocusEvent, type RefObject } from "react";

/** When the focused button goes away (Cancel, at the end), the focus goes to the heading, not to nowhere. */
export function useKeptFocus(home: RefObject<HTMLElement | null>) {
  const last = useRef<Element | null>(null);
  useEffect(() => {
    if (last.current?.isConnected === false && document.activeElement === document.body)
      home.current?.focus({ preventScroll: true });
  });
  return {
    onFocusCapture: (event: FocusEvent) => {
      last.current = event.target;
    },
    // Only a focus that left for another element is no longer ours; a removed button tells of none.
    onBlurCapture: (event: FocusEvent) => {
      if (event.target.isConnected && event.relatedTarget) last.current = null;
    },
  };
}
