import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { KEPT_MS, save, saveEach } from "./saving";

const links = [1, 2].map((id) => ({
  downloadUrl: `https://s3/${String(id)}.zip`,
  filename: `${String(id)}.zip`,
}));
const frames = () => [...document.querySelectorAll("iframe")];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  for (const each of frames()) each.remove();
});

it("gives each file a frame of its own, so that none cancels another", async () => {
  const done = saveEach(links, vi.fn());
  await vi.advanceTimersByTimeAsync(1_000);
  await done;
  expect(frames().map((each) => [each.src, each.hidden])).toEqual([
    ["https://s3/1.zip", true],
    ["https://s3/2.zip", true],
  ]);
  await vi.advanceTimersByTimeAsync(KEPT_MS);
  expect(frames()).toEqual([]);
});

it("tells of a refusal, which is the one thing that a frame would show", () => {
  const refused = vi.fn();
  save(links[0] ?? expect.fail(), refused);
  const [frame] = frames();
  frame?.dispatchEvent(new Event("load"));
  expect(refused).toHaveBeenCalledWith(new Error("1.zip could not be fetched."));
  expect(frames()).toEqual([]);
});
