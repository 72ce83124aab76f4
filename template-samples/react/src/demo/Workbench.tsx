import { useMemo } from "react";

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
  const show = (jobId: string) => onJobs((before) => [jobId, ...before.filter((each) => each !== jobId)]);
  const close = (jobId: string) => onJobs((before) => before.filter((each) => each !== jobId));
  return (
    <div className="workbench">
      <StartForm catalogue={catalogue} picked={picked} onPick={onPick} onStarted={show} />
      <div className="column">
        <section aria-labelledby="current" className="stack">
          <h2 id="current">Downloads</h2>
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
