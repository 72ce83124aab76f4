import { useRef, useState, type FormEvent } from "react";
import {
  Button,
  Checkbox,
  Form,
  GridList,
  GridListItem,
  Input,
  Label,
  Radio,
  RadioGroup,
  Text,
  TextField,
} from "react-aria-components";

import type { Priority } from "../api/types";
import { Problem } from "../download/Problem";
import { useStartDownload } from "../download/useDownload";
import { listWords, sizeWords } from "../download/words";
import type { CatalogueFile } from "./config";
import type { Picked } from "./Workbench";

interface Props {
  catalogue: CatalogueFile[];
  picked: Picked;
  onPick(picked: Picked): void;
  onStarted(jobId: string): void;
}

export function StartForm({ catalogue, picked, onPick, onStarted }: Props) {
  const start = useStartDownload();
  const key = useRef({ order: "", key: "" });
  const [shown, setShown] = useState("");
  const typed = typedWords(picked.others);
  const ids = [...new Set([...picked.ids, ...typed.ids])];
  const found = catalogue.filter((file) =>
    `${file.name} ${String(file.id)}`.toLowerCase().includes(shown.toLowerCase()),
  );

  const send = () => {
    const order = {
      file_ids: ids,
      priority: picked.priority,
      ...(picked.zip ? { bundle: "zip" as const } : {}),
    };
    const text = JSON.stringify(order);
    // A try again of the same order is the same order: it must not make a second job.
    if (key.current.order !== text) key.current = { order: text, key: crypto.randomUUID() };
    start.mutate(
      { order, key: key.current.key },
      {
        onSuccess: ({ jobId }) => {
          key.current = { order: "", key: "" };
          onPick({ ...picked, ids: [], others: "" });
          onStarted(jobId);
        },
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ids.length && !start.isPending) send();
  };
  const choose = (visible: "all" | Set<string | number>) => {
    const kept = picked.ids.filter((id) => !found.some((file) => file.id === id));
    const chosen = visible === "all" ? found.map((file) => file.id) : [...visible].map(Number);
    onPick({ ...picked, ids: [...kept, ...chosen] });
  };

  return (
    <section className="card start" aria-labelledby="pick">
      <h2 id="pick" tabIndex={-1}>
        Pick files
      </h2>
      <Form onSubmit={submit} aria-label="Start a download">
        {catalogue.length > 8 && (
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
          selectedKeys={picked.ids}
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
        <TextField value={picked.others} onChange={(others) => onPick({ ...picked, others })}>
          <Label>Other file ids</Label>
          <Input inputMode="numeric" placeholder="70000, 70007" />
          <Text slot="description">Separated by spaces or commas</Text>
          {typed.odd.length > 0 && (
            <p className="hint odd" role="status">
              Not a file id: {listWords(typed.odd)}
            </p>
          )}
        </TextField>
        <RadioGroup
          className="radios"
          value={picked.priority}
          onChange={(priority) => onPick({ ...picked, priority: priority as Priority })}
        >
          <Label>Priority</Label>
          <div>
            <Radio value="normal">Normal</Radio>
            <Radio value="high">High</Radio>
          </div>
        </RadioGroup>
        <Checkbox className="checkbox" isSelected={picked.zip} onChange={(zip) => onPick({ ...picked, zip })}>
          <span className="box" aria-hidden />
          One zip archive
        </Checkbox>
        {start.error ? <Problem key={start.submittedAt} error={start.error} again={send} /> : null}
        <div className="start-row">
          <Button className="button primary" type="submit" aria-disabled={!ids.length || start.isPending}>
            {start.isPending ? "Starting…" : "Start download"}
          </Button>
          <span className="hint">{ids.length ? `${String(ids.length)} picked` : "Nothing picked yet"}</span>
        </div>
      </Form>
    </section>
  );
}

/** What was typed: ids, and words that are none. */
function typedWords(text: string): { ids: number[]; odd: string[] } {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  const isId = (word: string) => /^[0-9]{1,9}$/.test(word);
  return { ids: words.filter(isId).map(Number), odd: [...new Set(words.filter((word) => !isId(word)))] };
}
