/** From a presigned URL to the person's disk. The bytes come straight from the store. */
import type { Archive, Link } from "../api/types";

export type Saved = Pick<Link, "downloadUrl" | "filename"> | Pick<Archive, "downloadUrl" | "filename">;

/** Browsers drop programmatic downloads that follow each other too closely. */
const GAP_MS = 700;
/** Longer than a file waits for its turn among the six connections that a browser has to one host. */
export const KEPT_MS = 3_600_000;

/**
 * The store answers with `Content-Disposition: attachment`, which leaves the frame as it is: empty. What fills
 * it is a refusal, and `refused` is told. A frame a file, since a link's second download cancels the first
 * that has no byte yet, and since a refusal would take the page's own place.
 */
export function save({ downloadUrl, filename }: Saved, refused: (error: Error) => void): void {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = filename;
  frame.referrerPolicy = "no-referrer";
  const timer = setTimeout(() => frame.remove(), KEPT_MS);
  frame.addEventListener("load", () => {
    clearTimeout(timer);
    frame.remove();
    refused(new Error(`${filename} could not be fetched.`));
  });
  frame.src = downloadUrl;
  document.body.append(frame);
}

/** One after another. Browsers ask once whether a page may do that; a page cannot know what was answered. */
export async function saveEach(
  links: readonly Saved[],
  refused: (error: Error) => void,
  gapMs = GAP_MS,
): Promise<void> {
  for (const [at, link] of links.entries()) {
    if (at) await new Promise((resolve) => setTimeout(resolve, gapMs));
    save(link, refused);
  }
}
