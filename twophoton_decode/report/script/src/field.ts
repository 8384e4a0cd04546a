// The cells where they lie in the brain, or at their receptive fields on the picture shown.

import { FilterDecoder } from "./decoder";
import { choices, element, find, number, svg } from "./dom";
import type { Explorer } from "./explorer";
import { amber, grey, signedColour } from "./paint";
import type { Choice, Colour, Place } from "./state";
import { fieldNote } from "./words";

interface Spot {
  cell: number;
  x: number;
  y: number;
  shape: SVGPathElement;
  drawn: string; // how it was last drawn, so that only what changes is drawn again
}

const DIRECTIONS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

export class Field {
  private spots: Spot[] = [];
  private values: Float32Array = new Float32Array(0);
  private readonly tops = new Map<number, number>();
  private readonly inField: boolean;
  private readonly atFields: boolean;

  constructor(private readonly explorer: Explorer) {
    const { session, chosen } = explorer;
    this.inField = session.block.has("field");
    this.atFields = session.block.find("cells", "centre_x") !== null;
    if (!this.inField && !this.atFields) {
      find("#field-card").classList.add("nothing");
      find("#field-box").replaceWith(
        element("p", { class: "soft" }, "There is no field of view, as the responses were imported, and no receptive fields; tpdecode encode finds them."),
      );
    }
    this.controls();
    chosen.on(["place", "plane"], (choice) => this.drawPlace(choice));
    chosen.on(["image", "place"], (choice) => this.drawGround(choice));
    chosen.on(
      ["image", "trial", "decoder", "count", "order", "left", "colour", "cell", "place", "plane"],
      (choice) => this.colour(choice),
    );
  }

  private controls(): void {
    const { session, chosen } = this.explorer;
    const places: [Place, string][] = [];
    if (this.inField) places.push(["field", "in the brain"]);
    if (this.atFields) places.push(["picture", "at their fields"]);
    const pressPlace = choices(find("#places"), places, (place) => chosen.change({ place }));
    find("#places").hidden = places.length < 2;
    chosen.on(["place"], (choice) => pressPlace(choice.place));
    const colours: [Colour, string][] = [["response", "response"], ["contribution", "contribution"], ["reliability", "reliability"]];
    const pressColour = choices(find("#colours"), colours, (colour) => chosen.change({ colour }));
    chosen.on(["colour"], (choice) => pressColour(choice.colour));
    const planes = session.facts.field?.planes ?? [];
    const pressPlane = choices(find("#planes"), planes.map((n, place) => [place, `plane ${n}`] as const), (plane) => chosen.change({ plane }));
    chosen.on(["plane", "place"], (choice) => {
      pressPlane(choice.plane);
      find("#planes").hidden = planes.length < 2 || choice.place !== "field";
    });
    find("#restore").addEventListener("click", () => chosen.change({ left: new Set() }));
    const cells = document.querySelector<SVGSVGElement>("#cells");
    if (!cells) return;
    this.listen(cells);
    chosen.on(["decoder"], (choice) => {
      const out = this.explorer.decoder(choice.decoder) instanceof FilterDecoder ? ", Enter leaves one out" : "";
      cells.setAttribute("aria-label", `Cells: arrows go from cell to cell${out}`);
    });
  }

  private listen(cells: SVGSVGElement): void {
    const { chosen } = this.explorer;
    const cellOf = (event: Event) => {
      const number = (event.target as SVGElement).dataset?.cell;
      return number === undefined ? null : Number(number);
    };
    const choose = (event: Event) => {
      const cell = cellOf(event);
      if (cell !== null) chosen.change({ cell });
    };
    cells.addEventListener("pointerover", choose);
    cells.addEventListener("focusin", choose);
    cells.addEventListener("pointermove", (event) => this.tell(event, cellOf(event)));
    cells.addEventListener("pointerleave", () => (find("#tip").hidden = true));
    cells.addEventListener("click", (event) => {
      const cell = cellOf(event);
      if (cell !== null) this.toggle(cell);
    });
    cells.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Leave a cell out of the reconstruction, or take it in again; stored pictures have all. */
  toggle(cell: number): void {
    const { chosen } = this.explorer;
    if (!(this.explorer.decoder(chosen.now.decoder) instanceof FilterDecoder)) return;
    const left = new Set(chosen.now.left);
    if (!left.delete(cell)) left.add(cell);
    chosen.change({ left });
  }

  private onKey(event: KeyboardEvent): void {
    const { chosen } = this.explorer;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.toggle(chosen.now.cell);
      return;
    }
    const direction = DIRECTIONS[event.key];
    const here = this.spots.find((spot) => spot.cell === chosen.now.cell);
    if (!direction || !here) return;
    event.preventDefault();
    let best: Spot | null = null;
    let shortest = Infinity;
    for (const spot of this.spots) {
      const along = (spot.x - here.x) * direction[0] + (spot.y - here.y) * direction[1];
      const beside = Math.abs((spot.x - here.x) * direction[1]) + Math.abs((spot.y - here.y) * direction[0]);
      if (along <= 0 || beside > 1.2 * along || along + 2 * beside >= shortest) continue;
      shortest = along + 2 * beside;
      best = spot;
    }
    best?.shape.focus();
  }

  private drawPlace(choice: Choice): void {
    const cells = document.querySelector<SVGSVGElement>("#cells");
    if (!cells) return;
    const { facts } = this.explorer.session;
    const size = choice.place === "field" ? facts.field! : facts;
    cells.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    find("#field-box").style.aspectRatio = `${size.width} / ${size.height}`;
    this.spots = choice.place === "field" ? this.outlines(choice.plane) : this.circles();
    cells.replaceChildren(...this.spots.map((spot) => spot.shape));
  }

  private spot(cell: number, x: number, y: number, path: string): Spot {
    const shape = svg("path", { d: path, class: "cell", role: "button", tabindex: -1, "aria-label": this.nameOf(cell) });
    shape.dataset.cell = String(cell);
    return { cell, x, y, shape, drawn: "" };
  }

  private nameOf(cell: number): string {
    const roi = this.explorer.session.roi[cell];
    return roi >= 0 ? `ROI ${roi}` : `cell ${cell}`;
  }

  private outlines(plane: number): Spot[] {
    const { block, cells } = this.explorer.session;
    const points = block.get<Int16Array>("field", "outline");
    const start = block.get<Int32Array>("field", "outline_start");
    const planeOf = block.get<Int32Array>("field", "plane");
    const centre = block.get<Float32Array>("field", "centre");
    const spots: Spot[] = [];
    for (let cell = 0; cell < cells; cell++) {
      if (planeOf[cell] !== plane || start[cell] === start[cell + 1]) continue;
      let path = "";
      for (let i = start[cell]; i < start[cell + 1]; i++)
        path += `${path ? "L" : "M"}${points[2 * i] / 4} ${points[2 * i + 1] / 4}`;
      spots.push(this.spot(cell, centre[2 * cell], centre[2 * cell + 1], `${path}Z`));
    }
    return spots;
  }

  private circles(): Spot[] {
    const { block, cells, facts } = this.explorer.session;
    const xs = block.get<Float32Array>("cells", "centre_x");
    const ys = block.get<Float32Array>("cells", "centre_y");
    const known = block.get<Uint8Array>("cells", "has_field");
    const r = facts.width / (cells > 300 ? 75 : 52);
    const spots: Spot[] = [];
    for (let cell = 0; cell < cells; cell++) {
      if (!known[cell] || !Number.isFinite(xs[cell])) continue;
      const [x, y] = [xs[cell] + 0.5, ys[cell] + 0.5];
      const path = `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
      spots.push(this.spot(cell, x, y, path));
    }
    return spots;
  }

  private drawGround(choice: Choice): void {
    const canvas = document.querySelector<HTMLCanvasElement>("#ground");
    if (!canvas) return;
    const { session } = this.explorer;
    const { facts } = session;
    if (choice.place === "picture") return grey(canvas, [session.shown(choice.image)], facts, facts.low, facts.high);
    const { width, height, coarse } = facts.field!;
    const size = { width: Math.ceil(width / coarse), height: Math.ceil(height / coarse) };
    const length = size.width * size.height;
    const image = session.block.get<Uint8Array>("field", "image").subarray(choice.plane * length, (choice.plane + 1) * length);
    grey(canvas, [Float32Array.from(image)], size, 0, 255);
  }

  private colour(choice: Choice): void {
    if (!this.spots.length) return;
    const used = this.usedIn(choice);
    const top = this.measure(choice);
    const signed = choice.colour === "contribution";
    for (const spot of this.spots) {
      const { cell, shape } = spot;
      const share = this.values[cell] / top || 0; // what is not known is drawn dark
      const [colour, opacity] = signed ? signedColour(share) : amber(share);
      const on = cell === choice.cell;
      const out = choice.left.has(cell);
      const classes = `cell${used[cell] ? " used" : ""}${on ? " on" : ""}${out ? " out" : ""}`;
      const drawn = `${colour} ${opacity} ${classes}`;
      if (drawn === spot.drawn) continue;
      spot.drawn = drawn;
      shape.setAttribute("fill", colour);
      shape.setAttribute("fill-opacity", String(opacity));
      shape.setAttribute("class", classes);
      shape.setAttribute("tabindex", on ? "0" : "-1");
    }
    if (!this.spots.some((spot) => spot.cell === choice.cell)) this.spots[0].shape.setAttribute("tabindex", "0");
    this.legend(choice, top);
  }

  /** Which cells are used in half of the chosen trials or more; none if all are. */
  private usedIn(choice: Choice): Uint8Array {
    const { session } = this.explorer;
    const most = this.explorer.count(choice);
    const trials = this.explorer.trials(choice);
    const times = new Uint16Array(session.cells);
    if (most >= session.cells - choice.left.size) return new Uint8Array(session.cells);
    for (const trial of trials) {
      let count = 0;
      for (const cell of session.order(trial, choice.order)) {
        if (count >= most) break;
        if (choice.left.has(cell)) continue;
        times[cell]++;
        count++;
      }
    }
    return Uint8Array.from(times, (each) => Number(2 * each >= trials.length));
  }

  /** The value of every cell by the chosen colour, NaN if unknown; returns what is drawn brightest. */
  private measure(choice: Choice): number {
    const { session } = this.explorer;
    const trials = this.explorer.trials(choice);
    const decoder = this.explorer.decoder(choice.decoder);
    if (choice.colour === "reliability") {
      this.values = session.reliability;
      return 1;
    }
    if (choice.colour === "contribution") {
      this.values = decoder instanceof FilterDecoder ? decoder.contributions(trials, choice.left) : new Float32Array(session.cells).fill(NaN);
      return this.values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 1e-6);
    }
    this.values = Float32Array.from({ length: session.cells }, (_, cell) => session.mean(cell, trials));
    return this.brightest(choice.image);
  }

  /** The same for all trials of a picture, so that trials can be compared. */
  private brightest(image: number): number {
    const { session } = this.explorer;
    let found = this.tops.get(image);
    if (found === undefined) {
      const trials = session.trialsOf[image];
      const all = new Float32Array(trials.length * session.cells);
      trials.forEach((trial, place) =>
        all.set(session.response.subarray(trial * session.cells, (trial + 1) * session.cells), place * session.cells),
      );
      all.sort();
      found = Math.max(all[Math.floor(0.995 * (all.length - 1))], 1e-6);
      this.tops.set(image, found);
    }
    return found;
  }

  private legend(choice: Choice, top: number): void {
    const { session } = this.explorer;
    find("#field-note").textContent = fieldNote(this.explorer, choice, top);
    const of = choice.trial === null ? (session.trialsOf[choice.image].length > 1 ? ", mean over trials" : "") : `, trial ${choice.trial + 1}`;
    find("#field-title").textContent = `The cells${of}`;
    find("#restore").hidden = choice.left.size === 0;
    find("#restore").textContent = choice.left.size === 1 ? "take the cell in again" : `take ${choice.left.size} cells in again`;
  }

  private tell(event: PointerEvent, cell: number | null): void {
    const tip = find("#tip");
    tip.hidden = cell === null;
    if (cell === null) return;
    const { colour, left } = this.explorer.chosen.now;
    const value = this.values[cell];
    const said = {
      response: `${number(value)} ${this.explorer.session.facts.unit}`,
      contribution: `${number(100 * value, 1)} % of the picture`,
      reliability: `reliability ${number(value)}`,
    }[colour];
    tip.textContent = `${this.nameOf(cell)}${left.has(cell) ? ", left out" : ""}: ${said}`;
    tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.max(6, event.clientY - tip.offsetHeight - 10)}px`;
  }
}
