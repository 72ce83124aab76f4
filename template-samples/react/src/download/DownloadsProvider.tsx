import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import type { Service } from "../api/service";
import { DownloadsContext, type Downloads } from "./context";
import { defaultWays } from "./following";
import { Subscription } from "./subscription";
import type { Ways } from "./view";

/** By default, what is pressed offline waits unseen and is sent later: here it fails at once, and says so. */
const OPTIONS = {
  defaultOptions: {
    queries: { retry: false, networkMode: "always" as const, refetchOnReconnect: true },
    mutations: { networkMode: "always" as const },
  },
};

/** Gives the components below it the service and one subscription a job. Give it a `key` to start afresh. */
export function DownloadsProvider(props: {
  service: Service;
  ways?: () => Promise<Ways>;
  children: ReactNode;
}) {
  const [queries] = useState(() => new QueryClient(OPTIONS));
  const [downloads] = useState(() => shared(props.service, props.ways));
  return (
    <DownloadsContext value={downloads}>
      <QueryClientProvider client={queries}>{props.children}</QueryClientProvider>
    </DownloadsContext>
  );
}

function shared(service: Service, given?: () => Promise<Ways>): Downloads {
  /** Those that somebody listens to, or is about to. */
  const known = new Map<string, Subscription>();
  const standing = { from: 0 };
  let found: Promise<Ways> | undefined;
  // The WebSocket's address is asked for once; a failed question is asked again.
  const ways = given ?? (() => (found ??= ask()));
  const ask = () =>
    service.root().then(
      (root) => defaultWays(root.links.websocket),
      (error: unknown) => {
        found = undefined;
        throw error;
      },
    );
  return {
    service,
    subscription: (jobId, fileIds) => {
      const held = known.get(jobId);
      if (held) return held;
      const listened = (now: boolean) => {
        if (now && !known.has(jobId)) known.set(jobId, made);
        else if (!now && known.get(jobId) === made) known.delete(jobId);
      };
      const made: Subscription = new Subscription(service, ways, jobId, fileIds, { standing, listened });
      known.set(jobId, made);
      return made;
    },
  };
}
