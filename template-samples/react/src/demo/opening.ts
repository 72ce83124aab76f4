import { Unreachable } from "../api/errors";
import { connect, type Service } from "../api/service";
import { loadConfig, type Config } from "./config";
import { openSession, type Session } from "./session";

export interface Opened {
  config: Config;
  session: Session;
  service: Service;
  /** Whoever is signed in already. */
  user: string | null;
  /** Why a sign-in that was under way came to nothing: somebody pressed Cancel at the issuer, say. */
  failure?: unknown;
}

const listeners = new Set<() => void>();
let opening: Promise<Opened> | undefined;

/** Reads the settings and asks the service how to sign in: once a page, again only after a failure. */
export function opened(): Promise<Opened> {
  opening ??= open().catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

/** Tells the listener when a call finds that the sign-in has ended; returns what stops that. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function open(): Promise<Opened> {
  const config = await loadConfig();
  const { auth } = await connect(config.apiUrl, () => Promise.resolve(null)).root();
  const session = await openSession(auth, config.oidcClientId);
  const service = connect(config.apiUrl, (refused) => session.token(refused), {
    onSignedOut: () => listeners.forEach((tell) => tell()),
  });
  try {
    return { config, session, service, user: await session.resume() };
  } catch (failure) {
    if (failure instanceof Unreachable) throw failure;
    return { config, session, service, user: null, failure };
  }
}
