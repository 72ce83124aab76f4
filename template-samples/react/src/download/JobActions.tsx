import { useState } from "react";
import { Button } from "react-aria-components";

import { folderPicker, saveEach, saveToFolder, type Saved } from "./saving";
import type { useDownload } from "./useDownload";

interface Props {
  download: ReturnType<typeof useDownload>;
  onFailure(error: unknown): void;
  onClose?: () => void;
}

/** From here on, a hint that one archive would be the easier way. */
const MANY = 10;

export function JobActions({ download, onFailure, onClose }: Props) {
  const { job, running, cancel, retry } = download;
  const [saving, setSaving] = useState("");
  const ready = job.progress.completed;
  const picker = folderPicker();
  const archived = job.bundle?.status === "completed";
  const unfinished = job.progress.failed > 0 || (job.status === "failed" && ready < job.progress.total);

  const get = async (words: string, act: (links: Saved[]) => Promise<void>) => {
    onFailure(null);
    setSaving(words);
    try {
      await act(await everyLink(download));
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) onFailure(error);
    } finally {
      setSaving("");
    }
  };
  const getArchives = async () => {
    onFailure(null);
    try {
      const { bundle } = await download.freshLinks();
      // None where the service says why: the caller may not have all of it any more.
      if (!bundle?.archives) throw new Error(bundle?.error ?? "There is no archive.");
      await saveEach(bundle.archives);
    } catch (error) {
      onFailure(error);
    }
  };
  const toFolder = async (pick: NonNullable<typeof picker>) => {
    // Asked for first: the picker opens only while the press is fresh.
    const folder = await pick({ mode: "readwrite" }).catch(() => null);
    if (!folder) return;
    await get("Saving…", (links) =>
      saveToFolder(folder, links, (done) => setSaving(`${String(done)} of ${String(links.length)} saved`)),
    );
  };

  return (
    <div className="actions">
      {archived && (
        <Button className="button primary" onPress={() => void getArchives()}>
          Download archive
        </Button>
      )}
      {!running && ready > 0 && (
        <Button
          className={archived ? "button" : "button primary"}
          isDisabled={!!saving}
          onPress={() => void get("Starting…", saveEach)}
        >
          Download all
        </Button>
      )}
      {!running && ready > 1 && picker && (
        <Button className="button" isDisabled={!!saving} onPress={() => void toFolder(picker)}>
          Save to a folder
        </Button>
      )}
      {running && (
        <Button className="button" isDisabled={cancel.isPending} onPress={() => cancel.mutate()}>
          {cancel.isPending ? "Cancelling…" : "Cancel"}
        </Button>
      )}
      {!running && job.status !== "cancelled" && unfinished && (
        <Button className="button" isDisabled={retry.isPending} onPress={() => retry.mutate()}>
          Retry failed
        </Button>
      )}
      {!running && onClose && (
        <Button className="button quiet" onPress={onClose}>
          Close
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
