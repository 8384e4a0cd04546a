// What was shown and what the cells did: the page's facts and core arrays.

import { Block, bit, type Manifest } from "./data";

export interface DecoderFacts {
  name: string;
  group: string;
  kind: "filters" | "pictures";
  gain: number;
  omitted: "mean" | "zero";
  transform: string[];
  own_average: boolean;
  needs_all: boolean;
  directions?: number;
  counts?: number[];
  low?: number;
  step?: number;
}

export interface Facts {
  cells: number;
  images: number;
  height: number;
  width: number;
  low: number;
  high: number;
  unit: string;
  names: string[];
  few: number;
  decoders: DecoderFacts[];
  groups: Manifest;
  field?: { width: number; height: number; coarse: number; planes: number[] };
  traces?: { first_s: number; step_s: number };
}

export type OrderName = "strongest" | "random" | "weakest";

export class Session {
  readonly cells: number;
  readonly images: number;
  readonly pixels: number;
  readonly response: Float32Array;
  readonly imageOf: Int32Array;
  readonly fold: Int32Array;
  readonly trialsOf: number[][];
  readonly repeated: boolean; // whether any picture was shown more than once
  readonly picture: Float32Array;
  readonly reliability: Float32Array;
  readonly roi: Int32Array;
  private readonly others: Uint8Array;
  private readonly responsive: Uint8Array;
  private readonly orders = new Map<string, Int32Array>();

  constructor(
    readonly facts: Facts,
    readonly block: Block,
  ) {
    this.cells = facts.cells;
    this.images = facts.images;
    this.pixels = facts.height * facts.width;
    this.imageOf = block.get<Int32Array>("core", "image");
    this.fold = block.get<Int32Array>("core", "fold");
    this.reliability = block.get<Float32Array>("core", "reliability");
    this.roi = block.get<Int32Array>("core", "roi");
    this.others = block.get<Uint8Array>("core", "responsive_others");
    this.responsive = block.get<Uint8Array>("core", "responsive");
    this.response = this.decodedResponses();
    const range = (facts.high - facts.low) / 255;
    this.picture = Float32Array.from(block.get("core", "picture"), (v) => facts.low + v * range);
    this.trialsOf = Array.from({ length: facts.images }, () => []);
    this.imageOf.forEach((image, trial) => this.trialsOf[image].push(trial));
    this.repeated = this.trialsOf.some((trials) => trials.length > 1);
  }

  private decodedResponses(): Float32Array {
    const code = this.block.get<Int16Array>("core", "response");
    const scale = this.block.get<Float32Array>("core", "response_scale");
    const values = new Float32Array(code.length);
    for (let trial = 0, at = 0; trial < scale.length; trial++)
      for (let cell = 0; cell < this.cells; cell++, at++) values[at] = code[at] * Math.abs(code[at]) * scale[trial];
    return values;
  }

  /** Whether a cell responds to the picture of a trial, judged by the other trials. */
  respondsIn(trial: number, cell: number): boolean {
    return bit(this.others, Math.ceil(this.cells / 8), trial, cell);
  }

  /** Whether a cell responds to a picture, judged by all its trials. */
  respondsTo(cell: number, image: number): boolean {
    return bit(this.responsive, Math.ceil(this.images / 8), cell, image);
  }

  responsiveCells(image: number): number {
    let count = 0;
    for (let cell = 0; cell < this.cells; cell++) if (this.respondsTo(cell, image)) count++;
    return count;
  }

  shown(image: number): Float32Array {
    return this.picture.subarray(image * this.pixels, (image + 1) * this.pixels);
  }

  /** Mean response of a cell over trials. */
  mean(cell: number, trials: number[]): number {
    let sum = 0;
    for (const trial of trials) sum += this.response[trial * this.cells + cell];
    return sum / trials.length;
  }

  /** The order in which cells enter a trial's picture; responsive ones precede the others. */
  order(trial: number, how: OrderName): Int32Array {
    const key = `${how}${trial}`;
    let found = this.orders.get(key);
    if (!found) {
      found = how === "random" ? shuffled(this.cells, trial) : this.byStrength(trial);
      if (how === "weakest") found.reverse();
      this.orders.set(key, found);
    }
    return found;
  }

  private byStrength(trial: number): Int32Array {
    const start = trial * this.cells;
    const code = this.block.get<Int16Array>("core", "response");
    const rank = new Int32Array(this.cells);
    for (let cell = 0; cell < this.cells; cell++)
      rank[cell] = code[start + cell] + (this.respondsIn(trial, cell) ? 0x10000 : 0);
    return Int32Array.from(rank.keys()).sort((a, b) => rank[b] - rank[a]);
  }
}

/** A random order of the cells, the same at every visit. */
function shuffled(length: number, seed: number): Int32Array {
  const order = Int32Array.from({ length }, (_, i) => i);
  let state = 12345 + seed;
  for (let i = length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
