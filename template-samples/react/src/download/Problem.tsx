import { CircleAlert } from "lucide-react";
import { Button } from "react-aria-components";

import { passing, ServiceError, SignedOut, Unreachable } from "../api/errors";
import { useNow } from "./useNow";
import { listWords } from "./words";

/** An error in words, with what to do next; `again` is offered unless the same would be refused again. */
export function Problem({
  error,
  again,
  title: given,
}: {
  error: unknown;
  again?: () => void;
  title?: string;
}) {
  const wait = useSecondsUntil(error instanceof ServiceError ? error.retryAt : undefined);
  const { title, next } = problemWords(error, given);
  const hopeless = error instanceof ServiceError && !passing(error);
  return (
    <div className="problem">
      <CircleAlert aria-hidden size={18} />
      {/* Without the button: its countdown would be read out each second. */}
      <div role="alert">
        <strong>{title}</strong> {next}
        {error instanceof ServiceError && error.requestId && <small>Request {error.requestId}</small>}
      </div>
      {again && !hopeless && (
        <Button className="button" aria-disabled={wait > 0} onPress={() => wait > 0 || again()}>
          {wait > 0 ? `Try again in ${String(wait)} s` : "Try again"}
        </Button>
      )}
    </div>
  );
}

export function problemWords(
  error: unknown,
  otherwise = "Something went wrong.",
): { title: string; next: string } {
  if (error instanceof SignedOut)
    return { title: "Your sign-in has ended.", next: "Sign in again; what you picked stays." };
  if (error instanceof Unreachable) {
    if (error.offline)
      return {
        title: "You are offline.",
        next: "Try again once you are back: nothing is sent later by itself.",
      };
    return { title: "The service cannot be reached.", next: "Check your connection, then try again." };
  }
  if (!(error instanceof ServiceError))
    return { title: otherwise, next: error instanceof Error ? error.message : "" };
  switch (error.code) {
    case "RATE_LIMITED":
      return { title: "That was a little fast.", next: "You have started many downloads in a short time." };
    case "TOO_MANY_OPEN_JOBS":
      return { title: "Too many downloads at once.", next: "Wait until one has ended, or cancel one." };
    case "JOB_NOT_FOUND":
      return { title: "This download is gone.", next: "Downloads are kept for a day: start a new one." };
    case "SERVICE_UNAVAILABLE":
      return { title: "The service is busy.", next: "Try again in a moment." };
    default:
      return { title: error.message, next: error.details.length ? `${listWords(error.details)}.` : "" };
  }
}

/** Counts down to a moment, then stands still. */
function useSecondsUntil(moment: number | undefined): number {
  const now = useNow(moment);
  return moment ? Math.max(0, Math.ceil((moment - now) / 1000)) : 0;
}
