import { useInfiniteQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "react-aria-components";

import type { JobSummary } from "../api/types";
import { useDownloads } from "../download/context";
import { Problem } from "../download/Problem";
import { JOBS } from "../download/useDownload";
import { useKeptFocus } from "../download/useKeptFocus";
import { countWords, jobWords } from "../download/words";

const time = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "numeric",
  minute: "2-digit",
});

/** The person's jobs that are not in sight, newest first. */
export function EarlierJobs({ hidden, onShow }: { hidden: string[]; onShow(jobId: string): void }) {
  const { service } = useDownloads();
  const title = useRef<HTMLHeadingElement>(null);
  const keepFocus = useKeptFocus(title);
  const list = useInfiniteQuery({
    queryKey: JOBS,
    queryFn: ({ pageParam }) => service.jobs(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const jobs =
    list.data?.pages.flatMap((page) => page.jobs).filter((job) => !hidden.includes(job.jobId)) ?? [];
  return (
    <section aria-labelledby="earlier" className="stack" {...keepFocus}>
      <h2 id="earlier" tabIndex={-1} ref={title}>
        Earlier downloads
      </h2>
      {list.error ? <Problem error={list.error} again={() => void list.refetch()} /> : null}
      {list.isSuccess && !jobs.length && <p className="card empty">None yet.</p>}
      {jobs.length > 0 && (
        <ul className="card earlier" aria-label="Earlier downloads">
          {jobs.map((job) => (
            <EarlierJob key={job.jobId} job={job} onShow={() => onShow(job.jobId)} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          className="button quiet"
          aria-disabled={list.isFetchingNextPage}
          onPress={() => void (list.isFetchingNextPage || list.fetchNextPage())}
        >
          Show more
        </Button>
      )}
    </section>
  );
}

function EarlierJob({ job, onShow }: { job: JobSummary; onShow(): void }) {
  const { jobId, status, progress, createdAt } = job;
  const short = jobId.slice(0, 8);
  const files = countWords(progress.total);
  const begun = time.format(new Date(createdAt));
  const ready = progress.completed === progress.total ? "" : ` · ${String(progress.completed)} ready`;
  return (
    <li>
      <span className="chip" data-state={status === "completed" && progress.failed ? "partly" : status}>
        {jobWords({ status, progress })}
      </span>
      <span className="earlier-what">
        <span>
          {files}
          {ready} <code>{short}</code>
        </span>
        <small>{begun}</small>
      </span>
      <Button className="button quiet" aria-label={`Show ${short}, ${files}, ${begun}`} onPress={onShow}>
        Show
      </Button>
    </li>
  );
}
