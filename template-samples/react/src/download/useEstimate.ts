import { useEffect } from "react";

import type { Service } from "../api/service";
import type { Subscription } from "./subscription";

const LEAST_MS = 5_000;

/** Asks when the job will be ready, which frames do not tell: when something changed, each 5 s at most. */
export function useEstimate(watched: Subscription, service: Service, wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return;
    let asked: number | undefined;
    const ask = () => {
      const { jobId, version } = watched.view().job;
      if (version === asked) return;
      asked = version;
      service.status(jobId, 0).then(
        ({ body }) => watched.take(body),
        () => (asked = undefined), // An estimate is a hint: it is asked for again, and nobody is told.
      );
    };
    ask();
    const timer = setInterval(ask, LEAST_MS);
    return () => clearInterval(timer);
  }, [watched, service, wanted]);
}
