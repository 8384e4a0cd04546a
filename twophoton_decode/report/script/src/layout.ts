// Cells laid out in three dimensions by their predicted responses: dragged, turned by keys, or turning.

import type { Block } from "./data";
import { button, choices, element, find, number } from "./dom";
import { amber, signedColour } from "./paint";

/** A layout on the page: its group of arrays, which is what its card is called too. */
export interface LayoutFacts {
  group: string;
}

type Colour = "delta_counted" | "delta" | "r" | "field";
type Paint = readonly [colour: string, opacity: number];

const COLOURS: readonly (readonly [Colour, string])[] = [
  ["delta_counted", "Δ beyond controls"],
  ["delta", "Δ on − off"],
  ["r", "r"],
  ["field", "receptive field"],
];
const BINS = ["0–.1", ".1–.2", ".2–.3", ".3–"];
const BIN_SHARES = [0.12, 0.38, 0.66, 1];
const CORNERS: readonly (readonly [name: string, colour: readonly number[]])[] = [
  ["top left", [90, 170, 255]], ["top right", [255, 176, 40]], ["bottom left", [60, 200, 150]], ["bottom right", [240, 110, 190]],
];
const UNKNOWN: Paint = ["rgb(125,128,136)", 0.6];
const START = { yaw: 0.6, pitch: 0.35 };
const KEYS: Record<string, readonly [yaw: number, pitch: number]> = {
  ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15], ArrowDown: [0, 0.15],
};
const TURNS_PER_MS = 0.00035; // radians
const DRAG = 0.01; // radians a pixel
const EYE = 3.4; // how far away the eye is; the cells lie within 1
const AXIS = 0.8;
const NEAR_PX = 12;
const BRIGHTEST = 0.98; // quantile of what is drawn brightest

export async function layouts(block: Block, facts: readonly LayoutFacts[]): Promise<void> {
  for (const each of facts) {
    await block.load(each.group);
    const card = find(`#${each.group}`);
    card.hidden = false;
    new Layout(card, block, each);
  }
}

class Layout {
  private yaw = START.yaw;
  private pitch = START.pitch;
  private turning: boolean;
  private seen = false;
  private waiting = 0;
  private last = 0;
  private paints: Paint[] = [];
  private readonly canvas: HTMLCanvasElement;
  private readonly place: Float32Array;
  private readonly count: number;
  private readonly spots: { x: number; y: number; depth: number }[];
  private readonly order: number[];
  private readonly turner: HTMLButtonElement;

  constructor(
    private readonly card: HTMLElement,
    private readonly block: Block,
    private readonly facts: LayoutFacts,
  ) {
    this.canvas = card.querySelector("canvas")!;
    this.place = this.values("place");
    this.count = this.place.length / 3;
    this.spots = Array.from({ length: this.count }, () => ({ x: 0, y: 0, depth: 0 }));
    this.order = [...this.spots.keys()];
    const still = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.turning = !still.matches;
    this.turner = button("", { class: "quiet" }, () => this.turn(!this.turning));
    card.querySelector(".controls")!.append(this.turner);
    still.addEventListener("change", () => this.turn(!still.matches));
    const press = choices<Colour>(card.querySelector<HTMLElement>(".segments")!, COLOURS, (colour) => {
      this.colour(colour);
      press(colour);
    });
    press("delta_counted");
    this.colour("delta_counted");
    this.listen();
    this.turn(this.turning);
  }

  private values(name: string): Float32Array {
    return this.block.get<Float32Array>(this.facts.group, name);
  }

  private listen(): void {
    const { canvas } = this;
    let from: PointerEvent | null = null;
    canvas.addEventListener("pointerdown", (event) => {
      from = event;
      canvas.setPointerCapture(event.pointerId);
      this.turn(false);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from) return this.tell(event);
      this.rotate(DRAG * (event.clientX - from.clientX), DRAG * (event.clientY - from.clientY));
      from = event;
    });
    for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, () => (from = null));
    canvas.addEventListener("pointerleave", () => (find("#tip").hidden = true));
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = KEYS[event.key];
      if (!step && event.key !== "Home") return;
      event.preventDefault();
      this.turn(false);
      if (step) return this.rotate(...step);
      Object.assign(this, START);
      this.redraw();
    });
    new ResizeObserver(() => this.redraw()).observe(canvas);
    new IntersectionObserver(([entry]) => {
      this.seen = entry.isIntersecting;
      this.redraw();
    }).observe(canvas);
  }

  private turn(on: boolean): void {
    this.turning = on;
    this.turner.textContent = on ? "stop turning" : "turn";
    this.redraw();
  }

  private rotate(yaw: number, pitch: number): void {
    this.yaw += yaw;
    this.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, this.pitch + pitch));
    this.redraw();
  }

  /** Draw with the next frame; go on as long as it turns and is seen. */
  private redraw(): void {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame((now) => {
      this.waiting = 0;
      const moving = this.turning && this.seen;
      if (moving && this.last) this.yaw += TURNS_PER_MS * Math.min(now - this.last, 100);
      this.last = moving ? now : 0;
      this.draw();
      if (moving) this.redraw();
    });
  }

  private draw(): void {
    const { canvas, order, spots } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    const dense = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    const context = canvas.getContext("2d")!;
    context.scale(dense, dense);
    this.axes(context);
    for (let cell = 0; cell < this.count; cell++) spots[cell] = this.project(...this.at(cell));
    order.sort((a, b) => spots[a].depth - spots[b].depth);
    const radius = this.count > 600 ? 3 : 5;
    for (const cell of order) {
      const { x, y, depth } = spots[cell];
      const [colour, opacity] = this.paints[cell];
      context.beginPath();
      context.arc(x, y, (radius * EYE) / (EYE - depth), 0, 2 * Math.PI);
      context.globalAlpha = 0.8 + 0.2 * depth;
      context.fillStyle = "rgb(52,55,63)";
      context.fill();
      context.globalAlpha *= opacity;
      context.fillStyle = colour;
      context.fill();
    }
    context.globalAlpha = 1;
    canvas.dataset.turned = `${this.yaw.toFixed(3)} ${this.pitch.toFixed(3)}`;
  }

  private at(cell: number): [number, number, number] {
    return [this.place[3 * cell], this.place[3 * cell + 1], this.place[3 * cell + 2]];
  }

  /** Where a point is drawn; `depth` is 1 in front and −1 behind. */
  private project(x: number, y: number, z: number): { x: number; y: number; depth: number } {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const across = x * Math.cos(this.yaw) + z * Math.sin(this.yaw);
    const back = z * Math.cos(this.yaw) - x * Math.sin(this.yaw);
    const up = y * Math.cos(this.pitch) - back * Math.sin(this.pitch);
    const depth = y * Math.sin(this.pitch) + back * Math.cos(this.pitch);
    const scale = (0.46 * Math.min(width, height) * EYE) / (EYE - depth);
    return { x: width / 2 + scale * across, y: height / 2 - scale * up, depth };
  }

  private axes(context: CanvasRenderingContext2D): void {
    const middle = this.project(0, 0, 0);
    context.strokeStyle = context.fillStyle = "rgb(150,153,162)";
    context.font = "11.5px system-ui, sans-serif";
    context.globalAlpha = 0.7;
    for (let axis = 0; axis < 3; axis++) {
      const [x, y, z] = [0, 1, 2].map((each) => (each === axis ? AXIS : 0));
      const end = this.project(x, y, z);
      context.beginPath();
      context.moveTo(middle.x, middle.y);
      context.lineTo(end.x, end.y);
      context.stroke();
      context.fillText(`UMAP ${axis + 1}`, end.x + 4, end.y - 4);
    }
    context.globalAlpha = 1;
  }

  private colour(colour: Colour): void {
    if (colour === "field") this.paints = this.fieldPaints();
    else if (colour === "r") this.paints = [...this.block.get<Uint8Array>(this.facts.group, "r_bin")].map((bin) => amber(BIN_SHARES[bin]));
    else {
      const values = this.values(colour);
      const sizes = values.map(Math.abs).filter(Number.isFinite).sort();
      const top = sizes[Math.floor(BRIGHTEST * (sizes.length - 1))] || 1e-6;
      this.paints = [...values].map((value) => (Number.isFinite(value) ? signedColour(value / top) : UNKNOWN));
      this.legend([[signedColour(1), "the own map predicts better"], [signedColour(-1), "worse"]], `brightest: ±${number(top, 3)} in r`);
    }
    if (colour === "r") this.legend(BINS.map((name, bin) => [amber(BIN_SHARES[bin]), name]), "r with attention on");
    if (colour === "field")
      this.legend([...CORNERS.map(([name, mixed]) => [[rgb(mixed), 1] as Paint, name] as const), [UNKNOWN, "none found"]], "among all receptive fields on the picture");
    this.redraw();
  }

  /** Mixtures of four corners' colours, by where the centre of a field lies among all. */
  private fieldPaints(): Paint[] {
    const [across, down] = [shares(this.values("field_x")), shares(this.values("field_y"))];
    return across.map((x, cell) => {
      const y = down[cell];
      if (!Number.isFinite(x) || !Number.isFinite(y)) return UNKNOWN;
      const of = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];
      return [rgb([0, 1, 2].map((part) => CORNERS.reduce((sum, [, mixed], at) => sum + of[at] * mixed[part], 0))), 1];
    });
  }

  private legend(rows: readonly (readonly [Paint, string])[], note: string): void {
    const swatches = rows.map(([[colour, opacity], name]) => {
      const dot = element("span", { class: "dot-swatch", "aria-hidden": "true" });
      dot.style.background = colour;
      dot.style.opacity = String(Math.max(opacity, 0.25));
      return element("span", { class: "key" }, dot, name);
    });
    this.card.querySelector(".legend")!.replaceChildren(...swatches, note);
  }

  private tell(event: PointerEvent): void {
    const box = this.canvas.getBoundingClientRect();
    let best = -1;
    let shortest = NEAR_PX;
    // Those in front are drawn last.
    for (const cell of this.order) {
      const { x, y } = this.spots[cell];
      const gap = Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top);
      if (gap <= shortest) [best, shortest] = [cell, gap];
    }
    const tip = find("#tip");
    tip.hidden = best < 0;
    if (best < 0) return;
    const cell = this.block.get<Int32Array>(this.facts.group, "cell")[best];
    tip.textContent = `cell ${cell}: r ${number(this.values("r")[best])} with attention, Δ ${number(this.values("delta")[best], 4)}, beyond controls ${number(this.values("delta_counted")[best], 4)}`;
    tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.max(6, event.clientY - tip.offsetHeight - 10)}px`;
  }
}

/** From 0 for the lowest to 1 for the highest; what is not known stays NaN. */
function shares(values: Float32Array): number[] {
  const known = [...values].filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return [...values].map((value) => (value - low) / (high - low || 1));
}

function rgb(mixed: readonly number[]): string {
  return `rgb(${mixed.map(Math.round).join(",")})`;
}
