import { SignedOut, Unreachable } from "./errors";

/** An access token, renewed if need be; null where the service asks for none. Given the one that seems to be
 * refused, another where there is one. Throws `SignedOut` where renewing is refused; anything else counts as
 * `Unreachable`, and is tried again. */
export type Tokens = (refused?: string) => Promise<string | null>;

export interface Options {
  fetcher?: (request: Request) => Promise<Response>;
  /** The sign-in has ended: once a call that found out. */
  onSignedOut?: () => void;
}

/** API Gateway itself gives up after 30 s: what takes longer is a connection that has died. */
const LONGEST_CALL_MS = 35_000;

const inTime = (request: Request) => fetch(request, { signal: AbortSignal.timeout(LONGEST_CALL_MS) });

/** How requests get to the service: with a token, and with another one where that was refused. */
export function sending(base: string, tokens: Tokens, { fetcher = inTime, onSignedOut }: Options) {
  /** Tells of the end of the sign-in; the error, to be thrown. */
  const watched = (error: unknown) => {
    if (error instanceof SignedOut) onSignedOut?.();
    return error;
  };
  // Only a definite refusal ends the sign-in: a laptop that wakes before its network gets no token either.
  const token: Tokens = (refused) =>
    tokens(refused).catch((error: unknown) => {
      if (error instanceof SignedOut || error instanceof Unreachable) throw watched(error);
      throw new Unreachable("The sign-in cannot be reached.");
    });
  /** The answer, or undefined where the browser shows none. */
  const tried = (request: Request) =>
    fetcher(request).catch((error: unknown) => {
      if (error instanceof TypeError) return undefined;
      throw new Unreachable("The service does not answer.");
    });

  /** API Gateway's own 401 may lack CORS headers, so that the browser tells of no answer at all: where the
   * open `GET /` answers meanwhile, it was that. */
  const send = async (request: Request): Promise<Response> => {
    const again = request.clone();
    const answer = await tried(request);
    if (answer && answer.status !== 401) return answer;
    const held = request.headers.get("authorization")?.replace(/^Bearer /, "");
    if (held && (answer ?? (await tried(new Request(`${base}/`))))) {
      const other = await token(held);
      if (other && other !== held) {
        again.headers.set("authorization", `Bearer ${other}`);
        return (await tried(again)) ?? unreached();
      }
    }
    return answer ?? unreached();
  };
  return { token, send, watched };
}

function unreached(): never {
  throw new Unreachable("The service cannot be reached.");
}
