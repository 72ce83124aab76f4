import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { Archive, Check, CircleDashed, Download, LoaderCircle, Minus, TriangleAlert } from "lucide-react";
import { useRef, useState, type CSSProperties } from "react";
import { Button } from "react-aria-components";

import type { FileState } from "../api/types";
import { fileWords, sizeWords, timeLeftWords } from "./words";

const ROW_PX = 60;
/** Below this many, plain rows: find-in-page and screen readers then have them all. */
const VIRTUAL_FROM = 60;

export interface Row {
  id: number;
  name: string;
  file: FileState | undefined;
}

interface Props {
  rows: readonly Row[];
  jobEnded: boolean;
  now: number;
  onDownload(id: number): void;
}

/** A row a file, by ascending id; only those in sight are in the page once they are many. */
export function FileRows(props: Props) {
  return props.rows.length < VIRTUAL_FROM ? <PlainRows {...props} /> : <VirtualRows {...props} />;
}

function PlainRows({ rows, ...rest }: Props) {
  return (
    <ul className="files" aria-label="Files">
      {rows.map((row) => (
        <FileRow key={row.id} row={row} {...rest} />
      ))}
    </ul>
  );
}

function VirtualRows({ rows, ...rest }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<number | null>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- no compiler runs here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => rows[at]?.id ?? at,
    overscan: 8,
    // A row that has the focus stays, or the focus would be nowhere.
    rangeExtractor: (range) => {
      const inSight = defaultRangeExtractor(range);
      if (focused === null || focused >= rows.length || inSight.includes(focused)) return inSight;
      return [...inSight, focused].sort((a, b) => a - b);
    },
  });
  return (
    // A region that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="files-box" ref={box} tabIndex={0} role="group" aria-label="Files, scrolls">
      <ul
        className="files virtual"
        aria-label="Files"
        style={{ height: virtual.getTotalSize() }}
        onFocus={({ target }) => setFocused(Number(target.closest("li")?.getAttribute("aria-posinset")) - 1)}
        onBlur={() => setFocused(null)}
      >
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index];
          const style = { transform: `translateY(${String(start)}px)` };
          return (
            row && <FileRow key={key} row={row} {...rest} place={[index + 1, rows.length]} style={style} />
          );
        })}
      </ul>
    </div>
  );
}

interface RowProps extends Omit<Props, "rows"> {
  row: Row;
  place?: [number, number];
  style?: CSSProperties;
}

function FileRow({ row, jobEnded, now, onDownload, place, style }: RowProps) {
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
