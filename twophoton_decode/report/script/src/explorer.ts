// What all parts of the explorer share: the session, its decoders, and the pictures to draw.

import { Decoder, PictureDecoder, nearest } from "./decoder";
import { tell } from "./dom";
import { FilterDecoder } from "./filters";
import type { Session } from "./session";
import type { Choice, Chosen, Contrast } from "./state";

export class Explorer {
  /** Settles when everything that was asked for is there, and drawn. */
  idle: Promise<unknown> = Promise.resolve();
  private readonly made = new Map<number, Decoder>();
  private pending: Partial<Choice> = {};
  private calls = 0;

  constructor(
    readonly session: Session,
    readonly chosen: Chosen,
  ) {}

  /** Choose what may have to be loaded first: a picture, a decoder. The last call counts. */
  open(part: Partial<Choice>): void {
    this.pending = { ...this.pending, ...part };
    const call = ++this.calls;
    const { decoder, image } = { ...this.chosen.now, ...this.pending };
    const loading = this.load(decoder, image).then(
      () => call === this.calls && this.chosen.change(this.taken()),
      (error: unknown) => {
        if (call === this.calls) this.taken();
        throw error;
      },
    );
    this.wait(loading);
  }

  private taken(): Partial<Choice> {
    const part = this.pending;
    this.pending = {};
    return part;
  }

  /** Have `idle` wait for something; the reader is told if it fails. */
  wait(work: Promise<unknown>): void {
    this.idle = Promise.all([this.idle, work.catch(tell)]);
  }

  /** Get what a decoder makes a picture from. */
  async load(place: number, image: number): Promise<void> {
    const made = this.prepare(place).then((decoder) => decoder.load(this.session.fold[image]));
    await Promise.all([made, this.session.load(image)]);
  }

  /** Get what is the same for all pictures of a decoder, as the wall shows them. */
  async prepare(place: number): Promise<Decoder> {
    const facts = this.session.facts.decoders[place];
    await this.session.block.load(facts.group);
    const kind = facts.kind === "filters" ? FilterDecoder : PictureDecoder;
    const decoder = this.made.get(place) ?? new kind(facts, this.session);
    this.made.set(place, decoder);
    return decoder;
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
