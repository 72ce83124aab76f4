import { Archive, Check, CircleDashed, Download, LoaderCircle, Minus, TriangleAlert } from "lucide-react";
import type { CSSProperties } from "react";
import { Button } from "react-aria-components";

import type { FileState } from "../api/types";
import { fileWords, sizeWords, timeLeftWords } from "./words";

export interface Row {
  id: number;
  name: string;
  file: FileState | undefined;
}

/** What all rows of a job have in common. */
export interface RowTraits {
  jobEnded: boolean;
  now: number;
  onDownload(id: number): void;
}

interface Props extends RowTraits {
  row: Row;
  /** Which of how many, where only those in sight are in the page. */
  place?: [number, number];
  style?: CSSProperties;
}

/** A file: its state, name, size or why it failed, and its download once it is ready. */
export function FileRow({ row, jobEnded, now, onDownload, place, style }: Props) {
  const { file } = row;
  const said = fileWords(file, jobEnded);
  const left = file?.code === "RESTORING" ? timeLeftWords(Date.parse(file.estimatedReadyAt ?? ""), now) : "";
  const detail = [String(row.id), sizeWords(file?.size), left].filter(Boolean).join(" · ");
  return (
    <li
      className="file"
      data-file-id={row.id}
      aria-posinset={place?.[0]}
      aria-setsize={place?.[1]}
      style={style}
    >
      <Mark file={file} jobEnded={jobEnded} />
      <div className="file-name">
        <span>{row.name}</span>
        <small>{file?.status === "failed" ? (file.error ?? "It could not be prepared.") : detail}</small>
      </div>
      <span className="file-state" data-state={file?.status ?? "pending"}>
        {said}
      </span>
      {file?.status === "completed" ? (
        <Button
          className="icon-button"
          aria-label={`Download ${row.name}`}
          onPress={() => onDownload(row.id)}
        >
          <Download aria-hidden size={18} />
        </Button>
      ) : (
        <span className="icon-button-gap" />
      )}
    </li>
  );
}

function Mark({ file, jobEnded }: { file: FileState | undefined; jobEnded: boolean }) {
  const state = file?.code === "RESTORING" ? "restoring" : (file?.status ?? "pending");
  const Icon = {
    restoring: Archive,
    completed: Check,
    failed: TriangleAlert,
    processing: LoaderCircle,
    pending: jobEnded ? Minus : CircleDashed,
  }[state];
  return (
    <span className="mark" data-state={state} aria-hidden>
      <Icon size={16} />
    </span>
  );
}
