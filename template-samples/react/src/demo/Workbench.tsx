import { useEffect, useMemo, useRef } from "react";

import type { Priority } from "../api/types";
import { DownloadProgress } from "../download/DownloadProgress";
import type { CatalogueFile } from "./config";
import { EarlierJobs } from "./EarlierJobs";
import { StartForm } from "./StartForm";

export interface Picked {
  ids: number[];
  /** Further ids as they were typed. */
  others: string;
  priority: Priority;
  zip: boolean;
}

interface Props {
  catalogue: CatalogueFile[];
  picked: Picked;
  onPick(picked: Picked): void;
  /** Ids of the jobs in sight, newest first. */
  jobs: string[];
  onJobs(jobs: (before: string[]) => string[]): void;
}

export function Workbench({ catalogue, picked, onPick, jobs, onJobs }: Props) {
  const names = useMemo(() => new Map(catalogue.map((file) => [file.id, file.name])), [catalogue]);
  const list = useRef<HTMLElement>(null);
  const newest = useRef(jobs[0]);
  /** Which card takes the focus once it is there; "" is the section's heading. */
  const next = useRef<string | null>(null);
  // On a phone a new download appears below the form, out of sight.
  useEffect(() => {
    if (jobs[0] && jobs[0] !== newest.current)
      list.current?.querySelector("h3")?.scrollIntoView({ block: "nearest" });
    newest.current = jobs[0];
    if (next.current === null) return;
    const card = next.current && `[data-job-id="${next.current}"] h3`;
    list.current?.querySelector<HTMLElement>(card || "h2")?.focus({ preventScroll: true });
    next.current = null;
  }, [jobs]);
  const add = (jobId: string) => onJobs((before) => [jobId, ...before.filter((each) => each !== jobId)]);
  const show = (jobId: string) => {
    next.current = jobId;
    add(jobId);
  };
  const close = (jobId: string) => {
    const at = jobs.indexOf(jobId);
    next.current = jobs[at + 1] ?? jobs[at - 1] ?? "";
    onJobs((before) => before.filter((each) => each !== jobId));
  };
  return (
    <div className="workbench">
      <StartForm catalogue={catalogue} picked={picked} onPick={onPick} onStarted={add} />
      <div className="column">
        <section aria-labelledby="current" className="stack" ref={list}>
          <h2 id="current" tabIndex={-1}>
            Downloads
          </h2>
          {jobs.length === 0 && <p className="card empty">Pick some files and start: they appear here.</p>}
          {jobs.map((jobId) => (
            <DownloadProgress key={jobId} jobId={jobId} names={names} onClose={() => close(jobId)} />
          ))}
        </section>
        <EarlierJobs hidden={jobs} onShow={show} />
      </div>
    </div>
  );
}
