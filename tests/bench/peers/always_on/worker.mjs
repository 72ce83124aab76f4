// Prepares files, CONCURRENCY at once: a HEAD, a presigned URL, the result and the count in Redis.
import { GetObjectCommand, HeadObjectCommand, NotFound, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Worker } from "bullmq";
import { QUEUE, connect, connection, filesKey, jobKey } from "./redis.mjs";

const s3 = new S3Client({ endpoint: process.env.S3_ENDPOINT, forcePathStyle: true });
const redis = connect();

async function prepare(fileId) {
  const object = { Bucket: process.env.S3_BUCKET, Key: `downloads/${fileId}.zip` };
  try {
    const head = await s3.send(new HeadObjectCommand(object));
    const url = await getSignedUrl(s3, new GetObjectCommand(object), { expiresIn: 900 });
    return { status: "completed", size: head.ContentLength, etag: head.ETag, url };
  } catch (error) {
    if (error instanceof NotFound) return { status: "failed", errorCode: "NOT_FOUND" };
    throw error; // BullMQ tries again
  }
}

async function work({ data: { jobId, fileId } }) {
  const result = { file_id: fileId, ...(await prepare(fileId)), at: Date.now() };
  await redis.record(jobKey(jobId), filesKey(jobId), fileId, result.status, JSON.stringify(result));
}

const worker = new Worker(QUEUE, work, { connection, concurrency: Number(process.env.CONCURRENCY) });
await worker.waitUntilReady();
await redis.set("worker", "ready");
