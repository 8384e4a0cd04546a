// The first thing on the page: pictures from best to worst, shown and reconstructed.

import { element, button, number, find } from "./dom";
import { grey } from "./paint";
import type { Explorer } from "./explorer";
import type { OrderName } from "./session";

const NONE: ReadonlySet<number> = new Set();

export function drawStrip(explorer: Explorer, open: (image: number) => void): void {
  const { session } = explorer;
  const { facts } = session;
  const scores = session.block.get<Float32Array>("core", "r_average").subarray(0, facts.images);
  const strip = find("#strip");
  const narrow = window.innerWidth < 700;
  const images = spread(ranked(scores, session.trialsOf), narrow ? 5 : 14);
  strip.className = `strip of-${images.length}`;
  strip.replaceChildren();
  const few = Math.max(1, Math.min(facts.few, facts.cells));
  const computed = facts.decoders[0].kind === "filters";
  const rows: [string, string, number, OrderName][] = computed
    ? [
        [few === 1 ? "strongest" : `${few} strongest`, few === 1 ? "cell" : "cells", few, "strongest"],
        [`${few} random`, few === 1 ? "cell" : "cells", few, "random"],
        [`all ${facts.cells}`, facts.cells === 1 ? "cell" : "cells", facts.cells, "strongest"],
      ]
    : [[`all ${facts.cells}`, facts.cells === 1 ? "cell" : "cells", facts.cells, "strongest"]];
  strip.append(label("shown", ""));
  for (const image of images) {
    const canvas = element("canvas", {});
    grey(canvas, [session.shown(image)], facts, facts.low, facts.high);
    const opener = button("", { "aria-label": `Open ${facts.names[image]}` }, () => open(image));
    opener.append(canvas);
    strip.append(opener);
  }
  const decoder = explorer.decoder(0);
  for (const [what, more, count, order] of rows) {
    strip.append(label(what, more));
    for (const image of images) {
      const use = { trials: session.trialsOf[image], count, order, left: NONE };
      const picture = explorer.drawn(decoder.picture(use), decoder, image, "stretched");
      const text = `${facts.names[image]} reconstructed from ${what} ${more}`;
      const canvas = element("canvas", { role: "img", "aria-label": text });
      grey(canvas, [picture], facts, facts.low, facts.high);
      strip.append(canvas);
    }
  }
  strip.append(label("", "R, all cells"));
  for (const image of images) strip.append(element("div", { class: "r" }, number(scores[image])));
}

function label(strong: string, more: string): HTMLElement {
  return element("div", { class: "label" }, element("b", {}, strong), " ", more);
}

/** Images that were shown, the best first, those without a score last. */
export function ranked(scores: Float32Array, trialsOf: number[][]): number[] {
  const images = [...scores.keys()].filter((image) => trialsOf[image].length);
  const score = (image: number) => (Number.isFinite(scores[image]) ? scores[image] : -2);
  return images.sort((a, b) => score(b) - score(a));
}

/** At most `most` of them, evenly spaced from first to last. */
function spread(images: number[], most: number): number[] {
  const count = Math.min(most, images.length);
  if (count < 2) return images.slice(0, count);
  return Array.from({ length: count }, (_, i) => images[Math.round((i * (images.length - 1)) / (count - 1))]);
}
