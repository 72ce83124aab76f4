// Runs the Worker on this machine until it is ended: node miniflare.mjs OPTIONS, which are Miniflare's, as JSON.
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare } from "miniflare";

// The runtime takes no module from outside the folder that it is started in.
process.chdir(fileURLToPath(new URL(".", import.meta.url)));
const worker = { modules: true, scriptPath: "worker.js", log: new Log(LogLevel.ERROR) };
const miniflare = new Miniflare({ ...worker, ...JSON.parse(process.argv[2]) });
await miniflare.ready;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => miniflare.dispose().then(() => process.exit(0)));
}
