import { describe, expect, it, vi } from "vitest";

import { SignedOut, Unreachable } from "./errors";
import { connect } from "./service";

const answering = (body: object, headers: Record<string, string> = {}) => ({
  fetcher: () => Promise.resolve(Response.json(body, { headers })),
});

it("takes a token that does not come for a service out of reach, and nobody is signed out", async () => {
  const onSignedOut = vi.fn();
  const offline = Object.assign(new Error("A network error has occurred."), { name: "NetworkError" });
  const service = connect("https://api", () => Promise.reject(offline), { ...answering({}), onSignedOut });
  await expect(service.status("j")).rejects.toBeInstanceOf(Unreachable);
  expect(onSignedOut).not.toHaveBeenCalled();
});

it("tells of a token that was refused", async () => {
  const onSignedOut = vi.fn();
  const service = connect("https://api", () => Promise.reject(new SignedOut()), {
    ...answering({}),
    onSignedOut,
  });
  await expect(service.status("j")).rejects.toBeInstanceOf(SignedOut);
  expect(onSignedOut).toHaveBeenCalledOnce();
});

it("counts by this clock, however wrong it goes", async () => {
  const [there, expected] = ["Tue, 01 Jan 2030 00:00:00 GMT", "2030-01-01T00:00:40Z"];
  const told = answering({ estimatedCompletionAt: expected }, { date: there });
  const { body } = await connect("https://api", async () => null, told).status("j");
  const left = (body.readyAt ?? 0) - Date.now();
  expect(left).toBeGreaterThan(30_000);
  expect(left).toBeLessThanOrEqual(40_000);
});

describe("a token that is refused", () => {
  /** API Gateway as a browser sees it: its own 401 lacks CORS headers, or has them. */
  function gateway({ accepts = "new", shows = false, up = true } = {}) {
    const asked: string[] = [];
    const fetcher = async (request: Request) => {
      const bearer = request.headers.get("authorization");
      asked.push(
        `${request.method} ${new URL(request.url).pathname} ${bearer ?? "-"} ${await request.text()}`,
      );
      if (!up) throw new TypeError("Failed to fetch");
      if (!bearer || bearer === `Bearer ${accepts}`) return Response.json({ jobId: "j" });
      if (shows) return Response.json({ message: "Unauthorized" }, { status: 401 });
      throw new TypeError("Failed to fetch");
    };
    return { asked, fetcher };
  }
  const renewing = async (refused?: string) => (refused ? "new" : "old");
  const order = { file_ids: [70000] };

  it.each([false, true])("is renewed, and the same goes out again (seen as a 401: %s)", async (shows) => {
    const { asked, fetcher } = gateway({ shows });
    const service = connect("https://api", renewing, { fetcher });
    expect(await service.initiate(order, "k-1")).toEqual({ jobId: "j" });
    expect(asked.filter((each) => each.startsWith("POST"))).toEqual([
      'POST /v1/download/initiate Bearer old {"file_ids":[70000]}',
      'POST /v1/download/initiate Bearer new {"file_ids":[70000]}',
    ]);
  });

  it("asks to sign in where renewing is refused", async () => {
    const onSignedOut = vi.fn();
    const ending = async (refused?: string) => {
      if (refused) throw new SignedOut();
      return "old";
    };
    const service = connect("https://api", ending, { ...gateway(), onSignedOut });
    await expect(service.status("j")).rejects.toBeInstanceOf(SignedOut);
    expect(onSignedOut).toHaveBeenCalledOnce();
  });

  it("signs nobody out for a new one that does no better", async () => {
    const onSignedOut = vi.fn();
    const service = connect("https://api", renewing, { ...gateway({ accepts: "none" }), onSignedOut });
    await expect(service.status("j")).rejects.toBeInstanceOf(Unreachable);
    expect(onSignedOut).not.toHaveBeenCalled();
  });

  it("is not what a network is that went", async () => {
    const { asked, fetcher } = gateway({ up: false });
    const tokens = vi.fn(renewing);
    await expect(connect("https://api", tokens, { fetcher }).status("j")).rejects.toBeInstanceOf(Unreachable);
    expect(tokens).toHaveBeenCalledOnce();
    expect(asked).toHaveLength(2);
  });
});
