// Sentences that hold for what is chosen: the decoder, the order in which cells enter, the trial.

import { FilterDecoder, type Decoder } from "./decoder";
import { number } from "./dom";
import type { Explorer } from "./explorer";
import type { OrderName } from "./session";
import type { Choice } from "./state";

const ENTER: Record<OrderName, string> = {
  strongest: "the strongest first",
  random: "in random order",
  weakest: "the weakest first",
};
const USED: Record<OrderName, string> = {
  strongest: "responsive cells first, then by strength",
  random: "drawn at random for each trial",
  weakest: "the weakest first, responsive cells last",
};

/** What the reader can do with the decoder and the cells that the page has. */
export function invitation(explorer: Explorer, choice: Choice): string {
  const { session } = explorer;
  const decoder = explorer.decoder(choice.decoder);
  const computed = decoder instanceof FilterDecoder;
  const said: string[] = [];
  if (computed) said.push(`Drag the slider to add cells one at a time, ${ENTER[choice.order]}.`);
  else if (decoder.counts!.length > 1) said.push("Drag the slider to go from few cells to all, the strongest first.");
  if (session.block.has("field") || session.block.find("cells", "centre_x"))
    said.push(`Point at a cell to see what it responds to${computed ? "; click it to leave it out" : ""}.`);
  return said.join(" ");
}

/** What the page has of a decoder, where that is not all. */
export function decoderNote(decoder: Decoder, cells: number): string {
  const { own_average: own, needs_all: needsAll } = decoder.facts;
  if (!decoder.counts)
    return own
      ? "This decoder reads the mean of several trials by weights of its own, which the scores of the wall are for. The pictures here, and the mean over trials, are made by its weights for single trials."
      : "";
  if (needsAll && cells > 1) return "This decoder reads all cells at once: a reconstruction from some of them is not in this page.";
  if (decoder.counts.length === 1 && cells > 1)
    return `To keep this page small, it has of this decoder the pictures from all cells only, each ${own ? "its own reconstruction of the mean response" : "the mean over trials"}.`;
  return `To keep this page small, it has pictures of this decoder at a few numbers of cells only, each the mean over trials${own ? "; that from all cells is its own reconstruction of the mean response" : ""}.`;
}

/** What the colours and outlines of the cells mean; `top` is drawn brightest. */
export function fieldNote(explorer: Explorer, choice: Choice, top: number): string {
  const { session } = explorer;
  const computed = explorer.decoder(choice.decoder) instanceof FilterDecoder;
  const colours = {
    response: `dark to bright: 0 to ${number(top)} ${session.facts.unit}`,
    contribution: computed ? `amber adds to the picture, blue takes from it; brightest: ${number(100 * top, 1)} % of it` : "not known for this decoder in this page",
    reliability: session.repeated ? "dark to bright: reliability of tuning, 0 to 1" : "reliability is not known with one repeat",
  };
  if (explorer.count(choice) >= session.cells - choice.left.size) return colours[choice.colour];
  const several = explorer.trials(choice).length > 1 ? " in half of the trials or more" : "";
  return `${colours[choice.colour]} · white outline: used${several} (${USED[choice.order]})`;
}
