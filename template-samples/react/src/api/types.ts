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

export type FileState = Omit<Schemas["FileEntry"], "downloadUrl" | "urlExpiresAt">;

export type Archive = Schemas["ArchiveLink"];

/** The one archive of a job that asked for it; its links come with the links alone. */
export type Bundle = Schemas["BundleState"];

export type JobSummary = Schemas["JobSummary"];
export type Status = Omit<Schemas["StatusReply"], "files"> & {
  files: FileState[];
  /** `estimatedCompletionAt` in milliseconds by this browser's clock, which may go wrong. */
  readyAt?: number | null;
};
export type Links = Schemas["LinksReply"];

export interface Order {
  file_ids: number[];
  priority?: Priority;
  bundle?: "zip";
}
