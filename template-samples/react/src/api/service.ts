import createClient, { type FetchOptions } from "openapi-fetch";

import { refusal, Unreachable } from "./errors";
import type { paths } from "./openapi";
import { sending, type Options, type Tokens } from "./sending";
import type { Accepted, JobSummary, Links, Order, Root, Status, Ticket } from "./types";

export interface Page<T> {
  body: T;
  /** Seconds after which the service would like to be asked again. */
  retryAfter?: number;
}

/** The calls that a page needs. Each throws `ServiceError`, `Unreachable` or `SignedOut`. */
export interface Service {
  root(): Promise<Root>;
  initiate(order: Order, idempotencyKey: string): Promise<Accepted>;
  status(jobId: string, limit?: number, cursor?: string): Promise<Page<Status>>;
  links(jobId: string, cursor?: string): Promise<Links>;
  link(jobId: string, fileId: number): Promise<Links>;
  cancel(jobId: string): Promise<Status>;
  retry(jobId: string): Promise<Accepted>;
  jobs(cursor?: string): Promise<{ jobs: JobSummary[]; nextCursor?: string | null }>;
  ticket(jobId: string): Promise<Ticket>;
  /** The address of a job's event stream, opened by a ticket. */
  eventsUrl(jobId: string, ticket: string, lastVersion?: number): string;
}

/** All calls of the API that the sample uses, typed by its OpenAPI document. */
export function connect(apiUrl: string, tokens: Tokens, options: Options = {}): Service {
  const base = apiUrl.replace(/\/$/, "");
  const { token, send, watched } = sending(base, tokens, options);
  const client = createClient<paths>({ baseUrl: base, fetch: send });
  client.use({
    async onRequest({ request, schemaPath }) {
      if (schemaPath === "/") return request;
      const held = await token();
      if (held) request.headers.set("authorization", `Bearer ${held}`);
      return request;
    },
    async onResponse({ response }) {
      if (!response.ok) throw watched(await refusal(response));
    },
  });
  const job = (jobId: string) => ({ path: { jobId } });
  return {
    root: async () => body(await client.GET("/")),
    initiate: async (order, key) =>
      body(
        await client.POST("/v1/download/initiate", {
          params: { header: { "idempotency-key": key } },
          body: order as FetchOptions<paths["/v1/download/initiate"]["post"]>["body"],
        }),
      ),
    status: async (jobId, limit, cursor) => {
      const answer = await client.GET("/v1/download/status/{jobId}", {
        params: { ...job(jobId), query: { limit, cursor } },
      });
      const status = body(answer);
      const readyAt = byThisClock(status.estimatedCompletionAt, answer.response);
      return { body: { ...status, readyAt }, retryAfter: seconds(answer.response) };
    },
    links: async (jobId, cursor) =>
      asJson(await client.GET("/v1/download/{jobId}", { params: { ...job(jobId), query: { cursor } } })),
    link: async (jobId, fileId) =>
      asJson(
        await client.GET("/v1/download/{jobId}", { params: { ...job(jobId), query: { file_id: fileId } } }),
      ),
    cancel: async (jobId) => body(await client.DELETE("/v1/download/{jobId}", { params: job(jobId) })),
    retry: async (jobId) => body(await client.POST("/v1/download/{jobId}/retry", { params: job(jobId) })),
    jobs: async (cursor) =>
      body(await client.GET("/v1/downloads", { params: { query: { limit: 20, cursor } } })),
    ticket: async (jobId) => body(await client.POST("/v1/download/{jobId}/ticket", { params: job(jobId) })),
    eventsUrl: (jobId, ticket, lastVersion) => {
      const query = new URLSearchParams({ ticket });
      if (lastVersion) query.set("lastEventId", String(lastVersion));
      return `${base}/v1/download/progress/${jobId}?${query.toString()}`;
    },
  };
}

function body<T>(answer: { data?: T }): T {
  if (answer.data === undefined) throw new Unreachable("The service answered without a body.");
  return answer.data;
}

/** Links come as text too, for other tools, but not to who asks for none of their formats. */
function asJson(answer: { data?: Links | string }): Links {
  const links = body(answer);
  if (typeof links === "string") throw new Unreachable("The service answered in another format.");
  return links;
}

/** A moment of the service's, moved by how far this clock is from the answer's `Date`. */
function byThisClock(moment: string | null | undefined, response: Response): number | null {
  if (!moment) return null;
  const there = Date.parse(response.headers.get("date") ?? "");
  return Date.parse(moment) + (Number.isNaN(there) ? 0 : Date.now() - there);
}

function seconds(response: Response): number | undefined {
  const value = Number(response.headers.get("retry-after") ?? NaN);
  return Number.isFinite(value) ? value : undefined;
}
