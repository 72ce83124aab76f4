// Follows a job with the npm EventSource until the server tells it to stop; one line of JSON an event.
// Usage: node follow.mjs URL
import { EventSource } from "eventsource";

const source = new EventSource(process.argv[2]);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

for (const name of ["snapshot", "change", "end"]) {
  source.addEventListener(name, (event) =>
    tell({ name, id: event.lastEventId, data: JSON.parse(event.data) }),
  );
}
source.addEventListener("error", (event) => {
  if (source.readyState === EventSource.CLOSED) tell({ name: "closed", code: event.code });
});
