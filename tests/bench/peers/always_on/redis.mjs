// What API and worker share: where Redis is, and how a job lies in it.
//   job:ID        hash   total, completed, failed
//   job:ID:files  hash   file id -> its result as JSON
//   job:ID        channel: a frame a file
import { Redis } from "ioredis";

export const QUEUE = "files";
export const connection = { host: "127.0.0.1", port: Number(process.env.REDIS_PORT) };

// BullMQ delivers at least once: a file counts the first time only, and the frame is that of the count.
const RECORD = `
if redis.call("HSETNX", KEYS[2], ARGV[1], ARGV[3]) == 0 then return 0 end
redis.call("HINCRBY", KEYS[1], ARGV[2], 1)
local counts = redis.call("HMGET", KEYS[1], "total", "completed", "failed")
redis.call("PUBLISH", KEYS[1], table.concat(counts, " ") .. " " .. ARGV[3])
return 1`;

export function connect() {
  const redis = new Redis({ ...connection, maxRetriesPerRequest: null });
  redis.defineCommand("record", { numberOfKeys: 2, lua: RECORD });
  return redis;
}

export const jobKey = (id) => `job:${id}`;
export const filesKey = (id) => `job:${id}:files`;

export function frame(type, jobId, [total, completed, failed], files) {
  const progress = { total: Number(total), completed: Number(completed), failed: Number(failed) };
  const ended = progress.completed + progress.failed === progress.total;
  return JSON.stringify({ type, jobId, status: ended ? "completed" : "processing", progress, files });
}
