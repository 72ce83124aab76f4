// POST /jobs accepts a job; a WebSocket at /?jobId=ID gets a snapshot, then a frame a file.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { Queue } from "bullmq";
import { WebSocketServer } from "ws";
import { QUEUE, connect, connection, filesKey, frame, jobKey } from "./redis.mjs";

const queue = new Queue(QUEUE, { connection });
const redis = connect();
const news = connect();
const watchers = new Map(); // channel -> sockets

const OPTIONS = { attempts: 5, backoff: { type: "exponential", delay: 4000 }, removeOnComplete: true };

async function initiate(fileIds) {
  const jobId = randomUUID();
  await redis.hset(jobKey(jobId), { total: fileIds.length, completed: 0, failed: 0 });
  const data = fileIds.map((fileId) => ({ name: "file", data: { jobId, fileId }, opts: OPTIONS }));
  await queue.addBulk(data);
  return { jobId, status: "queued", totalFiles: fileIds.length };
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts));
}

function answer(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

const server = createServer(async (request, response) => {
  if (request.url === "/health") return answer(response, 200, { status: "healthy" });
  if (request.method !== "POST" || request.url !== "/jobs") return answer(response, 404, {});
  try {
    answer(response, 202, await initiate((await body(request)).file_ids));
  } catch (error) {
    answer(response, 500, { error: String(error) });
  }
});

async function watch(socket, jobId) {
  const channel = jobKey(jobId);
  watchers.set(channel, (watchers.get(channel) ?? new Set()).add(socket));
  socket.on("close", () => watchers.get(channel)?.delete(socket));
  await news.subscribe(channel);
  const counts = await redis.hmget(channel, "total", "completed", "failed");
  const files = Object.values(await redis.hgetall(filesKey(jobId))).map(JSON.parse);
  socket.send(frame("snapshot", jobId, counts, files));
}

news.on("message", (channel, message) => {
  const [total, completed, failed] = message.split(" ", 3);
  const file = JSON.parse(message.slice(message.indexOf("{")));
  const text = frame("change", channel.slice("job:".length), [total, completed, failed], [file]);
  for (const socket of watchers.get(channel) ?? []) socket.send(text);
});

new WebSocketServer({ server }).on("connection", (socket, request) =>
  watch(socket, new URL(request.url, "http://localhost").searchParams.get("jobId")),
);
server.listen(Number(process.env.API_PORT), "127.0.0.1");
