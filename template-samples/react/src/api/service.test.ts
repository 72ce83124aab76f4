import { expect, it, vi } from "vitest";

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
