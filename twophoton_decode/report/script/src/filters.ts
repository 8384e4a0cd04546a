// Decoders whose pictures the page computes from any number of cells: filters times responses.

import { cosineTable, fromCosines, toCosines } from "./cosines";
import { Decoder, type Use } from "./decoder";
import type { DecoderFacts, OrderName, Session } from "./session";

const GAMMA: Record<string, number> = { none: 1, "power-0.7": 0.7, "square-root": 0.5 };

export class FilterDecoder extends Decoder {
  readonly counts = null;
  private readonly directions: number;
  private readonly code: Int16Array; // fold, cell, direction
  private readonly step: Float32Array;
  private readonly meanResponse: Float32Array;
  private readonly basis: Float32Array | null;
  private readonly sums: Float32Array; // of the pixels of each direction
  private readonly cosines: ReturnType<typeof cosineTable> | null;
  private readonly targets = new Map<number, Target>();
  private readonly loaded = new Set<number>();

  constructor(facts: DecoderFacts, session: Session) {
    super(facts, session);
    const { block, pixels } = session;
    const stored = block.find<Int16Array>(facts.group, "basis");
    this.directions = stored ? stored.length / pixels : pixels;
    this.step = block.get<Float32Array>(facts.group, "step");
    this.meanResponse = block.get<Float32Array>(facts.group, "mean_response");
    const folds = this.meanPicture.length / pixels;
    this.code = new Int16Array(folds * session.cells * this.directions);
    this.basis = stored && Float32Array.from(stored, (value) => value / 32767);
    const { height, width } = session.facts;
    this.cosines = this.basis ? null : cosineTable(height, width);
    this.sums = new Float32Array(this.directions);
    if (this.basis)
      for (let d = 0; d < this.directions; d++)
        for (let p = 0; p < pixels; p++) this.sums[d] += this.basis[d * pixels + p];
    else this.sums[0] = Math.sqrt(pixels);
  }

  async load(fold: number): Promise<void> {
    if (this.loaded.has(fold)) return;
    const { block, cells } = this.session;
    const group = `${this.facts.group}-fold-${fold}`;
    await block.load(group);
    if (this.loaded.has(fold)) return;
    const code = byCell(block.get<Int16Array>(group, "code"), this.directions, cells);
    this.code.set(code, fold * code.length);
    block.drop(group);
    this.loaded.add(fold);
  }

  picture(use: Use): Float32Array {
    return this.pixels(this.coefficients(use));
  }

  curve(trials: number[], order: OrderName, left: ReadonlySet<number>): Float32Array {
    const trial = trials[0];
    const image = this.session.imageOf[trial];
    const made = this.resting(this.session.fold[image]);
    const curve = new Float32Array(this.session.cells + 1 - left.size);
    curve[0] = this.score(made, image);
    let count = 0;
    for (const cell of this.session.order(trial, order)) {
      if (left.has(cell)) continue;
      this.add(made, image, cell, this.amplitude(trial, cell) - this.rest(image, cell));
      curve[++count] = this.score(made, image);
    }
    return curve;
  }

  /** The share of the picture shown that each cell adds, all cells used: they sum to ⟨ŝ,s⟩/⟨s,s⟩. */
  contributions(trials: number[], left: ReadonlySet<number>): Float32Array {
    const image = this.session.imageOf[trials[0]];
    const target = this.targetOf(image);
    const shares = new Float32Array(this.session.cells);
    for (let cell = 0; cell < shares.length; cell++) {
      if (left.has(cell)) continue;
      const at = this.start(image, cell);
      let along = 0;
      let sum = 0;
      for (let d = 0; d < this.directions; d++) {
        along += this.code[at + d] * target.weight[d];
        sum += this.code[at + d] * this.sums[d];
      }
      let amplitude = 0;
      for (const trial of trials) amplitude += this.amplitude(trial, cell) / trials.length;
      const centred = along - (sum * target.sum) / this.session.pixels;
      shares[cell] = (amplitude * centred * this.step[cell]) / (target.norm * target.norm);
    }
    return shares;
  }

  /** Where the filter of a cell begins, for a picture whose fold is loaded. */
  private start(image: number, cell: number): number {
    return (this.session.fold[image] * this.session.cells + cell) * this.directions;
  }

  /** What a cell's filter is multiplied by in a trial. */
  private amplitude(trial: number, cell: number): number {
    const { cells, fold, imageOf } = this.session;
    const of = fold[imageOf[trial]];
    const response = this.session.response[trial * cells + cell];
    const power = GAMMA[this.facts.transform[of]] ?? 1;
    const read = power === 1 ? response : Math.sign(response) * Math.abs(response) ** power;
    return read - this.meanResponse[of * cells + cell];
  }

  /** What the filter of a cell that is not used is multiplied by. */
  private rest(image: number, cell: number): number {
    if (this.facts.omitted === "mean") return 0;
    return -this.meanResponse[this.session.fold[image] * this.session.cells + cell];
  }

  private resting(fold: number): Float32Array {
    const made = new Float32Array(this.directions);
    if (this.facts.omitted === "mean") return made;
    const image = this.session.fold.indexOf(fold);
    for (let cell = 0; cell < this.session.cells; cell++)
      this.add(made, image, cell, this.rest(image, cell));
    return made;
  }

  private add(made: Float32Array, image: number, cell: number, amplitude: number): void {
    const at = this.start(image, cell);
    const factor = amplitude * this.step[cell];
    for (let d = 0; d < this.directions; d++) made[d] += factor * this.code[at + d];
  }

  private coefficients(use: Use): Float32Array {
    const { session } = this;
    const image = session.imageOf[use.trials[0]];
    if (!this.loaded.has(session.fold[image])) throw new Error(`filters for picture ${image} are not loaded`);
    const amplitude = new Float32Array(session.cells);
    for (const trial of use.trials) {
      let count = 0;
      for (const cell of session.order(trial, use.order)) {
        if (count >= use.count) break;
        if (use.left.has(cell)) continue;
        amplitude[cell] += (this.amplitude(trial, cell) - this.rest(image, cell)) / use.trials.length;
        count++;
      }
    }
    const made = this.resting(session.fold[image]);
    for (let cell = 0; cell < session.cells; cell++)
      if (amplitude[cell] !== 0) this.add(made, image, cell, amplitude[cell]);
    return made;
  }

  private pixels(made: Float32Array): Float32Array {
    if (this.cosines) return fromCosines(made, this.cosines);
    const pixels = this.session.pixels;
    const picture = new Float32Array(pixels);
    for (let d = 0; d < this.directions; d++) {
      const weight = made[d];
      for (let p = 0, at = d * pixels; p < pixels; p++, at++) picture[p] += weight * this.basis![at];
    }
    return picture;
  }

  private targetOf(image: number): Target {
    let found = this.targets.get(image);
    if (!found) {
      found = this.makeTarget(image);
      this.targets.set(image, found);
    }
    return found;
  }

  private makeTarget(image: number): Target {
    const less = this.target(image);
    const pixels = this.session.pixels;
    let sum = 0;
    let power = 0;
    for (const value of less) {
      sum += value;
      power += value * value;
    }
    const norm = Math.sqrt(Math.max(power - (sum * sum) / pixels, 1e-12));
    if (this.cosines) return { weight: toCosines(less, this.cosines), sum, norm };
    const weight = new Float32Array(this.directions);
    for (let d = 0; d < this.directions; d++)
      for (let p = 0, at = d * pixels; p < pixels; p++, at++) weight[d] += less[p] * this.basis![at];
    return { weight, sum, norm };
  }

  /** R from the weights of directions alone: the basis is orthonormal. */
  private score(made: Float32Array, image: number): number {
    const target = this.targetOf(image);
    let power = 0;
    let along = 0;
    let sum = 0;
    for (let d = 0; d < this.directions; d++) {
      power += made[d] * made[d];
      along += made[d] * target.weight[d];
      sum += made[d] * this.sums[d];
    }
    const pixels = this.session.pixels;
    const spread = power - (sum * sum) / pixels;
    if (spread <= 1e-10) return 0;
    return (along - (sum * target.sum) / pixels) / (Math.sqrt(spread) * target.norm);
  }
}

interface Target {
  weight: Float32Array;
  sum: number;
  norm: number;
}

/** From (direction, cell), which packs well, to (cell, direction), which adds fast. */
function byCell(code: Int16Array, directions: number, cells: number): Int16Array {
  const turned = new Int16Array(code.length);
  for (let d = 0, from = 0; d < directions; d++)
    for (let cell = 0; cell < cells; cell++, from++) turned[cell * directions + d] = code[from];
  return turned;
}
