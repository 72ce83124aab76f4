/**
 * A job is followed by WebSocket; where that fails, by Server-Sent Events; where that fails too, by asking.
 */
import { pause, pauseMs } from "./backoff";
import { byEvents } from "./events";
import { byPolling } from "./polling";
import { rejoined, type Running } from "./rejoining";
import type { Run } from "./run";
import { settled } from "./state";
import type { Standing, Ways } from "./view";
import { byWebSocket } from "./websocket";

/** Vain tries after which the next way has its turn. */
const TRIES = 3;
/** How often the faster ways get another chance while the job is asked for. */
export const REJOIN_MS = 60_000;

export function defaultWays(websocket: string | undefined): Ways {
  const socket = websocket ? ([["websocket", byWebSocket(websocket)]] as const) : [];
  return [...socket, ["events", byEvents()], ["polling", byPolling()]];
}

/** Follows a job until the run is over. Never rejects for what a call to the service threw. */
export async function follow(run: Run, found: () => Promise<Ways>, standing: Standing): Promise<void> {
  if (settled(run.view().job)) await run.lookOnce();
  await run.persist(() => run.learnIds());
  let at = standing.from;
  while (!run.over()) {
    const ways = await run.persist(found);
    if (!ways?.length) return;
    at %= ways.length;
    const way = ways[at] as Ways[number];
    if (way[0] === "polling") at = await asking(run, way, ways, standing);
    else {
      const toBlame = await along(run, way);
      at += 1;
      if (toBlame) standing.from = at;
    }
  }
}

/** One way, over as many connections as get somewhere; whether it is to blame that the next has its turn. */
async function along(run: Run, [name, way]: Ways[number], joined?: Running): Promise<boolean> {
  run.show({ way: name, connected: joined !== undefined });
  let running = joined;
  for (let failures = 0; failures < TRIES && !run.over();) {
    const before = run.view().job.version;
    const outcome = await (running ?? run.persist(() => way(run.watched(), run.signal)));
    running = undefined;
    if (outcome === "lacking") await run.conclude();
    if (outcome === "hung") return true;
    if (outcome !== "lost" && outcome !== "expired") return false;
    // A connection that told something new was a good one, however it ended.
    failures = run.view().job.version > before ? 0 : failures + 1;
    if (failures < TRIES && (outcome === "lost" || failures)) await pause(pauseMs(failures), run.signal);
  }
  return !run.over();
}

/** Asks, and tries the better ways from time to time; goes along one that stands. Returns which is next. */
async function asking(run: Run, polling: Ways[number], ways: Ways, standing: Standing): Promise<number> {
  const asking = new AbortController();
  const stop = () => asking.abort();
  run.signal.addEventListener("abort", stop);
  run.show({ way: "polling", connected: false });
  const ask = () => polling[1](run.watched(asking.signal), asking.signal);
  const asked = run.persist(ask, asking.signal).finally(stop);
  while (!asking.signal.aborted) {
    await pause(REJOIN_MS, asking.signal);
    for (const [at, way] of ways.entries()) {
      const joined = way === polling ? null : await rejoined(run, way, asking);
      if (!joined) continue;
      standing.from = at;
      await along(run, way, joined.running);
      return at + 1;
    }
  }
  if ((await asked) === "lacking") await run.conclude();
  run.signal.removeEventListener("abort", stop);
  return ways.indexOf(polling);
}
