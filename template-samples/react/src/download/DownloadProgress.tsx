import { X } from "lucide-react";
import { useId, useMemo, useRef, useState } from "react";
import { Button, Label, ProgressBar } from "react-aria-components";

import { JobActions } from "./JobActions";
import { BundleRow } from "./BundleRow";
import { FileRows } from "./FileRows";
import { Problem } from "./Problem";
import { save } from "./saving";
import { ended } from "./state";
import { announcement } from "./announcement";
import { useDownload } from "./useDownload";
import { useKeptFocus } from "./useKeptFocus";
import { useNow } from "./useNow";
import { jobWords, progressWords, timeLeftWords, titleWords } from "./words";
import { ServiceError, SignedOut } from "../api/errors";
import type { Fault, View } from "./view";

interface Props {
  jobId: string;
  /** What people call the files, by id. */
  names?: ReadonlyMap<number, string>;
  /** Shown as a button once the job has ended. */
  onClose?: () => void;
}

/** One download as it goes on: a bar for the job, a row a file, and all that can be done with it. */
export function DownloadProgress({ jobId, names, onClose }: Props) {
  const download = useDownload(jobId);
  const { job, fileIds, loading, running, readyAt, fault } = download;
  const state = loading ? "loading" : job.status;
  const [failure, setFailure] = useState<unknown>(null);
  const heading = useId();
  const title = useRef<HTMLHeadingElement>(null);
  const keepFocus = useKeptFocus(title);
  const now = useNow(running ? Infinity : undefined);
  const rows = useMemo(
    () =>
      fileIds.map((id) => ({ id, name: names?.get(id) ?? `File ${String(id)}`, file: job.files.get(id) })),
    [fileIds, job.files, names],
  );
  const saveOne = (id: number) => {
    setFailure(null);
    download.freshLink(id).then((link) => link && save(link, setFailure), setFailure);
  };
  const results = job.progress.completed + job.progress.failed;
  const failedShare = results ? job.progress.failed / results : 0;
  const problem = failure ?? download.cancel.error ?? download.retry.error ?? (fault && errorOf(fault));

  return (
    <section
      className="card job"
      aria-labelledby={heading}
      data-job-id={jobId}
      data-status={state}
      data-way={download.way}
      data-live={download.connected}
      {...keepFocus}
    >
      <header className="job-head">
        <h3 id={heading} tabIndex={-1} ref={title}>
          {titleWords(job)} <code>{jobId.slice(0, 8)}</code>
        </h3>
        {!loading && (
          <span className="chip" data-state={job.progress.failed && state === "completed" ? "partly" : state}>
            {jobWords(job)}
          </span>
        )}
        {onClose && (ended(job.status) || fault) && (
          <Button className="icon-button" aria-label="Close" onPress={onClose}>
            <X aria-hidden size={18} />
          </Button>
        )}
      </header>
      <ProgressBar
        className="progress"
        value={job.progress.percentage}
        valueLabel={progressWords(job)}
        data-state={state}
      >
        {({ percentage, valueText }) => (
          <>
            <Label className="hidden">Progress</Label>
            <div className="track">
              <div className="fill" style={{ width: `${String((percentage ?? 0) * (1 - failedShare))}%` }} />
              <div className="fill bad" style={{ width: `${String((percentage ?? 0) * failedShare)}%` }} />
            </div>
            <div className="progress-words">
              <span>{valueText}</span>
              <span>{running ? timeLeftWords(readyAt, now) : ""}</span>
            </div>
          </>
        )}
      </ProgressBar>
      <JobActions download={download} onFailure={setFailure} />
      {problem ? (
        <Problem error={problem} again={fault && !failure ? download.reconnect : undefined} />
      ) : null}
      {job.bundle && <BundleRow bundle={job.bundle} />}
      {!loading && <FileRows rows={rows} jobEnded={ended(job.status)} now={now} onDownload={saveOne} />}
      {(running || loading) && !fault && <p className="way">{wayWords(download)}</p>}
      <p role="status" className="hidden">
        {loading ? "" : announcement(job)}
      </p>
    </section>
  );
}

function wayWords({ connected, way, job }: View): string {
  if (!connected && !navigator.onLine) return "Offline";
  if (!connected) return job.version ? "Reconnecting…" : "Connecting…";
  return way === "polling" ? "Checked every few seconds" : "Live";
}

function errorOf(fault: Fault): Error {
  if (fault === "signedOut") return new SignedOut();
  if (fault === "gone") return new ServiceError(404, "JOB_NOT_FOUND", "");
  return new ServiceError(400, "REFUSED", "The service refused to tell how this download goes.");
}
