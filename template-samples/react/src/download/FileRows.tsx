import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";

import { FileRow, type Row, type RowTraits } from "./FileRow";

const ROW_PX = 60;
/** Below this many, plain rows: find-in-page and screen readers then have them all. */
const VIRTUAL_FROM = 60;

interface Props extends RowTraits {
  rows: readonly Row[];
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
