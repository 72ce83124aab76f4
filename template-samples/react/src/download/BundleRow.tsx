import { Label, ProgressBar } from "react-aria-components";

import type { Bundle } from "../api/types";
import { sizeWords } from "./words";

/** The one archive of a job, while it is made and after. */
export function BundleRow({ bundle }: { bundle: Bundle }) {
  if (bundle.status === "failed") {
    return <p className="bundle">The archive could not be made: {bundle.error ?? "no file was ready."}</p>;
  }
  return (
    <ProgressBar
      className="progress bundle"
      value={bundle.percentage}
      valueLabel={words(bundle)}
      data-state={bundle.status}
    >
      {({ percentage, valueText }) => (
        <>
          <div className="progress-words">
            <Label>Archive</Label>
            <span>{valueText}</span>
          </div>
          <div className="track">
            <div className="fill" style={{ width: `${String(percentage ?? 0)}%` }} />
          </div>
        </>
      )}
    </ProgressBar>
  );
}

function words({ status, bytesDone, bytesTotal, leftOut }: Bundle): string {
  const short = leftOut ? `, without ${String(leftOut)} of the files` : "";
  if (status === "completed") return `Ready, ${sizeWords(bytesTotal) || "one zip"}${short}`;
  if (status === "pending") return "Follows once the files are ready";
  return bytesTotal ? `${sizeWords(bytesDone ?? 0)} of ${sizeWords(bytesTotal)}` : "Being made";
}
