// What the reader has chosen, and who redraws when it changes.

import type { OrderName } from "./session";

export type Contrast = "stretched" | "decoded" | "less mean" | "uncertainty";
export type Place = "field" | "picture";
export type Colour = "response" | "contribution" | "reliability";
export type Sorting = "best" | "worst" | "responsive" | "stable" | "name";

export interface Choice {
  decoder: number;
  image: number;
  trial: number | null; // place among the image's trials; null: their mean
  count: number;
  order: OrderName;
  contrast: Contrast;
  cell: number;
  left: ReadonlySet<number>;
  place: Place;
  plane: number;
  colour: Colour;
  sorting: Sorting;
  filter: string;
}

type Key = keyof Choice;
type Drawing = (choice: Choice) => void;

export class Chosen {
  private drawings: { keys: ReadonlySet<Key>; draw: Drawing }[] = [];

  constructor(public now: Choice) {}

  /** Have `draw` called now and whenever one of `keys` changes. */
  on(keys: Key[], draw: Drawing): void {
    this.drawings.push({ keys: new Set(keys), draw });
    draw(this.now);
  }

  change(part: Partial<Choice>): void {
    const before = this.now;
    this.now = { ...before, ...part };
    const changed = (Object.keys(part) as Key[]).filter((key) => this.now[key] !== before[key]);
    if (!changed.length) return;
    for (const { keys, draw } of this.drawings)
      if (changed.some((key) => keys.has(key))) draw(this.now);
  }
}
