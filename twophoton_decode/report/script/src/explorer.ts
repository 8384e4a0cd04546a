// What all parts of the explorer share: the session, its decoders, and the pictures to draw.

import { Decoder, FilterDecoder, PictureDecoder, nearest } from "./decoder";
import type { Session } from "./session";
import type { Choice, Chosen, Contrast } from "./state";

export class Explorer {
  private readonly made = new Map<number, Decoder>();

  constructor(
    readonly session: Session,
    readonly chosen: Chosen,
  ) {}

  async load(place: number): Promise<void> {
    if (this.made.has(place)) return;
    const facts = this.session.facts.decoders[place];
    await this.session.block.load(facts.group);
    const kind = facts.kind === "filters" ? FilterDecoder : PictureDecoder;
    this.made.set(place, new kind(facts, this.session));
  }

  /** A decoder that is loaded. */
  decoder(place: number): Decoder {
    const found = this.made.get(place);
    if (!found) throw new Error(`decoder ${place} is not loaded`);
    return found;
  }

  /** Of how many cells the picture is that is drawn: as chosen, or what is nearest to it. */
  count(choice: Choice): number {
    const { counts } = this.decoder(choice.decoder);
    return counts ? counts[nearest(counts, choice.count)] : Math.min(choice.count, this.session.cells - choice.left.size);
  }

  trials(choice: Choice): number[] {
    const trials = this.session.trialsOf[choice.image];
    return choice.trial === null ? trials : [trials[choice.trial]];
  }

  /** The decoder's picture less m, as chosen. */
  reconstruct(choice: Choice, trials = this.trials(choice)): Float32Array {
    const { count, order, left } = choice;
    return this.decoder(choice.decoder).picture({ trials, count, order, left });
  }

  /** A picture less m as it is drawn. */
  drawn(less: Float32Array, decoder: Decoder, image: number, contrast: Contrast): Float32Array {
    const mean = decoder.mean(image);
    if (contrast === "decoded") return less.map((value, pixel) => mean[pixel] + value);
    if (contrast === "less mean") return less.map((value) => decoder.gain * value);
    return less.map((value, pixel) => mean[pixel] + decoder.gain * value);
  }

  /** Greys from black to white: those of the pictures, or even about zero. */
  range(choice: Choice): [number, number] {
    const { low, high } = this.session.facts;
    if (choice.contrast !== "less mean") return [low, high];
    const target = this.decoder(choice.decoder).target(choice.image);
    const top = target.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    return [-top, top];
  }
}
