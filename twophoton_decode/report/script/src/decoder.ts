// What every decoder of the page can do, and decoders of which it has pictures alone.

import type { DecoderFacts, OrderName, Session } from "./session";

/** Which trials and cells make a picture. */
export interface Use {
  trials: number[];
  count: number;
  order: OrderName;
  left: ReadonlySet<number>;
}

/** What every decoder of the page can do; the picture is always less the mean training image. */
export abstract class Decoder {
  readonly gain: number;
  protected readonly meanPicture: Float32Array;
  private readonly stored: Uint8Array; // count, image, pixel; from all cells last

  constructor(
    readonly facts: DecoderFacts,
    protected readonly session: Session,
  ) {
    this.gain = facts.gain;
    this.meanPicture = session.block.get<Float32Array>(facts.group, "mean_picture");
    this.stored = session.block.get<Uint8Array>(facts.group, "pictures");
  }

  /** Get what pictures of a fold are made from. */
  abstract load(fold: number): Promise<void>;

  abstract picture(use: Use): Float32Array;
  /** R of one trial at every number of cells from 0; or at `counts`, of the mean. */
  abstract curve(trials: number[], order: OrderName, left: ReadonlySet<number>): Float32Array;
  abstract readonly counts: number[] | null;

  /** The stored picture from all cells less m: of the mean response, or the mean over trials. */
  whole(image: number): Float32Array {
    return this.storedAt(this.stored.length / (this.session.images * this.session.pixels) - 1, image);
  }

  protected storedAt(place: number, image: number): Float32Array {
    const { pixels, images, block } = this.session;
    const start = (place * images + image) * pixels;
    const { low, step } = block.facts<{ low: number; step: number }>(this.facts.group)!;
    return this.mean(image).map((m, pixel) => low + step * this.stored[start + pixel] - m);
  }

  /** Standard deviation of the mean over trials, by the decoder's own posterior; null without. */
  uncertainty(image: number): Float32Array | null {
    const { block, pixels, facts } = this.session;
    const stored = block.find<Uint8Array>(this.facts.group, "posterior_sd");
    if (!stored) return null;
    const unit = (facts.high - facts.low) / 255;
    return Float32Array.from(stored.subarray(image * pixels, (image + 1) * pixels), (v) => v * unit);
  }

  /** The mean training image of the fold in which an image is tested. */
  mean(image: number): Float32Array {
    const start = this.session.fold[image] * this.session.pixels;
    return this.meanPicture.subarray(start, start + this.session.pixels);
  }

  /** The picture shown less the mean training image. */
  target(image: number): Float32Array {
    const shown = this.session.shown(image);
    const mean = this.mean(image);
    return shown.map((value, pixel) => value - mean[pixel]);
  }

  /** Pearson's r over pixels of a picture with the one shown, m subtracted from both. */
  r(picture: Float32Array, image: number): number {
    return correlation(picture, this.target(image));
  }
}

/** A decoder of which the page has pictures of the mean over trials, at some numbers of cells. */
export class PictureDecoder extends Decoder {
  readonly counts: number[];

  constructor(facts: DecoderFacts, session: Session) {
    super(facts, session);
    this.counts = facts.counts ?? [session.cells];
  }

  async load(): Promise<void> {}

  /** The stored picture whose number of cells is nearest. */
  picture(use: Use): Float32Array {
    const image = this.session.imageOf[use.trials[0]];
    return this.storedAt(nearest(this.counts, use.count), image);
  }

  curve(trials: number[]): Float32Array {
    const image = this.session.imageOf[trials[0]];
    return Float32Array.from(this.counts, (_, place) => this.r(this.storedAt(place, image), image));
  }
}

/** The place of the number in `sorted` that is nearest to `count`, by ratio. */
export function nearest(sorted: number[], count: number): number {
  let best = 0;
  const distance = (n: number) => Math.abs(Math.log((n + 0.5) / (count + 0.5)));
  sorted.forEach((n, place) => {
    if (distance(n) < distance(sorted[best])) best = place;
  });
  return best;
}

export function correlation(a: Float32Array, b: Float32Array): number {
  const n = a.length;
  let sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
  for (let i = 0; i < n; i++) {
    sa += a[i]; sb += b[i];
    aa += a[i] * a[i]; bb += b[i] * b[i]; ab += a[i] * b[i];
  }
  const va = aa - (sa * sa) / n;
  const vb = bb - (sb * sb) / n;
  return va > 1e-10 && vb > 1e-10 ? (ab - (sa * sb) / n) / Math.sqrt(va * vb) : 0;
}
