/** Files into a folder of the person's, by the File System Access API. */
import { SignedOut } from "../api/errors";
import type { Link } from "../api/types";

type Stored = Pick<Link, "downloadUrl" | "filename" | "size">;

interface Handle {
  createWritable(): Promise<WritableStream>;
  getFile(): Promise<{ size: number }>;
}
export interface Folder {
  getFileHandle(name: string, options?: { create: boolean }): Promise<Handle>;
  removeEntry(name: string): Promise<void>;
}
type Picker = (options: { mode: "readwrite" }) => Promise<Folder>;

/** Chromium alone has it, on https and localhost. */
export function folderPicker(): Picker | undefined {
  const picker = (globalThis as { showDirectoryPicker?: Picker }).showDirectoryPicker;
  return picker?.bind(globalThis);
}

/**
 * Streams each file into the folder, by a link that is signed when its turn has come. Nothing that lies there
 * is overwritten, and a file that fails is no end for the others: they are named in the error at the end.
 * The bucket must allow this page's origin (CORS).
 */
export async function saveToFolder(
  folder: Folder,
  fileIds: readonly number[],
  fresh: (fileId: number) => Promise<Stored | undefined>,
  told: (done: number) => void,
): Promise<void> {
  const failed: number[] = [];
  for (const [at, fileId] of fileIds.entries()) {
    try {
      await saveOne(folder, () => fresh(fileId));
    } catch (error) {
      if (error instanceof SignedOut) throw error;
      failed.push(fileId);
    }
    told(at + 1 - failed.length);
  }
  if (failed.length)
    throw new Error(`${String(failed.length)} of the files could not be saved: ${failed.join(", ")}.`);
}

async function saveOne(folder: Folder, fresh: () => Promise<Stored | undefined>): Promise<void> {
  const { link, body } = await opened(fresh, 2);
  const name = await freeName(folder, link.filename);
  const file = await folder.getFileHandle(name, { create: true });
  try {
    await body.pipeTo(await file.createWritable());
    if ((await file.getFile()).size !== link.size) throw new Error(`${link.filename} came incomplete.`);
  } catch (error) {
    await folder.removeEntry(name);
    throw error;
  }
}

/** The bytes behind a link; a link that was refused is signed again, once. */
async function opened(
  fresh: () => Promise<Stored | undefined>,
  tries: number,
): Promise<{ link: Stored; body: ReadableStream }> {
  const link = await fresh();
  if (!link) throw new Error("The file has no link.");
  const answer = await fetch(link.downloadUrl);
  if (answer.status === 403 && tries > 1) return opened(fresh, tries - 1);
  if (!answer.ok || !answer.body) throw new Error(`${link.filename} could not be fetched.`);
  return { link, body: answer.body };
}

/** `a.zip`, or `a (2).zip` where that is there already. */
async function freeName(folder: Folder, name: string): Promise<string> {
  const dot = name.lastIndexOf(".") > 0 ? name.lastIndexOf(".") : name.length;
  for (let copy = 1; ; copy += 1) {
    const tried = copy === 1 ? name : `${name.slice(0, dot)} (${String(copy)})${name.slice(dot)}`;
    if (!(await exists(folder, tried))) return tried;
  }
}

async function exists(folder: Folder, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return false;
    // A folder of that name, or one that may not be read: another name is the safe answer.
    if (error instanceof DOMException && error.name === "TypeMismatchError") return true;
    throw error;
  }
}
