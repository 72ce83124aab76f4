import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ServiceError, SignedOut, Unreachable } from "../api/errors";
import { failed, FakeService, fakeSockets, fakeSources, JOB, ready, seen } from "../test/fakes";
import { byEvents, OPEN_MS as EVENTS_OPEN_MS } from "./events";
import { byPolling } from "./polling";
import { REJOIN_MS } from "./following";
import { Subscription } from "./subscription";
import type { Standing, Ways } from "./view";
import { byWebSocket, OPEN_MS as SOCKET_OPEN_MS, REMAINDER_MS, SILENCE_MS } from "./websocket";

const all = [ready(1), ready(2), ready(3)];

function rig(fileIds = [3, 1, 2], service = new FakeService(), more: { standing?: Standing } = {}) {
  const [sockets, sources] = [fakeSockets(), fakeSources()];
  const ways: Ways = [
    ["websocket", byWebSocket("wss://live", sockets as unknown as typeof WebSocket)],
    ["events", byEvents(sources as unknown as typeof EventSource)],
    ["polling", byPolling()],
  ];
  const subscription = new Subscription(service, () => Promise.resolve(ways), JOB, fileIds, more);
  const stop = subscription.listen(() => undefined);
  return { service, sockets, sources, subscription, stop };
}

const snapshot = (...given: Parameters<typeof seen>) => ({ ...seen(...given), type: "snapshot" });
const change = (...given: Parameters<typeof seen>) => ({ ...seen(...given), type: "change" });
const tick = (ms = 10) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A rig whose socket stands. */
async function live() {
  const made = rig();
  await tick();
  made.sockets.last.open();
  return made;
}

describe("by WebSocket", () => {
  it("opens with a ticket and shows what comes, until the job has ended", async () => {
    const { sockets, subscription } = await live();
    expect(sockets.last.url).toBe("wss://live?ticket=ticket-1");
    expect(subscription.view()).toMatchObject({ way: "websocket", connected: true, fileIds: [1, 2, 3] });
    sockets.last.tell(snapshot(1, "processing", [ready(1)]));
    expect(subscription.view().job.progress.completed).toBe(1);
    sockets.last.tell(change(2, "completed", all, { since: 1 }));
    await tick(60_000);
    expect(subscription.view().job.status).toBe("completed");
    expect([sockets.made.length, sockets.last.readyState]).toEqual([1, 3]);
  });

  it("asks for a snapshot, once, when a change was missed", async () => {
    const { sockets } = await live();
    sockets.last.tell(snapshot(1, "processing", []));
    sockets.last.tell(change(4, "processing", [ready(2)], { since: 3 }));
    sockets.last.tell(change(5, "processing", [ready(3)], { since: 4 }));
    expect(sockets.last.sent).toEqual([{ action: "subscribe", jobId: JOB }]);
  });

  it("asks soon for what an ended job still lacks", async () => {
    const { sockets } = await live();
    sockets.last.tell(snapshot(1, "processing", []));
    sockets.last.tell({ ...change(2, "completed", all, { since: 1 }), files: [ready(1)] });
    await tick(REMAINDER_MS);
    expect(sockets.last.sent.map((each) => each.action)).toEqual(["ping", "subscribe"]);
  });

  it("takes a connection for dead that answers to nothing", async () => {
    const { sockets } = await live();
    sockets.last.tell(snapshot(1, "processing", []));
    await tick(3 * SILENCE_MS + 1_000);
    expect(sockets.made).toHaveLength(2);
  });

  it("does not come back to one that opened and never said a word", async () => {
    const { sockets, subscription } = await live();
    await tick(3 * SILENCE_MS + 10);
    expect(subscription.view()).toMatchObject({ way: "events", connected: false });
    expect(sockets.made).toHaveLength(1);
  });

  it("comes back with another ticket, and shows nothing twice", async () => {
    const { sockets, subscription, service } = await live();
    sockets.last.tell(snapshot(2, "processing", [ready(1)]));
    sockets.last.drop();
    expect(subscription.view().connected).toBe(false);
    await tick(1_000);
    sockets.last.open();
    sockets.last.tell(snapshot(1, "queued", []));
    expect(subscription.view().job).toMatchObject({ version: 2, status: "processing" });
    expect(sockets.made.map((each) => each.url)).toEqual([
      "wss://live?ticket=ticket-1",
      "wss://live?ticket=ticket-2",
    ]);
    expect(new Set(service.tickets).size).toBe(2);
  });

  it("draws a new ticket at once when the token behind the connection has ended", async () => {
    const { sockets } = await live();
    sockets.last.tell(snapshot(2, "processing", [ready(1)]));
    sockets.last.tell({ type: "expired" });
    await tick();
    expect(sockets.last.url).toContain("ticket-2");
  });

  it("survives text that is no frame", async () => {
    const { sockets, subscription } = await live();
    for (const odd of [{}, { type: "pong" }, { ...snapshot(9, "completed", all), files: "none" }])
      sockets.last.tell(odd);
    expect(subscription.view().job.version).toBe(0);
  });
});

describe("when the WebSocket does not work", () => {
  async function fallenBack() {
    const made = rig();
    for (let vain = 0; vain < 3; vain += 1) {
      await tick(3_000);
      made.sockets.last.drop();
    }
    await tick(3_000);
    return made;
  }

  it("takes events, from the version it holds", async () => {
    const { sources, subscription } = await fallenBack();
    expect(subscription.view().way).toBe("events");
    sources.made[0]?.tell("snapshot", seen(2, "processing", [ready(1)]));
    sources.made[0]?.fail();
    await tick(3_000);
    expect(sources.made[1]?.url).toMatch(/ticket-5&lastEventId=2$/);
    sources.made[1]?.tell("change", seen(3, "completed", all, { since: 2 }));
    await tick();
    expect(subscription.view().job.status).toBe("completed");
    expect(sources.made[1]?.readyState).toBe(2);
  });

  it("asks for a snapshot when an event shows a gap", async () => {
    const { sources } = await fallenBack();
    sources.made[0]?.tell("snapshot", seen(2, "processing", [ready(1)]));
    sources.made[0]?.tell("change", seen(9, "processing", [ready(2)], { since: 8 }));
    await tick(3_000);
    expect(sources.made[1]?.url).not.toContain("lastEventId");
  });

  it("asks again and again where events fail too, and reads the files only when something changed", async () => {
    const { service, sources, subscription } = await fallenBack();
    service.now = seen(2, "processing", [ready(1)]);
    for (let vain = 0; vain < 3; vain += 1) {
      sources.made.at(-1)?.fail();
      await tick(3_000);
    }
    await tick(5_000);
    expect(subscription.view()).toMatchObject({ way: "polling", connected: true });
    expect(service.calls.filter((each) => each === "status 1000")).toHaveLength(1);
    service.now = seen(3, "completed", all);
    await tick(2_000);
    expect(subscription.view().job.status).toBe("completed");
  });

  it("tries the WebSocket again after a minute of asking", async () => {
    const { sources, sockets, service } = await fallenBack();
    service.now = seen(2, "processing", []);
    for (let vain = 0; vain < 3; vain += 1) {
      sources.made.at(-1)?.fail();
      await tick(3_000);
    }
    const before = sockets.made.length;
    await tick(70_000);
    expect(sockets.made.length).toBeGreaterThan(before);
  });
});

describe("what the service answers", () => {
  it.each([
    [new SignedOut(), "signedOut"],
    [new ServiceError(404, "JOB_NOT_FOUND", ""), "gone"],
  ])("stops at %s", async (fault, told) => {
    const { service, subscription, sockets } = rig();
    service.faults = [fault];
    await tick(60_000);
    expect(subscription.view().fault).toBe(told);
    expect(sockets.made).toHaveLength(0);
    subscription.restart();
    await tick();
    expect(sockets.made).toHaveLength(1);
  });

  it("waits for as long as it is told, then goes on", async () => {
    const { service, sockets } = rig();
    service.faults = [new ServiceError(503, "SERVICE_UNAVAILABLE", "", 7), new Unreachable()];
    await tick(6_900);
    expect(sockets.made).toHaveLength(0);
    await tick(3_000);
    expect(sockets.made).toHaveLength(1);
  });

  it("goes on at once when the browser is online again", async () => {
    const { service, sockets } = rig();
    service.faults = [new ServiceError(503, "SERVICE_UNAVAILABLE", "", 60)];
    await tick(10);
    globalThis.dispatchEvent(new Event("online"));
    await tick();
    expect(sockets.made).toHaveLength(1);
  });
});

describe("when the network", () => {
  async function offline() {
    const made = await live();
    made.sockets.last.tell(snapshot(2, "processing", [ready(1)]));
    made.service.faults = [new Unreachable()];
    globalThis.dispatchEvent(new Event("offline"));
    return made;
  }

  it("goes, nothing is live from that moment on", async () => {
    const { sockets, subscription } = await offline();
    expect(subscription.view().connected).toBe(false);
    expect(sockets.last.readyState).toBe(3);
  });

  it("comes, a snapshot is asked for at once, whatever pause was under way", async () => {
    const { service, sockets, subscription } = await offline();
    service.faults = [new ServiceError(503, "SERVICE_UNAVAILABLE", "", 60)];
    await tick(5_000);
    expect(sockets.made).toHaveLength(1);
    globalThis.dispatchEvent(new Event("online"));
    await tick();
    expect(sockets.made).toHaveLength(2);
    sockets.last.open();
    sockets.last.tell(snapshot(7, "completed", all));
    expect(subscription.view().job).toMatchObject({ version: 7, status: "completed" });
  });

  it("comes to a job that is settled, or that nobody watches, nothing is asked", async () => {
    const { service, sockets, stop } = await live();
    sockets.last.tell(snapshot(3, "completed", all));
    await tick();
    const before = service.calls.length;
    globalThis.dispatchEvent(new Event("online"));
    const other = await live();
    other.stop();
    globalThis.dispatchEvent(new Event("online"));
    await tick();
    expect([service.calls.length, other.sockets.made.length]).toEqual([before, 1]);
    stop();
  });
});

it("learns the files of a job that was started before a reload", async () => {
  const service = new FakeService();
  service.now = seen(4, "processing", [ready(7), { file_id: 9, status: "pending" }]);
  const made = rig([], service);
  await tick();
  expect(made.subscription.view().fileIds).toEqual([7, 9]);
  expect(made.subscription.view().job.files.get(7)?.status).toBe("completed");
});

it("follows the next round after a retry", async () => {
  const { sockets, subscription } = await live();
  sockets.last.tell(snapshot(3, "completed", [ready(1), ready(2), failed(3)]));
  await tick();
  subscription.reopen();
  await tick();
  expect(subscription.view().job.status).toBe("processing");
  sockets.last.open();
  sockets.last.tell(snapshot(3, "completed", [ready(1), ready(2), failed(3)]));
  expect(subscription.view().job.status).toBe("processing");
  sockets.last.tell(snapshot(5, "completed", all, { round: 2 }));
  await tick();
  expect(subscription.view().job).toMatchObject({ status: "completed", round: 2 });
  expect(sockets.made).toHaveLength(2);
});

it("closes its connection when nobody listens any more", async () => {
  const { sockets, stop } = await live();
  stop();
  await tick(60_000);
  expect([sockets.last.readyState, sockets.made.length]).toEqual([3, 1]);
});

describe("where connections hang", () => {
  it("takes the next way after one that did not open, and asks within ten seconds", async () => {
    const { sockets, sources, service, subscription } = rig();
    service.now = seen(2, "processing", [ready(1)]);
    await tick(SOCKET_OPEN_MS + 100);
    expect(subscription.view()).toMatchObject({ way: "events", connected: false });
    await tick(EVENTS_OPEN_MS.snapshot + 100);
    expect(subscription.view()).toMatchObject({ way: "polling", connected: true });
    expect(subscription.view().job.version).toBe(2);
    expect([sockets.made.length, sources.made.length]).toEqual([1, 1]);
  });

  it("goes on asking while it tries the better ways, and takes one that stands", async () => {
    const { sockets, service, subscription } = rig();
    service.now = seen(2, "processing", []);
    await tick(SOCKET_OPEN_MS + EVENTS_OPEN_MS.snapshot + 200);
    await tick(REJOIN_MS + 10);
    expect(sockets.made).toHaveLength(2);
    expect(subscription.view()).toMatchObject({ way: "polling", connected: true });
    service.now = seen(3, "processing", [ready(1)]);
    await tick(2_000);
    expect(subscription.view()).toMatchObject({ way: "polling", connected: true, job: { version: 3 } });
    sockets.last.open();
    await tick();
    expect(subscription.view()).toMatchObject({ way: "websocket", connected: true });
    const asked = service.calls.length;
    await tick(10_000);
    expect(service.calls).toHaveLength(asked);
    sockets.last.tell(snapshot(4, "completed", all));
    await tick();
    expect(subscription.view().job.status).toBe("completed");
  });

  it("remembers for the next job what did not work", async () => {
    const standing = { from: 0 };
    rig([1], new FakeService(), { standing });
    await tick(SOCKET_OPEN_MS + EVENTS_OPEN_MS.snapshot + 200);
    const { sockets, sources, subscription } = rig([1], new FakeService(), { standing });
    await tick();
    expect(subscription.view().way).toBe("polling");
    expect([sockets.made.length, sources.made.length]).toEqual([0, 0]);
  });
});

it("asks for no more snapshots when the rest of an ended job does not come: the full list is the last word", async () => {
  const { sockets, service, subscription } = await live();
  const lacking = { ...snapshot(5, "completed", all), files: [ready(1), ready(2)] };
  service.now = lacking;
  for (let vain = 0; vain < 5; vain += 1) {
    sockets.last.tell(lacking);
    await tick(REMAINDER_MS);
  }
  await tick(600_000);
  expect(sockets.last.sent.filter((each) => each.action === "subscribe")).toHaveLength(2);
  expect(service.calls.filter((each) => each === "status 1000")).toHaveLength(1);
  expect(subscription.view().job).toMatchObject({ status: "completed", lastWord: true });
});

it("asks no more for an ended job whose files never add up", async () => {
  const service = new FakeService();
  service.now = { ...seen(5, "completed", all), files: [ready(1), ready(2)] };
  const { subscription } = rig([1, 2, 3], service, { standing: { from: 2 } });
  await tick(600_000);
  expect(subscription.view().job.lastWord).toBe(true);
  expect(service.calls.length).toBeLessThan(10);
});

it("looks once whether a job that had ended was retried elsewhere", async () => {
  const { service, sockets, subscription, stop } = await live();
  sockets.last.tell(snapshot(3, "completed", [ready(1), ready(2), failed(3)]));
  await tick();
  stop();
  service.now = seen(4, "processing", [ready(1), ready(2)], { round: 2 });
  subscription.listen(() => undefined);
  await tick();
  expect(subscription.view().job).toMatchObject({ status: "processing", round: 2 });
  expect(sockets.made).toHaveLength(2);
});

it("shows nothing of what comes after everybody has gone, while ids are being learnt", async () => {
  const service = new FakeService();
  service.now = seen(4, "processing", [ready(7)]);
  const { subscription, stop } = rig([], service);
  stop();
  await tick();
  expect(subscription.view()).toMatchObject({ fileIds: [], job: { version: 0 } });
});
