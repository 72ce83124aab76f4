/** From a presigned URL to the person's disk. The bytes come straight from the store. */
import type { Archive, Link } from "../api/types";

export type Saved = Pick<Link, "downloadUrl" | "filename"> | Pick<Archive, "downloadUrl" | "filename">;

/** Browsers drop programmatic downloads that follow each other too closely. */
const GAP_MS = 700;

/** The store answers with `Content-Disposition: attachment`, so the page stays where it is. */
export function save({ downloadUrl, filename }: Saved): void {
  const anchor = document.createElement("a");
  anchor.href = downloadUrl;
  anchor.download = filename;
  anchor.rel = "noreferrer";
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

/** One after another. Browsers ask once whether a page may do that; a page cannot know what was answered. */
export async function saveEach(links: readonly Saved[], gapMs = GAP_MS): Promise<void> {
  for (const [at, link] of links.entries()) {
    if (at) await new Promise((resolve) => setTimeout(resolve, gapMs));
    save(link);
  }
}

interface Directory {
  getFileHandle(
    name: string,
    options: { create: true },
  ): Promise<{ createWritable(): Promise<WritableStream> }>;
}
type Picker = (options: { mode: "readwrite" }) => Promise<Directory>;

/** The File System Access API: Chromium alone has it, on https and localhost. */
export function folderPicker(): Picker | undefined {
  const picker = (globalThis as { showDirectoryPicker?: Picker }).showDirectoryPicker;
  return picker?.bind(globalThis);
}

/** Streams each file into the folder. The bucket must allow this page's origin (CORS). */
export async function saveToFolder(
  folder: Directory,
  links: readonly Saved[],
  told: (done: number) => void,
): Promise<void> {
  for (const [at, link] of links.entries()) {
    const answer = await fetch(link.downloadUrl);
    if (!answer.ok || !answer.body) throw new Error(`${link.filename} could not be fetched.`);
    const file = await folder.getFileHandle(link.filename, { create: true });
    await answer.body.pipeTo(await file.createWritable());
    told(at + 1);
  }
}
