/** The contract's shapes under short names. `openapi.d.ts` is generated: `make react-types`. */
import type { components } from "./openapi";

type Schemas = components["schemas"];

export type JobStatus = Schemas["JobStatus"];
export type FileStatus = Schemas["FileStatus"];
export type Progress = Schemas["Progress"];
export type Priority = Schemas["Priority"];
export type SignIn = Schemas["SignIn"];
export type Link = Schemas["Link"];
export type Ticket = Schemas["TicketReply"];
export type Accepted = Schemas["InitiateReply"];
export type Root = Schemas["RootReply"];

/** What a file waits for, where its status alone does not say it. */
export interface Waiting {
  code?: string | null;
  /** ISO 8601, UTC: when an archived file is expected back. */
  estimatedReadyAt?: string | null;
}

export type FileState = Omit<Schemas["FileEntry"], "downloadUrl" | "urlExpiresAt"> & Waiting;

export interface Archive {
  part: number;
  filename: string;
  /** Bytes. */
  size: number;
  downloadUrl: string;
  urlExpiresAt: string;
}

/** The one archive of a job that asked for it; its links come with the links alone. */
export interface Bundle {
  format: string;
  status: FileStatus;
  percentage: number;
  bytesDone?: number | null;
  bytesTotal?: number | null;
  error?: string | null;
  errorCode?: string | null;
}

interface Bundled {
  bundle?: (Bundle & { archives?: Archive[] | null }) | null;
}

export type JobSummary = Schemas["JobSummary"] & Bundled;
export type Status = Omit<Schemas["StatusReply"], "files"> & { files: FileState[] } & Bundled;
export type Links = Schemas["LinksReply"] & Bundled;

export interface Order {
  file_ids: number[];
  priority?: Priority;
  bundle?: "zip";
}
