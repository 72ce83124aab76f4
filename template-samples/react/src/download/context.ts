import { createContext, useContext } from "react";

import type { Service } from "../api/service";
import type { Subscription } from "./subscription";

export interface Downloads {
  service: Service;
  /** The one subscription of a job, however many components watch it. */
  subscription(jobId: string, fileIds?: readonly number[]): Subscription;
}

export const DownloadsContext = createContext<Downloads | null>(null);

export function useDownloads(): Downloads {
  const downloads = useContext(DownloadsContext);
  if (!downloads) throw new Error("useDownload needs a <DownloadsProvider> above it");
  return downloads;
}
