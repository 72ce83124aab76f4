// The download service at one address: API, Server-Sent Events and WebSocket, as a Cloudflare Worker.
// API_URL and WEBSOCKET_URL are the stack's outputs ApiUrl and WebSocketUrl; REQUESTS is a rate limit.

const MAX_BODY_BYTES = 262_144;
const API_SECONDS = 300;
const STREAM_SECONDS = 600;
const SANE_ID = /^[A-Za-z0-9._:-]{1,128}$/;
const STREAM = /^\/v1\/download\/stream\/([0-9A-Fa-f-]{32,36})$/;
const PROGRESS = "/v1/download/progress/";
// Cloudflare's own answers where the service cannot be reached.
const UNREACHABLE = 520;

export default {
  /** Answers one request; errors of its own have the shape of the service's. */
  async fetch(request, env) {
    const given = request.headers.get("x-request-id") ?? "";
    const call = { request, env, url: new URL(request.url), id: SANE_ID.test(given) ? given : crypto.randomUUID() };
    const caller = request.headers.get("cf-connecting-ip") ?? "unknown";
    if (!(await env.REQUESTS.limit({ key: caller })).success) {
      await drain(request);
      return refuse(call, 429, "RATE_LIMITED", "Too many requests of this address; try again.", { "retry-after": "1" });
    }
    if (request.method === "TRACE") return refuse(call, 405, "METHOD_NOT_ALLOWED", "This method is not taken here.");
    const live = liveQuery(call.url);
    return live === undefined ? api(call) : socket(call, live);
  },
};

/** The query that the WebSocket API takes: the job stands in the path, or is named once connected. */
function liveQuery({ pathname, search, searchParams }) {
  if (pathname === "/live") return search;
  const job = STREAM.exec(pathname)?.[1];
  if (!job) return undefined;
  const ticket = searchParams.get("ticket");
  return `?${new URLSearchParams(ticket ? { jobId: job, ticket } : { jobId: job })}`;
}

async function socket(call, query) {
  if (call.request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    await drain(call.request);
    return refuse(call, 426, "UPGRADE_REQUIRED", "This address is a WebSocket.");
  }
  const target = call.env.WEBSOCKET_URL.replace(/^ws/, "http") + query;
  // Without a limit of time: API Gateway ends a connection that is idle for ten minutes, and any after two hours.
  return reach(call, () => fetch(target, { headers: headersFor(call) }));
}

async function api(call) {
  const { request, env, url } = call;
  const body = await bodyOf(request);
  if (body === undefined) return refuse(call, 400, "BODY_TOO_LARGE", `A body takes at most ${MAX_BODY_BYTES} bytes.`);
  const seconds = url.pathname.startsWith(PROGRESS) ? STREAM_SECONDS : API_SECONDS;
  const reply = await reach(call, () =>
    fetch(env.API_URL.replace(/\/$/, "") + url.pathname + url.search, {
      method: request.method,
      headers: headersFor(call),
      body,
      redirect: "manual", // a link is the caller's to follow
      signal: AbortSignal.timeout(seconds * 1000),
    }),
  );
  return url.pathname === "/" && reply.ok ? withLiveAddress(call, reply) : reply;
}

/** The entry document names the WebSocket: here, it is below this address. */
async function withLiveAddress({ env, url }, reply) {
  const here = `${url.protocol.replace("http", "ws")}//${url.host}/live`;
  const text = (await reply.text()).replace(`"${env.WEBSOCKET_URL}"`, () => `"${here}"`);
  const headers = new Headers(reply.headers);
  headers.delete("content-length");
  headers.delete("content-encoding");
  return new Response(text, { status: reply.status, headers });
}

/** What is sent on; this is the outermost proxy, and what a caller says of these is not believed. */
function headersFor({ request, url, id }) {
  const headers = new Headers(request.headers);
  headers.set("x-request-id", id);
  headers.set("x-forwarded-proto", url.protocol.slice(0, -1));
  headers.set("x-forwarded-host", url.host);
  const caller = request.headers.get("cf-connecting-ip");
  if (caller) headers.set("x-forwarded-for", caller);
  else headers.delete("x-forwarded-for");
  return headers;
}

/** The answer, or a 503 where there is none. */
async function reach(call, ask) {
  let reply;
  try {
    reply = await ask();
  } catch (error) {
    console.error("the service does not answer", call.id, error);
  }
  if (reply && reply.status < UNREACHABLE) return reply;
  await reply?.body?.cancel();
  const message = "The service does not answer; try again.";
  return refuse(call, 503, "SERVICE_UNAVAILABLE", message, { "retry-after": "2" });
}

/** The bytes, null where there are none, undefined where there are too many: they are read to their end all the same. */
async function bodyOf(request) {
  if (!request.body) return null;
  const chunks = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : new Blob(chunks);
}

/** Who is still sending does not read an answer. */
async function drain(request) {
  await request.body?.pipeTo(new WritableStream());
}

function refuse(call, status, code, message, more = {}) {
  const headers = { "cache-control": "no-store", "x-content-type-options": "nosniff", "x-request-id": call.id };
  return Response.json({ error: { code, message }, requestId: call.id }, { status, headers: { ...headers, ...more } });
}
