import { fetchAuthSession } from "aws-amplify/auth";
import { beforeEach, expect, it, vi } from "vitest";

import { SignedOut } from "../api/errors";
import { cognito } from "./cognito";

vi.mock("aws-amplify/auth", () => ({ fetchAuthSession: vi.fn() }));

const auth = {
  mode: "cognito" as const,
  issuer: "https://cognito/pool",
  clientId: "c",
  endpoint: "http://here",
};
const session = (token?: string) =>
  ({ tokens: token ? { accessToken: { toString: () => token } } : undefined }) as Awaited<
    ReturnType<typeof fetchAuthSession>
  >;
const renewing = (renewed: () => Promise<ReturnType<typeof session>>) =>
  vi
    .mocked(fetchAuthSession)
    .mockImplementation(async (how) => (how?.forceRefresh ? renewed() : session("held")));

beforeEach(() => void vi.mocked(fetchAuthSession).mockReset());

it.each([
  [undefined, "held"],
  ["held", "new"],
  ["older", "held"],
])("after %s was refused, hands out %s", async (refused, given) => {
  renewing(async () => session("new"));
  expect(await cognito(auth).token(refused)).toBe(given);
});

it("is over where the refresh token is refused, and only there", async () => {
  const named = (name: string) => Object.assign(new Error(), { name });
  renewing(() => Promise.reject(named("NotAuthorizedException")));
  await expect(cognito(auth).token("held")).rejects.toBeInstanceOf(SignedOut);
  renewing(() => Promise.reject(named("NetworkError")));
  await expect(cognito(auth).token("held")).rejects.not.toBeInstanceOf(SignedOut);
});

it("begins without a word on the console, though the pool is at an address of its own", () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  const logged = vi.spyOn(console, "log").mockReturnValue();
  cognito(auth);
  expect([warned.mock.calls, logged.mock.calls]).toEqual([[], []]);
});
