import { useState } from "react";
import { Button } from "react-aria-components";

import { folderPicker, saveToFolder } from "./folder";
import { saveEach, type Saved } from "./saving";
import type { useDownload } from "./useDownload";

interface Props {
  download: ReturnType<typeof useDownload>;
  onFailure(error: unknown): void;
}

/** From here on, a hint that one archive would be the easier way. */
const MANY = 10;

export function JobActions({ download, onFailure }: Props) {
  const { job, running, cancel, retry } = download;
  const [saving, setSaving] = useState("");
  const ready = job.progress.completed;
  const picker = folderPicker();
  const archived = job.bundle?.status === "completed";
  const unfinished = job.progress.failed > 0 || (job.status === "failed" && ready < job.progress.total);

  const get = async (words: string, act: () => Promise<void>) => {
    if (saving) return;
    onFailure(null);
    setSaving(words);
    try {
      await act();
    } catch (error) {
      onFailure(error);
    } finally {
      setSaving("");
    }
  };
  const getAll = () => get("Starting…", async () => saveEach(await everyLink(download), onFailure));
  const getArchives = () =>
    get("Starting…", async () => {
      const { bundle } = await download.freshLinks();
      // None where the service says why: the caller may not have all of it any more.
      if (!bundle?.archives) throw new Error(bundle?.error ?? "There is no archive.");
      await saveEach(bundle.archives, onFailure);
    });
  const toFolder = async (pick: NonNullable<typeof picker>) => {
    if (saving) return;
    // Asked for first: the picker opens only while the press is fresh.
    const folder = await pick({ mode: "readwrite" }).catch(() => null);
    if (!folder) return;
    const ids = [...job.files.values()]
      .filter((file) => file.status === "completed")
      .map((file) => file.file_id);
    const told = (done: number) => setSaving(`${String(done)} of ${String(ids.length)} saved`);
    await get("Saving…", () => saveToFolder(folder, ids, download.freshLink, told));
  };

  // Busy buttons are `aria-disabled` and do nothing: a disabled one would lose the focus.
  return (
    <div className="actions">
      {archived && (
        <Button className="button primary" aria-disabled={!!saving} onPress={() => void getArchives()}>
          Download archive
        </Button>
      )}
      {!running && ready > 0 && (
        <Button
          className={archived ? "button" : "button primary"}
          aria-disabled={!!saving}
          onPress={() => void getAll()}
        >
          Download all
        </Button>
      )}
      {!running && ready > 1 && picker && (
        <Button className="button" aria-disabled={!!saving} onPress={() => void toFolder(picker)}>
          Save to a folder
        </Button>
      )}
      {running && (
        <Button
          className="button"
          aria-disabled={cancel.isPending}
          onPress={() => cancel.isPending || cancel.mutate()}
        >
          {cancel.isPending ? "Cancelling…" : "Cancel"}
        </Button>
      )}
      {!running && job.status !== "cancelled" && unfinished && (
        <Button
          className="button"
          aria-disabled={retry.isPending}
          onPress={() => retry.isPending || retry.mutate()}
        >
          Retry failed
        </Button>
      )}
      {saving && <span className="hint">{saving}</span>}
      {!running && !archived && ready > MANY && (
        <p className="hint">
          Your browser asks once whether this page may save several files. For many files, one zip archive is
          easier.
        </p>
      )}
    </div>
  );
}

async function everyLink(download: Props["download"]): Promise<Saved[]> {
  const links: Saved[] = [];
  let cursor: string | undefined;
  do {
    const page = await download.freshLinks(cursor);
    links.push(...page.files);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return links;
}
