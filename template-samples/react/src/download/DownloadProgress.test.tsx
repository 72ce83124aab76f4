import { onlineManager } from "@tanstack/react-query";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { StrictMode } from "react";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { configureAxe } from "vitest-axe";

import { ServiceError, Unreachable } from "../api/errors";
import { failed, FakeService, fakeSockets, JOB, ready, seen } from "../test/fakes";
import { useDownloads } from "./context";
import { DownloadProgress } from "./DownloadProgress";
import { DownloadsProvider } from "./DownloadsProvider";
import type { Sighting } from "./state";
import type { Ways } from "./view";
import { byWebSocket } from "./websocket";

async function shown(now: Sighting, fileIds?: number[]) {
  const [service, sockets] = [new FakeService(), fakeSockets()];
  service.now = now;
  const ways: Ways = [["websocket", byWebSocket("wss://live", sockets as unknown as typeof WebSocket)]];
  const names = new Map([[1, "Price list"]]);
  const Started = () => {
    const { subscription } = useDownloads();
    if (fileIds) subscription(JOB, fileIds);
    return <DownloadProgress jobId={JOB} names={names} onClose={() => undefined} />;
  };
  const { container } = render(
    <DownloadsProvider service={service} ways={() => Promise.resolve(ways)}>
      <Started />
    </DownloadsProvider>,
  );
  const bar = screen.getByRole("progressbar", { name: "Progress" });
  const total = `of ${String(now.progress.total)} ready`;
  await vi.waitFor(() => expect(bar.getAttribute("aria-valuetext")).toContain(fileIds ? "" : total));
  const tell = (frame: Sighting) => act(async () => sockets.last.tell({ ...frame, type: "snapshot" }));
  return { service, sockets, container, tell, user: userEvent.setup() };
}

// Nothing is painted here, so that contrast cannot be judged.
const axe = configureAxe({ rules: { "color-contrast": { enabled: false } } });
const pending = (file_id: number) => ({ file_id, status: "pending" as const });
const running = seen(2, "processing", [ready(1), pending(2), pending(3)]);
const over = seen(3, "completed", [ready(1), ready(2), failed(3)]);

describe("a job that goes on", () => {
  it("is a named progress bar, a row a file, and no finding of axe's", async () => {
    const { container } = await shown(running);
    const bar = screen.getByRole("progressbar", { name: "Progress" });
    expect(bar.getAttribute("aria-valuetext")).toBe("1 of 3 ready");
    const rows = within(screen.getByRole("list", { name: "Files" })).getAllByRole("listitem");
    expect(rows.map((row) => row.textContent)).toEqual([
      "Price list1 · 1.0 KBReady",
      "File 22Waiting",
      "File 33Waiting",
    ]);
    expect(screen.getByRole("status").textContent).toBe("25 percent.");
    expect((await axe(container)).violations).toEqual([]);
  });

  it("says when an archived file is expected, and how far its archive is", async () => {
    const estimatedReadyAt = new Date(Date.now() + 3_000_000).toISOString();
    const restoring = {
      file_id: 2,
      status: "processing" as const,
      code: "RESTORING" as const,
      estimatedReadyAt,
    };
    const bundle = {
      format: "zip" as const,
      status: "processing" as const,
      percentage: 40,
      bytesDone: 4096,
      bytesTotal: 10240,
    };
    await shown({ ...running, files: [ready(1), restoring, pending(3)], bundle });
    expect(screen.getByText("Coming back from the archive")).toBeTruthy();
    expect(screen.getByText("2 · about 50 min left")).toBeTruthy();
    expect(screen.getByRole("progressbar", { name: "Archive" }).getAttribute("aria-valuetext")).toBe(
      "4.0 KB of 10.0 KB",
    );
  });

  it("says that it is offline, not live, as soon as the browser knows", async () => {
    const { service, sockets, tell } = await shown(running);
    act(() => sockets.last.open());
    await tell(running);
    expect(screen.getByText("Live")).toBeTruthy();
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    service.faults = [new Unreachable()];
    act(() => void globalThis.dispatchEvent(new Event("offline")));
    expect(screen.getByText("Offline")).toBeTruthy();
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(true);
    act(() => void globalThis.dispatchEvent(new Event("online")));
    expect(screen.getByText("Reconnecting…")).toBeTruthy();
  });

  it("cancels nothing while it is offline, says so at once, and sends nothing later by itself", async () => {
    const { service, user } = await shown(running);
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    onlineManager.setOnline(false);
    onTestFinished(() => onlineManager.setOnline(true));
    service.faults = [new Unreachable()];
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect((await screen.findByRole("alert")).textContent).toContain("You are offline.");
    expect(screen.getByRole("button", { name: "Cancel" }).getAttribute("aria-disabled")).not.toBe("true");
    const sent = service.calls.filter((call) => call === "cancel");
    act(() => onlineManager.setOnline(true));
    expect(service.calls.filter((call) => call === "cancel")).toEqual(sent);
    expect(service.now.status).toBe("processing");
  });

  it("is cancelled by a button, and the focus goes to the heading", async () => {
    const { user } = await shown(running);
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByText("Cancelled")).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByRole("heading", { level: 3 }));
  });

  it("takes a cancel that comes after the end for no error", async () => {
    const { service, user } = await shown(running);
    service.now = over;
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByText("Ready, with failures")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("a job of which only the id is known, after a reload", () => {
  const shownAlone = (service: FakeService, onClose?: () => void) => {
    render(
      <DownloadsProvider service={service} ways={() => Promise.resolve([])}>
        <DownloadProgress jobId={JOB} onClose={onClose} />
      </DownloadsProvider>,
    );
    return screen.getByRole("region");
  };

  it("is loading, neither empty nor waiting nor to be cancelled, until the first word of it", async () => {
    const service = new FakeService();
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    const status = service.status.bind(service);
    vi.spyOn(service, "status").mockImplementation(async (...given) => asked.then(() => status(...given)));
    service.now = over;
    const card = shownAlone(service);
    expect(within(card).getByText("Loading…")).toBeTruthy();
    expect(card.textContent).not.toMatch(/0 files|Waiting|0 of 0/);
    expect(within(card).queryByRole("button")).toBeNull();
    act(answer);
    expect(await within(card).findByText("Ready, with failures")).toBeTruthy();
  });

  it("can be put away when it is gone", async () => {
    const service = new FakeService();
    service.faults = [new ServiceError(404, "JOB_NOT_FOUND", "")];
    const close = vi.fn();
    const user = userEvent.setup();
    const card = shownAlone(service, close);
    expect(await within(card).findByText("This download is gone.")).toBeTruthy();
    await user.click(within(card).getByRole("button", { name: "Close" }));
    expect(close).toHaveBeenCalledOnce();
  });
});

describe("a job that has ended", () => {
  it("names what failed and why, without a finding of axe's", async () => {
    const { container } = await shown(over);
    expect(screen.getByText("There is no file with this id in the store.")).toBeTruthy();
    expect(screen.getByRole("status").textContent).toBe("Ready, with failures: 2 of 3 ready, 1 failed.");
    expect((await axe(container)).violations).toEqual([]);
  });

  it("prepares again what failed, and follows the next round", async () => {
    const { user, tell, sockets } = await shown(over);
    await user.click(screen.getByRole("button", { name: "Retry failed" }));
    expect(await screen.findByText("Preparing")).toBeTruthy();
    await vi.waitFor(() => expect(sockets.made).toHaveLength(1));
    await tell(seen(5, "completed", [ready(1), ready(2), ready(3)], { round: 2 }));
    expect(screen.getByRole("progressbar").getAttribute("aria-valuetext")).toBe("3 of 3 ready");
    expect(screen.queryByRole("button", { name: "Retry failed" })).toBeNull();
  });

  it("says how long to wait when the service is asked too often", async () => {
    const { service, user } = await shown(over);
    service.faults = [new ServiceError(429, "RATE_LIMITED", "Too many", 12, "r-1")];
    await user.click(screen.getByRole("button", { name: "Retry failed" }));
    expect((await screen.findByRole("alert")).textContent).toContain("That was a little fast.");
  });

  it("hands out a link that is signed at that moment", async () => {
    const { service, user } = await shown(over);
    await user.click(screen.getByRole("button", { name: "Download Price list" }));
    await vi.waitFor(() => expect(document.querySelector("iframe")?.src).toBe("https://s3/1.zip"));
    expect(service.calls).toContain("link 1");
  });
});

describe("a job of a thousand files", () => {
  const ids = Array.from({ length: 1000 }, (_, at) => at + 1);
  const thousand = { ...running, progress: { ...running.progress, total: 1000 } };
  // jsdom lays nothing out: a box of ten rows.
  const rows = () => screen.getAllByRole("listitem");

  async function scrolling() {
    vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
    vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(400);
    const made = await shown(thousand, ids);
    await vi.waitFor(() => expect(made.sockets.made).toHaveLength(1));
    await made.tell(thousand);
    const box = screen.getByRole("group", { name: "Files, scrolls" });
    const scroll = (top: number) =>
      act(async () => {
        box.scrollTop = top;
        box.dispatchEvent(new Event("scroll"));
      });
    return { ...made, box, scroll };
  }

  it("has only the rows in sight, each with its place among all", async () => {
    const { box } = await scrolling();
    expect(box.tabIndex).toBe(0);
    expect(rows().length).toBeGreaterThanOrEqual(10);
    expect(rows().length).toBeLessThan(100);
    expect(rows().map((row) => row.getAttribute("aria-posinset"))).toEqual(
      rows().map((_, at) => String(at + 1)),
    );
    expect(new Set(rows().map((row) => row.getAttribute("aria-setsize")))).toEqual(new Set(["1000"]));
  });

  it("keeps a row that has the focus, however far it is scrolled away", async () => {
    const { scroll } = await scrolling();
    const button = screen.getByRole("button", { name: "Download Price list" });
    act(() => button.focus());
    await scroll(30_000);
    expect(rows().map((row) => Number(row.dataset.fileId))).toContain(500);
    expect(document.activeElement).toBe(button);
    act(() => button.blur());
    await scroll(30_100);
    expect(screen.queryByRole("button", { name: "Download Price list" })).toBeNull();
  });
});

describe("what was asked for", () => {
  it("keeps the focus on a button that is busy, and does nothing twice", async () => {
    const { service, user } = await shown(over);
    const links = vi.spyOn(service, "links").mockReturnValue(new Promise(() => undefined));
    const button = screen.getByRole("button", { name: "Download all" });
    await user.click(button);
    await user.click(button);
    expect(links).toHaveBeenCalledOnce();
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(document.activeElement).toBe(button);
  });

  it("asks for the estimate when something changed, not each few seconds", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { service, sockets, tell } = await shown(running, [1, 2, 3]);
    await vi.waitFor(() => expect(sockets.made).toHaveLength(1));
    act(() => sockets.last.open());
    service.now = { ...running, readyAt: Date.now() + 40_500 };
    await tell(running);
    await act(() => vi.advanceTimersByTimeAsync(5_000));
    expect(screen.getByText(/^about 3[56] s left$/)).toBeTruthy();
    const asked = service.calls.length;
    await act(() => vi.advanceTimersByTimeAsync(12_000));
    expect(service.calls).toHaveLength(asked);
    vi.useRealTimers();
  });
});

describe("one subscription a job", () => {
  function watching(strict: boolean) {
    const [service, sockets] = [new FakeService(), fakeSockets()];
    service.now = running;
    const ways: Ways = [["websocket", byWebSocket("wss://live", sockets as unknown as typeof WebSocket)]];
    const held = new Set<unknown>();
    const Watcher = () => {
      const { subscription } = useDownloads();
      held.add(subscription(JOB, [1, 2, 3]));
      return <DownloadProgress jobId={JOB} />;
    };
    const page = (count: number) => (
      <DownloadsProvider service={service} ways={() => Promise.resolve(ways)}>
        {Array.from({ length: count }, (_, at) => (
          <Watcher key={at} />
        ))}
      </DownloadsProvider>
    );
    const { rerender, unmount } = render(page(2), strict ? { wrapper: StrictMode } : {});
    return { sockets, held, show: (count: number) => rerender(page(count)), unmount };
  }

  it.each([false, true])(
    "for all who watch it (strict: %s), and another once nobody does",
    async (strict) => {
      const { sockets, held, show } = watching(strict);
      await vi.waitFor(() => expect(sockets.made).not.toHaveLength(0));
      const open = () => sockets.made.filter((each) => each.readyState < 3);
      await vi.waitFor(() => expect(open()).toHaveLength(1));
      expect(held.size).toBe(1);
      show(0);
      expect(open()).toHaveLength(0);
      show(1);
      expect(held.size).toBe(2);
      await vi.waitFor(() => expect(open()).toHaveLength(1));
    },
  );

  it("opens nothing for somebody who left while it was being connected", async () => {
    const { sockets, unmount } = watching(false);
    unmount();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sockets.made).toHaveLength(0);
  });
});
