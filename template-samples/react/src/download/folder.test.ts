import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { SignedOut, Unreachable } from "../api/errors";
import { saveToFolder, type Folder } from "./folder";

/** A folder in memory. */
function folder(before: Record<string, string> = {}) {
  const held = new Map(Object.entries(before));
  const made: Folder = {
    getFileHandle: async (name, options) => {
      if (!held.has(name)) {
        if (!options?.create) throw new DOMException("none", "NotFoundError");
        held.set(name, "");
      }
      return {
        createWritable: async () =>
          new WritableStream<Uint8Array>({
            write: (chunk) => void held.set(name, held.get(name) + new TextDecoder().decode(chunk)),
          }),
        getFile: async () => ({ size: held.get(name)?.length ?? 0 }),
      };
    },
    removeEntry: async (name) => void held.delete(name),
  };
  return { made, held };
}

const link = (id: number, size = 4) => ({ downloadUrl: `https://s3/${String(id)}`, filename: "a.zip", size });
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  fetched.mockReset();
  fetched.mockImplementation(async () => new Response("four"));
  vi.stubGlobal("fetch", fetched);
});
afterEach(() => void vi.unstubAllGlobals());

it("overwrites nothing: files of one name are told apart", async () => {
  const { made, held } = folder({ "a.zip": "mine" });
  const told = vi.fn();
  await saveToFolder(made, [1, 2], async (id) => link(id), told);
  expect([...held.entries()]).toEqual([
    ["a.zip", "mine"],
    ["a (2).zip", "four"],
    ["a (3).zip", "four"],
  ]);
  expect(told.mock.lastCall).toEqual([2]);
});

it("asks for a link at each file's turn, and once more where it has ended", async () => {
  fetched.mockResolvedValueOnce(new Response("<Error/>", { status: 403 }));
  const { made, held } = folder();
  const fresh = vi.fn(async (id: number) => link(id));
  await saveToFolder(made, [1], fresh, vi.fn());
  expect(fresh).toHaveBeenCalledTimes(2);
  expect(held.get("a.zip")).toBe("four");
});

it("goes on after a file that failed or came incomplete, leaves none of it, and names it", async () => {
  const { made, held } = folder();
  const fresh = async (id: number) => {
    if (id === 1) throw new Unreachable();
    return link(id, id === 2 ? 5 : 4);
  };
  const told = vi.fn();
  await expect(saveToFolder(made, [1, 2, 3], fresh, told)).rejects.toThrow(
    "2 of the files could not be saved: 1, 2.",
  );
  expect([...held.keys()]).toEqual(["a.zip"]);
  expect(told.mock.lastCall).toEqual([1]);
});

it("stops where the sign-in has ended", async () => {
  const fresh = vi.fn(async () => Promise.reject(new SignedOut()));
  await expect(saveToFolder(folder().made, [1, 2], fresh, vi.fn())).rejects.toThrow(SignedOut);
  expect(fresh).toHaveBeenCalledOnce();
});
