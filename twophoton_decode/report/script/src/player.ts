// Clips as shown and as decoded, side by side: played, stopped, and gone through frame by frame.

import type { Block } from "./data";
import { all, element, find } from "./dom";

/** The clips on the page: their group of arrays, size, rate (frames a second), names and lengths. */
export interface MovieFacts {
  group: string;
  height: number;
  width: number;
  rate: number;
  names: string[];
  frames: number[];
  told: string[];
}

export async function player(block: Block, facts: MovieFacts): Promise<void> {
  await block.load(facts.group);
  const card = find("#movie-player");
  card.hidden = false;
  new Player(card, block, facts);
}

class Player {
  private clip = 0;
  private frame = 0;
  private playing = false;
  private since = 0;
  private readonly screens: HTMLCanvasElement[];
  private readonly choice: HTMLSelectElement;
  private readonly slider: HTMLInputElement;
  private readonly button: HTMLButtonElement;

  constructor(
    private readonly card: HTMLElement,
    private readonly block: Block,
    private readonly facts: MovieFacts,
  ) {
    this.screens = all<HTMLCanvasElement>("canvas", card);
    this.choice = card.querySelector("select")!;
    this.slider = card.querySelector("input")!;
    this.button = card.querySelector("button")!;
    this.choice.append(...facts.names.map((name, place) => element("option", { value: place }, name)));
    this.choice.addEventListener("change", () => this.open(Number(this.choice.value)));
    this.slider.addEventListener("input", () => {
      this.play(false);
      this.show(Number(this.slider.value));
    });
    this.button.addEventListener("click", () => this.play(!this.playing));
    card.addEventListener("keydown", (event) => this.key(event));
    this.open(0);
    this.play(false);
  }

  private open(clip: number): void {
    this.clip = clip;
    this.choice.value = String(clip);
    this.slider.max = String(this.facts.frames[clip] - 1);
    this.card.querySelector(".told")!.textContent = this.facts.told[clip];
    this.show(0);
  }

  /** Draw a frame; after the last one comes the first. */
  private show(frame: number): void {
    const { frames, rate } = this.facts;
    this.frame = (frame + frames[this.clip]) % frames[this.clip];
    this.since = performance.now();
    this.screens.forEach((screen, version) => this.draw(screen, version));
    this.slider.value = String(this.frame);
    const second = (this.frame / rate).toFixed(1);
    this.slider.setAttribute("aria-valuetext", `${second} s`);
    this.card.querySelector("output")!.textContent = `${second} s`;
    this.card.dataset.frame = String(this.frame);
  }

  private draw(screen: HTMLCanvasElement, version: number): void {
    const { height, width, group } = this.facts;
    const levels = this.block.get<Uint8Array>(group, `${version}-${this.clip}`);
    screen.width = width;
    screen.height = height;
    const context = screen.getContext("2d")!;
    const image = context.createImageData(width, height);
    const from = this.frame * height * width;
    for (let i = 0; i < height * width; i++) {
      image.data.fill(levels[from + i], 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }

  private play(on: boolean): void {
    this.button.textContent = on ? "❚❚ pause" : "▶ play";
    if (on && !this.playing) requestAnimationFrame((now) => this.tick(now));
    this.playing = on;
  }

  private tick(now: number): void {
    if (!this.playing) return;
    if (now - this.since >= 1000 / this.facts.rate) this.show(this.frame + 1);
    requestAnimationFrame((later) => this.tick(later));
  }

  private key(event: KeyboardEvent): void {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    // A list and a button have their own use of these keys.
    const own = event.target instanceof HTMLSelectElement || (event.target === this.button && event.key === " ");
    if (held || own) return;
    const last = this.facts.frames[this.clip] - 1;
    const clips = this.facts.names.length;
    const does: Record<string, () => void> = {
      " ": () => this.play(!this.playing),
      ArrowLeft: () => this.step(this.frame - 1),
      ArrowRight: () => this.step(this.frame + 1),
      Home: () => this.step(0),
      End: () => this.step(last),
      "[": () => this.open((this.clip + clips - 1) % clips),
      "]": () => this.open((this.clip + 1) % clips),
    };
    if (!(event.key in does)) return;
    event.preventDefault();
    does[event.key]();
  }

  private step(frame: number): void {
    this.play(false);
    this.show(frame);
  }
}
