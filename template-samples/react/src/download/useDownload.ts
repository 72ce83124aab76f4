import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

import { ServiceError } from "../api/errors";
import type { Order } from "../api/types";
import { useDownloads } from "./context";
import { ended, unheard } from "./state";
import { useEstimate } from "./useEstimate";

export const JOBS = ["downloads"];

/** Starts a job. The same `Idempotency-Key` goes with every try of one order: it makes one job, never two. */
export function useStartDownload() {
  const { service, subscription } = useDownloads();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ order, key }: { order: Order; key: string }) => service.initiate(order, key),
    onSuccess: (accepted, { order }) => {
      subscription(accepted.jobId, order.file_ids);
      // Nobody waits for it: the new job is shown at once.
      void queries.invalidateQueries({ queryKey: JOBS });
    },
  });
}

/** A job as it goes on, and what can be done to it. Any component may watch the same job. */
export function useDownload(jobId: string) {
  const { service, subscription } = useDownloads();
  const watched = subscription(jobId);
  const view = useSyncExternalStore(watched.listen, watched.view);
  const loading = unheard(view.job);
  const running = !loading && !ended(view.job.status);

  const queries = useQueryClient();
  useEstimate(watched, service, running && view.connected && view.way !== "polling");
  // Lists of jobs are old when it ends, when it goes on again, and when nobody watches it any more.
  useEffect(() => () => void queries.invalidateQueries({ queryKey: JOBS }), [running, queries]);
  const cancel = useMutation({
    mutationFn: async () => watched.take(await cancelled(jobId)),
  });
  const retry = useMutation({
    mutationFn: () => service.retry(jobId),
    onSuccess: () => watched.reopen(),
  });

  /** A cancel that comes after the end is no error: the subscription tells how it ended. */
  async function cancelled(id: string) {
    try {
      return await service.cancel(id);
    } catch (error) {
      if (error instanceof ServiceError && error.code === "JOB_ENDED") return (await service.status(id)).body;
      throw error;
    }
  }

  return {
    ...view,
    /** Nothing is known of it yet but its id. */
    loading,
    running,
    /** Milliseconds by this browser's clock, or null where the service cannot tell. */
    readyAt: running ? (view.job.readyAt ?? null) : null,
    cancel,
    retry,
    reconnect: watched.restart,
    /** A link to one file, signed at this moment. */
    freshLink: async (fileId: number) => (await service.link(jobId, fileId)).files[0],
    /** Links to the files that are ready, a page at a time, and to the archive. */
    freshLinks: (cursor?: string) => service.links(jobId, cursor),
  };
}
