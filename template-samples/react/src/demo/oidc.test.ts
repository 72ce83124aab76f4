import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { SignedOut } from "../api/errors";
import { oidc } from "./oidc";

const ISSUER = "https://id.example";
const tokens = vi.fn<() => Promise<Response>>();

/** The issuer as far as renewing needs it; `tokens` answers at its token endpoint. */
function issuer(input: RequestInfo | URL): Promise<Response> {
  const url = input instanceof Request ? input.url : String(input);
  if (url.endsWith("/token")) return tokens();
  return Promise.resolve(
    Response.json({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
    }),
  );
}

/** Somebody whose access token has ended, as the library keeps them. */
function ended(more: object = { refresh_token: "r-1" }) {
  const user = {
    access_token: "old",
    token_type: "Bearer",
    expires_at: 1,
    profile: { sub: "ada", iss: ISSUER, aud: "page", exp: 1, iat: 0 },
    ...more,
  };
  sessionStorage.setItem(`oidc.user:${ISSUER}:page`, JSON.stringify(user));
  return oidc({ mode: "oidc", issuer: ISSUER }, "page");
}

beforeEach(() => {
  tokens.mockReset();
  vi.stubGlobal("fetch", vi.fn(issuer));
});
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
  history.replaceState(null, "", "/");
});

const answer = (body: object, status = 200) => Promise.resolve(Response.json(body, { status }));

it("stays signed in while the network is not there yet", async () => {
  const session = ended();
  tokens.mockRejectedValueOnce(new TypeError("Failed to fetch"));
  await expect(session.token()).rejects.not.toBeInstanceOf(SignedOut);
  expect(await session.resume()).toBe("ada");
  tokens.mockImplementation(() => answer({ access_token: "new", token_type: "Bearer", expires_in: 300 }));
  expect(await session.token()).toBe("new");
});

it.each([
  ["invalid_grant", true],
  ["temporarily_unavailable", false],
])("at %s, the sign-in has ended: %s", async (error, over) => {
  const session = ended();
  tokens.mockImplementation(() => answer({ error }, 400));
  const told: unknown = await session.token().catch((failure: unknown) => failure);
  expect(told).toBeInstanceOf(Error);
  expect(told instanceof SignedOut).toBe(over);
});

it("renews once for all calls that wait: a refresh token serves once", async () => {
  const session = ended();
  tokens.mockImplementation(() => answer({ access_token: "new", token_type: "Bearer", expires_in: 300 }));
  expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual([
    "new",
    "new",
    "new",
  ]);
  expect(tokens).toHaveBeenCalledOnce();
});

const held = (expiresIn: number) => ({
  access_token: "held",
  refresh_token: "r-1",
  expires_at: Math.floor(Date.now() / 1000) + expiresIn,
});

it.each([
  ["with time left", 300, undefined, "held"],
  ["shortly before its end", 10, undefined, "new"],
  ["that the service refused", 300, "held", "new"],
  ["after another was refused", 300, "older", "held"],
])("hands out a token %s", async (_, expiresIn, refused, given) => {
  tokens.mockImplementation(() => answer({ access_token: "new", token_type: "Bearer", expires_in: 300 }));
  expect(await ended(held(expiresIn)).token(refused)).toBe(given);
});

it("keeps a token that still holds while it cannot be renewed", async () => {
  tokens.mockRejectedValue(new TypeError("Failed to fetch"));
  expect(await ended(held(10)).token()).toBe("held");
});

it("is over where nothing renews the token", async () => {
  const session = ended({});
  await expect(session.token()).rejects.toBeInstanceOf(SignedOut);
  expect(await session.resume()).toBeNull();
});

it("takes a state out of the address that was refused: a reload starts afresh", async () => {
  history.replaceState(null, "", "/?error=access_denied&state=s-1");
  const session = oidc({ mode: "oidc", issuer: ISSUER }, "page");
  await expect(session.resume()).rejects.toThrow();
  expect(location.search).toBe("");
  expect(await session.resume()).toBeNull();
});
