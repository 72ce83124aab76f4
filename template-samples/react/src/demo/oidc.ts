import { ErrorResponse, UserManager, WebStorageStateStore, type User } from "oidc-client-ts";

import { SignedOut } from "../api/errors";
import type { SignIn } from "../api/types";
import type { Session } from "./session";

/** Renewed this long before its end: a request is under way for a while, and clocks differ. */
const SOON_S = 30;

/** Any OpenID Connect issuer: the authorization code with PKCE, at the issuer's own page. */
export function oidc(auth: SignIn, clientId: string): Session {
  const here = new URL(location.pathname, location.origin).href;
  const manager = new UserManager({
    authority: auth.issuer ?? "",
    client_id: clientId,
    redirect_uri: here,
    post_logout_redirect_uri: here,
    scope: "openid profile offline_access",
    // By `renewed` alone: the library's own timer would use a refresh token a second time.
    automaticSilentRenew: false,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  });
  let renewing: Promise<User | null> | undefined;
  /** Once for all calls that wait: an issuer takes a refresh token that comes twice for a stolen one. */
  const renewed = () => {
    renewing ??= manager.signinSilent().finally(() => {
      renewing = undefined;
    });
    return renewing;
  };
  return {
    kind: "redirect",
    resume: async () => {
      if (new URLSearchParams(location.search).has("state")) {
        try {
          await manager.signinCallback();
        } finally {
          // A state serves once: left in the address, it would fail again with every reload.
          history.replaceState(null, "", location.pathname);
        }
      }
      const user = await manager.getUser();
      return user && !gone(user) ? (user.profile.name ?? user.profile.sub) : null;
    },
    signIn: async () => {
      await manager.signinRedirect();
      return "done";
    },
    answer: () => Promise.resolve("done"),
    signOut: async () => {
      await manager.removeUser();
    },
    token: async (rejected) => {
      const user = await manager.getUser();
      if (!user || gone(user)) throw new SignedOut("Your sign-in has ended.");
      const holds = !user.expired && user.access_token !== rejected;
      if (!user.refresh_token || (holds && (user.expires_in ?? Infinity) > SOON_S)) return user.access_token;
      try {
        const current = await renewed();
        if (current) return current.access_token;
      } catch (error) {
        if (holds) return user.access_token;
        if (!refused(error)) throw error;
      }
      throw new SignedOut("Your sign-in has ended.");
    },
  };
}

/** The token has ended, and nothing renews it: the page's policy allows no hidden frame of the issuer's. */
function gone(user: User): boolean {
  return user.expired === true && !user.refresh_token;
}

/** By RFC 6749, 4.1.2.1 and 5.2: all but the issuer's own passing troubles. */
function refused(error: unknown): boolean {
  return (
    error instanceof ErrorResponse && !["server_error", "temporarily_unavailable"].includes(error.error ?? "")
  );
}
