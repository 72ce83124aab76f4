import { useState } from "react";
import { Checkbox, GridList, GridListItem, Input, Label, TextField } from "react-aria-components";

import { sizeWords } from "../download/words";
import type { CatalogueFile } from "./config";

const FILTER_FROM = 9;

interface Props {
  files: CatalogueFile[];
  picked: number[];
  onPick(ids: number[]): void;
}

/** The files on offer, to be picked; from nine on with a filter, which leaves picked what it hides. */
export function Catalogue({ files, picked, onPick }: Props) {
  const [shown, setShown] = useState("");
  const found = files.filter((file) =>
    `${file.name} ${String(file.id)}`.toLowerCase().includes(shown.toLowerCase()),
  );
  const choose = (visible: "all" | Set<string | number>) => {
    const kept = picked.filter((id) => !found.some((file) => file.id === id));
    const chosen = visible === "all" ? found.map((file) => file.id) : [...visible].map(Number);
    onPick([...kept, ...chosen]);
  };

  return (
    <>
      {files.length >= FILTER_FROM && (
        <TextField value={shown} onChange={setShown} type="search">
          <Label>Filter</Label>
          <Input
            placeholder="Name or number"
            onKeyDown={(event) => {
              // Enter in a search looks for something; it starts no download.
              if (event.key === "Enter") event.preventDefault();
            }}
          />
        </TextField>
      )}
      <GridList
        className="catalogue"
        aria-label="Files to pick"
        items={found}
        selectionMode="multiple"
        selectedKeys={picked}
        onSelectionChange={choose}
        renderEmptyState={() => <p className="hint">No file is called that.</p>}
      >
        {(file) => (
          <GridListItem id={file.id} textValue={file.name} className="catalogue-file">
            <Checkbox slot="selection" className="checkbox">
              <span className="box" aria-hidden />
            </Checkbox>
            <span className="catalogue-name">{file.name}</span>
            <small>{sizeWords(file.size)}</small>
          </GridListItem>
        )}
      </GridList>
    </>
  );
}
