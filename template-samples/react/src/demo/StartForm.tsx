import { useRef, type FormEvent } from "react";
import {
  Button,
  Checkbox,
  Form,
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
import { listWords } from "../download/words";
import { Catalogue } from "./Catalogue";
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
  const typed = typedWords(picked.others);
  const ids = [...new Set([...picked.ids, ...typed.ids])];

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
          // What was no id stays, to be mended: it is in no job.
          onPick({ ...picked, ids: [], others: typed.odd.join(" ") });
          onStarted(jobId);
        },
      },
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ids.length && !start.isPending) send();
  };

  return (
    <section className="card start" aria-labelledby="pick">
      <h2 id="pick" tabIndex={-1}>
        Pick files
      </h2>
      <Form onSubmit={submit} aria-label="Start a download">
        <Catalogue files={catalogue} picked={picked.ids} onPick={(ids) => onPick({ ...picked, ids })} />
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
