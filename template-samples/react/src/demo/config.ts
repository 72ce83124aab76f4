import * as v from "valibot";

const config = v.object({
  /** The service's address, with or without a slash at its end. */
  apiUrl: v.pipe(v.string(), v.url()),
  files: v.optional(
    v.array(v.object({ id: v.number(), name: v.string(), size: v.optional(v.number()) })),
    [],
  ),
  /** Another client of the issuer than the one that `GET /` names. */
  oidcClientId: v.optional(v.string()),
});

export type Config = v.InferOutput<typeof config>;
export type CatalogueFile = Config["files"][number];

/** Written at deploy time beside the page, so that one build serves every stage. */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch("config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`config.json is missing beside this page (${String(answer.status)}).`);
  return v.parse(config, await answer.json());
}
