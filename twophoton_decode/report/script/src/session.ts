// What was shown and what the cells did: the page's facts and core arrays.

import { Block, bit } from "./data";
import type { LayoutFacts } from "./layout";
import type { MovieFacts } from "./player";

export interface DecoderFacts {
  name: string;
  group: string;
  kind: "filters" | "pictures";
  gain: number;
  omitted: "mean" | "zero";
  transform: string[];
  own_average: boolean;
  needs_all: boolean;
  counts?: number[];
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
  groups: string[];
  layouts?: LayoutFacts[];
  movie?: MovieFacts | null;
  served: string; // what a server calls these results; empty for a page on its own
}

export interface FieldFacts {
  width: number;
  height: number;
  coarse: number;
  planes: number[];
}

export interface TraceFacts {
  first_s: number;
  step_s: number;
}

export type OrderName = "strongest" | "random" | "weakest";

export class Session {
  readonly cells: number;
  readonly images: number;
  readonly pixels: number;
  readonly response: Float32Array; // trial, cell; of the images that are loaded
  readonly imageOf: Int32Array;
  readonly fold: Int32Array;
  readonly trialsOf: number[][];
  readonly repeated: boolean; // whether any picture was shown more than once
  readonly picture: Float32Array;
  readonly reliability: Float32Array;
  readonly roi: Int32Array;
  private readonly code: Int16Array;
  private readonly others: Uint8Array;
  private readonly average: Float32Array; // image, cell
  private readonly loaded = new Set<number>();
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
    this.responsive = block.get<Uint8Array>("core", "responsive");
    const range = (facts.high - facts.low) / 255;
    this.picture = Float32Array.from(block.get("core", "picture"), (v) => facts.low + v * range);
    this.trialsOf = Array.from({ length: facts.images }, () => []);
    this.imageOf.forEach((image, trial) => this.trialsOf[image].push(trial));
    this.repeated = this.trialsOf.some((trials) => trials.length > 1);
    const trials = this.imageOf.length;
    this.response = new Float32Array(trials * this.cells);
    this.code = new Int16Array(trials * this.cells);
    this.others = new Uint8Array(trials * this.bytes);
    const scale = block.get<Float32Array>("core", "average_scale");
    this.average = Float32Array.from(block.get<Int16Array>("core", "average"), (v, at) => v * scale[at % this.cells]);
  }

  private get bytes(): number {
    return Math.ceil(this.cells / 8);
  }

  /** Whether the responses to a picture are there; before, they must not be asked for. */
  holds(image: number): boolean {
    return this.loaded.has(image);
  }

  /** Get the responses of all cells to a picture. */
  async load(image: number): Promise<void> {
    if (this.loaded.has(image)) return;
    const group = `image-${image}`;
    await this.block.load(group);
    if (this.loaded.has(image)) return;
    const code = this.block.get<Int16Array>(group, "response");
    const scale = this.block.get<Float32Array>(group, "response_scale");
    const others = this.block.get<Uint8Array>(group, "responsive_others");
    this.trialsOf[image].forEach((trial, place) => {
      const start = place * this.cells;
      this.code.set(code.subarray(start, start + this.cells), trial * this.cells);
      this.others.set(others.subarray(place * this.bytes, (place + 1) * this.bytes), trial * this.bytes);
      for (let cell = 0, at = start; cell < this.cells; cell++, at++)
        this.response[trial * this.cells + cell] = code[at] * Math.abs(code[at]) * scale[place];
    });
    this.block.drop(group);
    this.loaded.add(image);
  }

  /** Whether a cell responds to the picture of a trial, judged by the other trials. */
  respondsIn(trial: number, cell: number): boolean {
    return bit(this.others, this.bytes, trial, cell);
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

  /** Mean response of a cell to a picture, whether its trials are loaded or not. */
  averageOf(cell: number, image: number): number {
    return this.average[image * this.cells + cell];
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
    if (!this.holds(this.imageOf[trial])) throw new Error(`picture ${this.imageOf[trial]} is not loaded`);
    const start = trial * this.cells;
    const rank = new Int32Array(this.cells);
    for (let cell = 0; cell < this.cells; cell++)
      rank[cell] = this.code[start + cell] + (this.respondsIn(trial, cell) ? 0x10000 : 0);
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
