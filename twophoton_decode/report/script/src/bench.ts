// One picture large: the slider for the number of cells, the curve above it, the trials.

import { Chart, cellTicks, stretched, unstretched } from "./chart";
import { FilterDecoder, PictureDecoder, nearest } from "./decoder";
import { button, choices, element, find, number, svg } from "./dom";
import type { Explorer } from "./explorer";
import { grey } from "./paint";
import type { Choice, Contrast } from "./state";
import type { OrderName } from "./session";
import { decoderNote, invitation } from "./words";

const SLIDER_STEPS = 1000;
const PLAY_MS = 700;
const FILM_MS = 90;

export class Bench {
  private chart: Chart | null = null;
  private shownCurve: Float32Array = new Float32Array(0);
  private dot = svg("circle", { r: 6.5, class: "dot" });
  private drop = svg("line", { class: "drop" });
  private readonly slider = find<HTMLInputElement>("#count");
  private playing = 0;
  private filmSoon = 0;

  constructor(private readonly explorer: Explorer) {
    const { chosen } = explorer;
    this.controls();
    chosen.on(["image", "decoder", "contrast"], (choice) => this.drawShown(choice));
    chosen.on(["image", "decoder", "trial", "order", "left"], (choice) => this.drawCurve(choice));
    chosen.on(["image", "decoder", "trial", "order", "left", "count", "contrast"], (choice) => this.drawMade(choice));
    chosen.on(["image", "decoder", "contrast"], (choice) => this.drawFilm(choice));
    chosen.on(["count", "left", "order"], () => this.drawFilmSoon());
    chosen.on(["trial", "image", "decoder"], (choice) => this.markTrial(choice));
    chosen.on(["decoder", "order"], (choice) => (find("#invitation").textContent = invitation(explorer, choice)));
  }

  /** Draw anew what depends on the width of the page. */
  resize(): void {
    this.drawCurve(this.explorer.chosen.now);
    this.drawMade(this.explorer.chosen.now);
  }

  stepTrial(by: number): void {
    const { session, chosen } = this.explorer;
    if (!(this.explorer.decoder(chosen.now.decoder) instanceof FilterDecoder)) return;
    const count = session.trialsOf[chosen.now.image].length;
    const trial = chosen.now.trial;
    const next = trial === null ? (by > 0 ? 0 : count - 1) : (trial + by + count) % count;
    chosen.change({ trial: next });
  }

  private controls(): void {
    const { chosen } = this.explorer;
    const orders: [OrderName, string][] = [["strongest", "strongest first"], ["random", "random"], ["weakest", "weakest first"]];
    const pressOrder = choices(find("#orders"), orders, (order) => chosen.change({ order }));
    chosen.on(["order"], (choice) => pressOrder(choice.order));
    const contrasts: [Contrast, string][] = [["stretched", "contrast ×1"], ["decoded", "as decoded"], ["less mean", "less mean"], ["uncertainty", "uncertainty"]];
    const pressContrast = choices(find("#contrasts"), contrasts, (contrast) => chosen.change({ contrast }));
    chosen.on(["contrast"], (choice) => pressContrast(choice.contrast));
    chosen.on(["decoder"], (choice) => {
      const gain = this.explorer.decoder(choice.decoder).gain;
      find("#contrasts").firstElementChild!.textContent = `contrast ×${number(gain, 1)}`;
      const known = this.explorer.decoder(choice.decoder).uncertainty(choice.image) !== null;
      (find("#contrasts").lastElementChild as HTMLElement).hidden = !known;
      if (!known && choice.contrast === "uncertainty") chosen.change({ contrast: "stretched" });
    });
    this.slider.max = String(SLIDER_STEPS);
    this.slider.addEventListener("input", () => this.setCount(this.fromSlider(Number(this.slider.value))));
    this.slider.addEventListener("keydown", (event) => this.onKey(event));
    find("#play").addEventListener("click", () => this.play());
    this.dragOnCurve(find<SVGSVGElement>("#curve"));
  }

  private get usable(): number {
    return this.explorer.session.cells - this.explorer.chosen.now.left.size;
  }

  private setCount(count: number): void {
    const counts = this.explorer.decoder(this.explorer.chosen.now.decoder).counts;
    const whole = Math.max(0, Math.min(this.usable, Math.round(count)));
    this.explorer.chosen.change({ count: counts ? counts[nearest(counts, whole)] : whole });
  }

  private fromSlider(value: number): number {
    return unstretched((value / SLIDER_STEPS) * stretched(this.explorer.session.cells));
  }

  private onKey(event: KeyboardEvent): void {
    const now = this.explorer.chosen.now.count;
    const step: Record<string, number> = {
      ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -now, End: Infinity,
    };
    const by = step[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const counts = this.explorer.decoder(this.explorer.chosen.now.decoder).counts;
    if (!counts || !Number.isFinite(by)) return this.setCount(Math.min(now + by, this.usable));
    const place = Math.max(0, Math.min(counts.length - 1, counts.indexOf(now) + Math.sign(by)));
    this.setCount(counts[place]);
  }

  private dragOnCurve(curve: SVGSVGElement): void {
    let dragging = false;
    const move = (event: PointerEvent) => {
      if (!this.chart) return;
      const box = curve.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * this.chart.axes.width;
      const share = (x - this.chart.axes.left) / (this.chart.right - this.chart.axes.left);
      this.setCount(this.fromSlider(SLIDER_STEPS * Math.max(0, Math.min(1, share))));
    };
    curve.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.slider.focus({ preventScroll: true });
      curve.setPointerCapture(event.pointerId);
      dragging = true;
      move(event);
    });
    curve.addEventListener("pointermove", (event) => dragging && move(event));
    for (const end of ["pointerup", "pointercancel"]) curve.addEventListener(end, () => (dragging = false));
  }

  private drawShown(choice: Choice): void {
    const { session } = this.explorer;
    const name = session.facts.names[choice.image];
    const decoder = this.explorer.decoder(choice.decoder);
    const less = choice.contrast === "less mean";
    const [low, high] = this.explorer.range(choice);
    grey(find<HTMLCanvasElement>("#shown"), [less ? decoder.target(choice.image) : session.shown(choice.image)], session.facts, low, high);
    find("#shown").setAttribute("aria-label", `Picture shown: ${name}`);
    find("#picture-name").textContent = name;
    find("#shown-note").textContent = less
      ? `less the mean training image; black to white: ±${number(high)}`
      : `black to white: ${number(low)} to ${number(high)}`;
    const stored = decoder instanceof PictureDecoder;
    for (const id of ["#orders", "#play", "#trial-keys"]) find(id).hidden = stored;
    if (stored && this.playing) this.play();
    find("#slider-keys").hidden = this.slider.disabled = decoder.counts?.length === 1;
    find("#decoder-note").textContent = decoderNote(decoder, session.cells);
  }

  private drawCurve(choice: Choice): void {
    const { session } = this.explorer;
    const decoder = this.explorer.decoder(choice.decoder);
    const trials = session.trialsOf[choice.image];
    const root = find<SVGSVGElement>("#curve");
    const width = Math.max(260, root.clientWidth || 440);
    const stored = decoder.counts !== null;
    const curves = stored
      ? [decoder.curve(trials, choice.order, choice.left)]
      : trials.map((trial) => decoder.curve([trial], choice.order, choice.left));
    this.shownCurve = choice.trial === null || stored ? meanOf(curves) : curves[choice.trial];
    const xs = decoder.counts ?? Array.from(this.shownCurve.keys());
    const least = Math.min(0, ...curves.map((curve) => Math.min(...curve)));
    const low = least > -0.05 ? 0 : Math.max(-1, Math.floor(least * 5) / 5);
    const yTicks = [-1, -0.5, 0, 0.5, 1].filter((tick) => tick >= low);
    const chart = new Chart(root, {
      width, height: 200, left: 34, bottom: 58, x: [0, session.cells], y: [low, 1], xTicks: [], yTicks, stretch: stretched,
    });
    if (curves.length > 1) for (const curve of curves) chart.line(xs, curve, "other");
    chart.line(xs, this.shownCurve, "main");
    this.markResponsive(chart, trials, choice);
    const what = stored ? "R of the mean over trials" : choice.trial === null ? "R of a single trial, mean of all (grey: each)" : `R of trial ${choice.trial + 1} (grey: the others)`;
    chart.text(chart.axes.left + 4, 14, curves.length > 1 || stored ? what : "R");
    this.drawTicks(chart);
    root.append(this.drop, this.dot);
    this.chart = chart;
    this.placeSlider(root, chart);
  }

  private markResponsive(chart: Chart, trials: number[], choice: Choice): void {
    const { session } = this.explorer;
    if (choice.order !== "strongest") return;
    let respond = 0;
    for (const trial of trials)
      for (let cell = 0; cell < session.cells; cell++)
        if (!choice.left.has(cell) && session.respondsIn(trial, cell)) respond += 1 / trials.length;
    if (respond < 0.5) return;
    const x = chart.x(respond);
    chart.root.append(svg("line", { x1: x, x2: x, y1: 24, y2: chart.floor, class: "mark" }));
    const right = x > chart.axes.width * 0.7;
    chart.text(x + (right ? -5 : 5), chart.floor - 6, `${number(respond, 0)} respond`, "", right ? "end" : "start");
  }

  private drawTicks(chart: Chart): void {
    let last = -Infinity;
    for (const [count, text] of cellTicks(this.explorer.session.cells)) {
      const x = chart.x(count);
      if (x - last < 24) continue;
      last = x;
      chart.text(x, chart.axes.height - 4, text, "", "middle");
    }
  }

  /** Lay the slider under the axis, so that its thumb stands below the dot. */
  private placeSlider(root: SVGSVGElement, chart: Chart): void {
    const scale = (root.clientWidth || chart.axes.width) / chart.axes.width;
    const thumb = 16;
    this.slider.style.left = `${chart.axes.left * scale - thumb / 2}px`;
    this.slider.style.width = `${(chart.right - chart.axes.left) * scale + thumb}px`;
  }

  private drawMade(choice: Choice): void {
    const { session } = this.explorer;
    const decoder = this.explorer.decoder(choice.decoder);
    const count = this.explorer.count(choice);
    const picture = this.explorer.reconstruct({ ...choice, count });
    const uncertain = choice.contrast === "uncertainty" ? decoder.uncertainty(choice.image) : null;
    const drawn = this.explorer.drawn(picture, decoder, choice.image, choice.contrast);
    const canvas = find<HTMLCanvasElement>("#made");
    const top = uncertain?.reduce((most, value) => Math.max(most, value), 1e-6) ?? 0;
    if (uncertain) grey(canvas, [uncertain], session.facts, 0, top);
    else grey(canvas, [drawn], session.facts, ...this.explorer.range(choice));
    const r = decoder.r(picture, choice.image);
    const place = decoder.counts ? decoder.counts.indexOf(count) : count;
    const ofTrial = this.shownCurve[place] ?? NaN;
    const all = count === this.usable;
    const cells = count === 1 ? "cell" : "cells";
    const first = choice.order === "random" ? `${count} random` : `the ${count} ${choice.order}`;
    find("#made-label").textContent = `from ${all ? `all ${count}` : first} ${cells}`;
    const several = choice.trial === null && session.trialsOf[choice.image].length > 1;
    find("#made-note").textContent =
      several && !decoder.counts ? `R ${number(r)} of this mean over trials, ${number(ofTrial)} of a single trial` : `R ${number(r)}`;
    if (uncertain) {
      find("#made-label").textContent = "posterior standard deviation";
      find("#made-note").textContent = `of the mean over trials, all cells; black to white: 0 to ${number(top)}`;
    }
    canvas.setAttribute("aria-label", `Reconstruction ${find("#made-label").textContent}, R ${number(r)}`);
    this.moveDot(count, ofTrial);
    this.slider.value = String((SLIDER_STEPS * stretched(count)) / stretched(session.cells));
    this.slider.setAttribute("aria-valuetext", `${count} of ${session.cells} cells, R ${number(r)}`);
  }

  private moveDot(count: number, r: number): void {
    if (!this.chart || !Number.isFinite(r)) return;
    const x = this.chart.x(count).toFixed(1);
    const y = this.chart.y(r).toFixed(1);
    this.dot.setAttribute("cx", x);
    this.dot.setAttribute("cy", y);
    this.drop.setAttribute("x1", x);
    this.drop.setAttribute("x2", x);
    this.drop.setAttribute("y1", y);
    this.drop.setAttribute("y2", String(this.chart.axes.height - 34));
  }

  private drawFilmSoon(): void {
    clearTimeout(this.filmSoon);
    this.filmSoon = window.setTimeout(() => this.drawFilm(this.explorer.chosen.now), FILM_MS);
  }

  private drawFilm(choice: Choice): void {
    const { session, chosen } = this.explorer;
    const decoder = this.explorer.decoder(choice.decoder);
    const film = find("#film");
    film.hidden = decoder.counts !== null || session.trialsOf[choice.image].length < 2;
    if (film.hidden) return film.replaceChildren();
    const [low, high] = this.explorer.range(choice);
    const trials = session.trialsOf[choice.image];
    const frames = [null, ...trials.keys()].map((trial) => {
      const use = trial === null ? trials : [trials[trial]];
      const drawn = this.explorer.drawn(this.explorer.reconstruct(choice, use), decoder, choice.image, choice.contrast);
      const canvas = element("canvas", { "aria-hidden": "true" });
      grey(canvas, [drawn], session.facts, low, high);
      const name = trial === null ? "mean" : String(trial + 1);
      const label = trial === null ? "Mean over trials" : `Trial ${trial + 1}`;
      const frame = button("", { "aria-label": label }, () => chosen.change({ trial }));
      frame.append(canvas, name);
      return frame;
    });
    film.replaceChildren(...frames);
    this.markTrial(chosen.now);
  }

  private markTrial(choice: Choice): void {
    [...find("#film").children].forEach((frame, place) =>
      frame.setAttribute("aria-pressed", String(place === (choice.trial === null ? 0 : choice.trial + 1))),
    );
  }

  private play(): void {
    if (this.playing) {
      clearInterval(this.playing);
      this.playing = 0;
    } else {
      this.stepTrial(1);
      this.playing = window.setInterval(() => this.stepTrial(1), PLAY_MS);
    }
    find("#play").textContent = this.playing ? "❚❚ stop" : "▶ play the trials";
  }
}

function meanOf(curves: Float32Array[]): Float32Array {
  const mean = new Float32Array(curves[0].length);
  for (const curve of curves) curve.forEach((value, i) => (mean[i] += value / curves.length));
  return mean;
}
