import { UserManager, WebStorageStateStore } from "oidc-client-ts";

import { SignedOut } from "../api/errors";
import type { SignIn } from "../api/types";
import type { Session } from "./session";

/** Any OpenID Connect issuer: the authorization code with PKCE, at the issuer's own page. */
export function oidc(auth: SignIn, clientId: string): Session {
  const here = new URL(location.pathname, location.origin).href;
  const manager = new UserManager({
    authority: auth.issuer ?? "",
    client_id: clientId,
    redirect_uri: here,
    post_logout_redirect_uri: here,
    scope: "openid profile offline_access",
    automaticSilentRenew: true,
    userStore: new WebStorageStateStore({ store: sessionStorage }),
  });
  return {
    kind: "redirect",
    resume: async () => {
      if (new URLSearchParams(location.search).has("state")) {
        await manager.signinCallback();
        history.replaceState(null, "", location.pathname);
      }
      const user = await manager.getUser();
      return user && !user.expired ? (user.profile.name ?? user.profile.sub) : null;
    },
    signIn: async () => {
      await manager.signinRedirect();
      return "done";
    },
    answer: () => Promise.resolve("done"),
    signOut: async () => {
      await manager.removeUser();
    },
    token: async () => {
      const user = await manager.getUser();
      const current = user?.expired ? await manager.signinSilent().catch(() => null) : user;
      if (!current) throw new SignedOut("Your sign-in has ended.");
      return current.access_token;
    },
  };
}
