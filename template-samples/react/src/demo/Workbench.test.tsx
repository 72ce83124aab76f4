import { onlineManager } from "@tanstack/react-query";
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { Unreachable } from "../api/errors";
import type { JobSummary } from "../api/types";
import { DownloadsProvider } from "../download/DownloadsProvider";
import { FakeService, ready, seen } from "../test/fakes";
import { Workbench, type Picked } from "./Workbench";

const summary = (jobId: string) =>
  ({
    ...seen(3, "completed", [ready(1)]),
    jobId,
    createdAt: "2026-01-01T00:00:00Z",
  }) as unknown as JobSummary;

class Service extends FakeService {
  listed = 0;
  override async status(jobId: string) {
    const { body, retryAfter } = await super.status(jobId);
    return { body: { ...body, jobId }, retryAfter };
  }
  override async jobs() {
    this.listed += 1;
    return { jobs: ["aaaa-1", "bbbb-2", "cccc-3"].map(summary) as never[] };
  }
}

function shown(first: string[] = []) {
  const service = new Service();
  service.now = seen(3, "completed", [ready(1), ready(2), ready(3)]);
  const catalogue = Array.from({ length: 9 }, (_, at) => ({ id: at + 1, name: `Sheet ${String(at + 1)}` }));
  const Page = () => {
    const [picked, pick] = useState<Picked>({ ids: [], others: "", priority: "normal", zip: false });
    const [jobs, setJobs] = useState(first);
    return <Workbench catalogue={catalogue} picked={picked} onPick={pick} jobs={jobs} onJobs={setJobs} />;
  };
  render(
    <DownloadsProvider service={service} ways={() => Promise.resolve([])}>
      <Page />
    </DownloadsProvider>,
  );
  return { service, user: userEvent.setup() };
}

const card = (id: string) =>
  within(document.querySelector<HTMLElement>(`[data-job-id="${id}"]`) ?? expect.fail());
const heading = (id: string) => card(id).getByRole("heading");

beforeEach(() => {
  Element.prototype.scrollIntoView = vi.fn();
});

describe("the focus", () => {
  it("goes to a card that is shown, to the next one when it is closed, and at last to the heading", async () => {
    const { user } = shown(["bbbb-2"]);
    await user.click(await screen.findByRole("button", { name: /^Show aaaa-1/ }));
    expect(document.activeElement).toBe(heading("aaaa-1"));
    await user.click(await card("aaaa-1").findByRole("button", { name: "Close" }));
    expect(document.activeElement).toBe(heading("bbbb-2"));
    await user.click(await card("bbbb-2").findByRole("button", { name: "Close" }));
    expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Downloads" }));
  });
});

it("lists the earlier downloads anew when a card is closed", async () => {
  const { service, user } = shown(["bbbb-2"]);
  const close = await screen.findByRole("button", { name: "Close" });
  await vi.waitFor(() => expect(service.listed).toBeGreaterThan(0));
  const before = service.listed;
  await user.click(close);
  await vi.waitFor(() => expect(service.listed).toBeGreaterThan(before));
});

it("tells the earlier downloads apart: by id, count and time, in sight and by name", async () => {
  shown();
  const list = within(await screen.findByRole("list", { name: "Earlier downloads" }));
  const names = list.getAllByRole("button").map((button) => button.getAttribute("aria-label"));
  expect(new Set(names).size).toBe(3);
  const row = list.getAllByRole("listitem")[0]?.textContent ?? "";
  const time = within(list.getAllByRole("listitem")[0] as HTMLElement).getByText(/1/, { selector: "small" });
  expect(row).toContain("3 files · 1 ready aaaa-1");
  expect(names[0]).toBe(`Show aaaa-1, 3 files, ${String(time.textContent)}`);
});

describe("what is typed", () => {
  it("starts nothing from the filter", async () => {
    const { service, user } = shown();
    await user.type(screen.getByLabelText("Other file ids"), "70000");
    await user.type(screen.getByLabelText("Filter"), "sheet{Enter}");
    expect(service.calls).not.toContain("initiate");
    await user.type(screen.getByLabelText("Other file ids"), "{Enter}");
    await vi.waitFor(() => expect(service.calls).toContain("initiate"));
  });

  it("is named where it is no id", async () => {
    const { user } = shown();
    await user.type(screen.getByLabelText("Other file ids"), "70000 70o07, 12");
    expect(screen.getByText("Not a file id: 70o07")).toBeTruthy();
    expect(screen.getByText("2 picked")).toBeTruthy();
    await user.type(screen.getByLabelText("Other file ids"), " a b c d e f");
    expect(screen.getByText("Not a file id: 70o07, a, b, c, d and 2 more")).toBeTruthy();
  });

  it("keeps what is no id when the others are started", async () => {
    const { user } = shown();
    await user.type(screen.getByLabelText("Other file ids"), "70o07 1{Enter}");
    expect(await screen.findByRole("progressbar", { name: "Progress" })).toBeTruthy();
    expect(screen.getByLabelText("Other file ids")).toHaveProperty("value", "70o07");
  });

  it("starts nothing while it is offline, says so at once, and sends nothing later by itself", async () => {
    const { service, user } = shown();
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const initiate = vi.spyOn(service, "initiate").mockRejectedValueOnce(new Unreachable());
    onlineManager.setOnline(false);
    onTestFinished(() => onlineManager.setOnline(true));
    await user.type(screen.getByLabelText("Other file ids"), "70000{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("You are offline.");
    expect(screen.getByRole("button", { name: "Start download" })).toBeTruthy();
    act(() => onlineManager.setOnline(true));
    expect(initiate).toHaveBeenCalledOnce();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(initiate).toHaveBeenCalledTimes(2);
    expect(initiate.mock.calls[1]).toEqual(initiate.mock.calls[0]);
  });

  it("shows a job at once, though the list is still asked for", async () => {
    const { service, user } = shown();
    await vi.waitFor(() => expect(service.listed).toBe(1));
    vi.spyOn(service, "jobs").mockReturnValue(new Promise(() => undefined));
    await user.type(screen.getByLabelText("Other file ids"), "1{Enter}");
    expect(await screen.findByRole("progressbar", { name: "Progress" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Start download" }).getAttribute("aria-disabled")).toBe("true");
  });
});
