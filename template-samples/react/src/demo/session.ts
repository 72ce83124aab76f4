import type { SignIn } from "../api/types";

/** What signing in may ask for beyond name and password. */
export type Step = "done" | "newPassword" | "code";

/** One way of signing in. The access token stays in this tab. */
export interface Session {
  /** "password": the page asks for both. "redirect": the issuer's own page does. "none": nobody asks. */
  readonly kind: "none" | "password" | "redirect";
  /** The name of whoever is signed in already, after a reload for one. */
  resume(): Promise<string | null>;
  signIn(username: string, password: string): Promise<Step>;
  answer(text: string): Promise<Step>;
  signOut(): Promise<void>;
  /** An access token, renewed if need be, or since it is the one that was refused; null where none is needed.
   * Throws `SignedOut`. */
  token(refused?: string): Promise<string | null>;
}

const nobody: Session = {
  kind: "none",
  resume: () => Promise.resolve(""),
  signIn: () => Promise.resolve("done"),
  answer: () => Promise.resolve("done"),
  signOut: () => Promise.resolve(),
  token: () => Promise.resolve(null),
};

/** The session that `GET /` asks for; each library is loaded only where it is used. */
export async function openSession(auth: SignIn, clientId = auth.clientId): Promise<Session> {
  if (auth.mode === "cognito") return (await import("./cognito")).cognito(auth);
  if (auth.mode === "oidc") return (await import("./oidc")).oidc(auth, clientId ?? "");
  return nobody;
}
