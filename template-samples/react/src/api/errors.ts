/** What went wrong between the page and the service, and what a person can do about it. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds to wait, where the service says so. */
    readonly retryAfter?: number,
    /** Finds the request's lines in the service's logs. */
    readonly requestId?: string,
    /** What exactly is wrong, each in a few words: which id, say. */
    readonly details: readonly string[] = [],
  ) {
    super(message);
    this.retryAt = retryAfter ? Date.now() + retryAfter * 1000 : undefined;
  }

  /** When it may be tried again, by this browser's clock, in milliseconds. */
  readonly retryAt: number | undefined;
}

/** No answer at all: offline, a proxy, or API Gateway's own 401, which may come without CORS headers. */
export class Unreachable extends Error {
  /** What the browser said of its network then. */
  readonly offline = !navigator.onLine;
}

/** The access token has ended, and renewing it was refused: not merely out of reach. */
export class SignedOut extends Error {}

/** Whether trying again, unchanged, may help. */
export function passing(error: unknown): boolean {
  return (
    error instanceof Unreachable ||
    (error instanceof ServiceError && (error.status >= 500 || error.status === 429))
  );
}

/** The error of a refusal; API Gateway's own has `{message}` and no code. */
export async function refusal(response: Response): Promise<ServiceError | SignedOut> {
  if (response.status === 401) return new SignedOut("Your sign-in has ended.");
  const body: unknown = await response.json().catch(() => null);
  const told = asRecord(body);
  const error = asRecord(told.error);
  const message =
    text(error.message) ?? text(told.message) ?? `The service answered ${String(response.status)}.`;
  const wait = Number(response.headers.get("retry-after") ?? NaN);
  const code = text(error.code) ?? `HTTP_${String(response.status)}`;
  return new ServiceError(
    response.status,
    code,
    message,
    Number.isFinite(wait) ? wait : undefined,
    text(told.requestId),
    detailsOf(error.details),
  );
}

function detailsOf(details: unknown): string[] {
  const each = Array.isArray(details) ? details.map((detail) => text(asRecord(detail).message)) : [];
  return [...new Set(each.filter((message) => message !== undefined))];
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value ? value : undefined;
}
