// A page from a server: tells the reader when the session was run again, or the server is gone.

import { button, tell } from "./dom";

const EVERY_MS = 4000;

/** Ask now and then whether the results are still those of this page, `served`. */
export function watch(served: string): void {
  const asking = window.setInterval(async () => {
    if (document.hidden) return;
    const version = await current();
    if (version === null || version === served) return;
    clearInterval(asking);
    tell("This session was run again: reload the page to see its results. ");
    document.querySelector("#trouble")?.append(button("Reload", { class: "quiet" }, () => location.reload()));
  }, EVERY_MS);
}

/** What the server calls the results as they are now; null while it does not say. */
async function current(): Promise<string | null> {
  try {
    const response = await fetch("state");
    return response.ok ? ((await response.json()) as { version: string }).version : null;
  } catch {
    return null; // tpdecode view was ended, or the computer slept
  }
}
