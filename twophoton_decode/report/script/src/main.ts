// The report page: everything that moves. The words and tables stand in the HTML already.

import { Bench } from "./bench";
import { CellCard, MOST_WITH_TRIALS } from "./cell";
import { Block } from "./data";
import { find, tell } from "./dom";
import { Explorer } from "./explorer";
import { Field } from "./field";
import { FilterDecoder } from "./filters";
import { layouts } from "./layout";
import { contents, copying, csvCell, figuresByDecoder, printing, sessionTables, tables, theme } from "./page";
import { player } from "./player";
import { Session, type Facts } from "./session";
import { Chosen } from "./state";
import { drawStrip, ranked } from "./strip";
import { Wall } from "./wall";
import { watch } from "./watch";

const RESIZE_MS = 120;

async function start(): Promise<void> {
  theme();
  contents();
  figuresByDecoder();
  copying();
  printing();
  const facts = JSON.parse(find("#facts").textContent ?? "{}") as Facts;
  const block = new Block(facts.groups, facts.served);
  tables(block);
  if (facts.served) watch(facts.served);
  // Beside the explorer: one that cannot be loaded must not keep the other from being shown.
  layouts(block, facts.layouts ?? []).catch(tell);
  if (facts.movie) player(block, facts.movie).catch(tell);
  if (!facts.decoders.length) return;
  await Promise.all(["core", "cells", "field"].filter((group) => block.has(group)).map((group) => block.load(group)));
  await explore(new Session(facts, block));
}

async function explore(session: Session): Promise<void> {
  const scores = session.block.get<Float32Array>("core", "r_average").subarray(0, session.images);
  const images = ranked(scores, session.trialsOf);
  const image = images[Math.min(2, images.length - 1)];
  // One that the page computes, where there is any: with it, the reader can do more.
  const decoder = Math.max(0, session.facts.decoders.findIndex((each) => each.kind === "filters"));
  const chosen = new Chosen({
    decoder,
    image,
    trial: null,
    count: Math.max(1, Math.min(session.facts.few, session.cells)),
    order: "strongest",
    contrast: "stretched",
    cell: strongest(session, image),
    left: new Set(),
    place: session.block.has("field") ? "field" : "picture",
    plane: 0,
    colour: "response",
    sorting: "best",
    filter: "",
  });
  const explorer = new Explorer(session, chosen);
  await explorer.load(decoder, image);
  const open = (of: number) => {
    explorer.open({ image: of, trial: null });
    find("#pictures").scrollIntoView();
  };
  find("#explorer").hidden = false;
  find("#strip-box").hidden = false;
  const wall = new Wall(explorer);
  const bench = new Bench(explorer);
  const card = new CellCard(explorer, new Field(explorer));
  sessionTables(session);
  steps(explorer, wall, bench);
  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      explorer.wait(drawStrip(explorer, open));
      bench.resize();
      card.resize();
    }, RESIZE_MS);
  });
  explorer.wait(drawStrip(explorer, open));
  explorer.wait(fill(explorer).then(() => card.resize()));
  expose(explorer);
  document.documentElement.dataset.ready = "true";
  performance.mark("usable");
}

/** Get what a cell's card shows beside the picture that is open. */
async function fill({ session }: Explorer): Promise<void> {
  const images = [...session.trialsOf.keys()].filter((image) => session.trialsOf[image].length);
  const small = images.length <= MOST_WITH_TRIALS;
  if (session.block.has("traces")) await session.block.load("traces");
  if (small) await Promise.all(images.map((image) => session.load(image)));
}

/** The cell that responds most to a picture. */
function strongest(session: Session, image: number): number {
  let best = 0;
  for (let cell = 1; cell < session.cells; cell++)
    if (session.averageOf(cell, image) > session.averageOf(best, image)) best = cell;
  return best;
}

/** Arrows and keys that go to the next picture and trial; keys only while the explorer has focus. */
function steps(explorer: Explorer, wall: Wall, bench: Bench): void {
  const { chosen } = explorer;
  const stepImage = (by: number) => {
    const listed = wall.listed;
    if (!listed.length) return;
    const here = Math.max(0, listed.indexOf(chosen.now.image));
    explorer.open({ image: listed[(here + by + listed.length) % listed.length], trial: null });
  };
  find("#previous").addEventListener("click", () => stepImage(-1));
  find("#next").addEventListener("click", () => stepImage(1));
  const keys: Record<string, () => void> = {
    "[": () => stepImage(-1),
    "]": () => stepImage(1),
    ",": () => bench.stepTrial(-1),
    ".": () => bench.stepTrial(1),
  };
  find("#explorer").addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement && event.target.type === "search";
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
}

/** For the console and the tests: pictures, scores, orders and cells of tables as the page makes them. */
function expose(explorer: Explorer): void {
  const { session, chosen } = explorer;
  const left: ReadonlySet<number> = new Set();
  const api = {
    change: chosen.change.bind(chosen),
    now: () => chosen.now,
    csvCell,
    open: explorer.open.bind(explorer),
    idle: () => explorer.idle,
    order: async (trial: number) => {
      await session.load(session.imageOf[trial]);
      return Array.from(session.order(trial, "strongest"));
    },
    picture: async (decoder: number, trials: number[], count: number) => {
      const image = session.imageOf[trials[0]];
      await explorer.load(decoder, image);
      const made = explorer.decoder(decoder);
      const less = made.picture({ trials, count, order: "strongest", left });
      return { picture: Array.from(explorer.drawn(less, made, image, "decoded")), r: made.r(less, image) };
    },
    curve: async (decoder: number, trial: number) => {
      await explorer.load(decoder, session.imageOf[trial]);
      const made = explorer.decoder(decoder);
      return made instanceof FilterDecoder ? Array.from(made.curve([trial], "strongest", left)) : null;
    },
  };
  (globalThis as unknown as { tpdecode: typeof api }).tpdecode = api;
}

start().catch((error: unknown) => {
  tell(`The interactive part of this page could not be started (${String(error)}). The figures below are complete.`);
  throw error;
});
