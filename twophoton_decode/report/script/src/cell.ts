// One cell: its receptive field, its tuning over all pictures, its traces.

import { Chart } from "./chart";
import { FilterDecoder } from "./decoder";
import { button, element, find, number, svg } from "./dom";
import type { Explorer } from "./explorer";
import type { Field } from "./field";
import { diverging, grey } from "./paint";
import type { Choice } from "./state";

const PREFERRED = 4;
const MOST_WITH_TRIALS = 120;

export class CellCard {
  constructor(
    private readonly explorer: Explorer,
    field: Field,
  ) {
    const { chosen } = explorer;
    find("#leave-out").addEventListener("click", () => field.toggle(chosen.now.cell));
    chosen.on(["cell", "left", "image", "decoder", "trial"], (choice) => this.drawWords(choice));
    chosen.on(["cell"], (choice) => this.drawField(choice.cell));
    chosen.on(["cell", "image"], (choice) => this.drawTuning(choice));
    chosen.on(["cell"], (choice) => this.drawPreferred(choice.cell));
    chosen.on(["cell", "image"], (choice) => this.drawTrace(choice));
  }

  resize(): void {
    const now = this.explorer.chosen.now;
    this.drawTuning(now);
    this.drawTrace(now);
  }

  private drawWords(choice: Choice): void {
    const { session } = this.explorer;
    const { cell } = choice;
    const roi = session.roi[cell];
    find("#cell-name").textContent = roi >= 0 ? `Cell ${cell} (ROI ${roi})` : `Cell ${cell}`;
    const out = choice.left.has(cell);
    find("#leave-out").textContent = out ? "take it in" : "leave it out";
    find("#leave-out").setAttribute("aria-pressed", String(out));
    const decoder = this.explorer.decoder(choice.decoder);
    find("#leave-out").hidden = !(decoder instanceof FilterDecoder);
    const said: string[] = [];
    const known = session.block.find<Uint8Array>("cells", "has_field");
    if (known) {
      const r = session.block.get<Float32Array>("cells", "prediction_r")[cell];
      said.push(known[cell] ? `Receptive field found: it predicts the responses to left-out pictures at r ${number(r)}.` : `No receptive field found (r ${number(r)} on left-out pictures).`);
    }
    const reliability = session.reliability[cell];
    if (Number.isFinite(reliability)) said.push(`Reliability of tuning ${number(reliability)}.`);
    else said.push(session.repeated ? "Reliability is not known." : "Reliability is not known with one repeat.");
    if (decoder instanceof FilterDecoder && !out) {
      const share = decoder.contributions(this.explorer.trials(choice), choice.left)[cell];
      said.push(`It adds ${number(100 * share, 1)} % of this picture${choice.trial === null ? "" : ` in trial ${choice.trial + 1}`}.`);
    }
    find("#cell-words").textContent = said.join(" ");
  }

  private drawField(cell: number): void {
    const { session } = this.explorer;
    const canvas = find<HTMLCanvasElement>("#cell-field");
    const fields = session.block.find<Int8Array>("cells", "field");
    canvas.hidden = !fields;
    if (!fields) return;
    diverging(canvas, fields.subarray(cell * session.pixels, (cell + 1) * session.pixels), session.facts);
    canvas.setAttribute("aria-label", `Receptive field of cell ${cell}: orange where light raises its response, blue where it lowers it`);
  }

  /** Mean responses to all pictures, the largest first, with single trials as dots. */
  private drawTuning(choice: Choice): void {
    const { session } = this.explorer;
    const { cell, image: open } = choice;
    const shown = session.trialsOf.map((_, image) => image).filter((image) => session.trialsOf[image].length);
    const mean = new Map(shown.map((image) => [image, session.mean(cell, session.trialsOf[image])]));
    const images = shown.sort((a, b) => mean.get(b)! - mean.get(a)!);
    const of = (trial: number) => session.response[trial * session.cells + cell];
    const values = images.flatMap((image) => session.trialsOf[image].map(of)).sort((a, b) => a - b);
    const high = Math.max(values[Math.floor(0.995 * (values.length - 1))], mean.get(images[0])!, 1e-6);
    const low = Math.min(0, values[Math.floor(0.005 * (values.length - 1))]);
    const root = find<SVGSVGElement>("#tuning");
    const width = Math.max(220, root.clientWidth || 260);
    const chart = new Chart(root, { width, height: 118, left: 38, bottom: 8, x: [-0.5, images.length - 0.5], y: [low, high], xTicks: [], yTicks: [0, high], yDigits: high < 0.095 ? 3 : 2 });
    const wide = Math.max(1, (chart.right - chart.axes.left) / images.length - 1);
    images.forEach((image, place) => {
      const x = chart.x(place);
      const top = chart.y(Math.max(0, mean.get(image)!));
      const height = Math.abs(chart.y(mean.get(image)!) - chart.y(0));
      const kind = image === open ? "bar open" : session.respondsTo(cell, image) ? "bar responsive" : "bar";
      chart.root.append(svg("rect", { x: x - wide / 2, y: top, width: wide, height: Math.max(0.5, height), class: kind }));
      if (images.length > MOST_WITH_TRIALS) return;
      for (const trial of session.trialsOf[image])
        chart.root.append(svg("circle", { cx: x, cy: chart.y(Math.max(low, Math.min(high, of(trial)))), r: 0.9, class: "trial" }));
    });
    const rank = images.indexOf(open) + 1;
    find("#tuning-label").textContent = `Responses to all ${images.length} pictures (${session.facts.unit}); orange: this one, number ${rank}`;
    root.setAttribute("aria-label", `Mean responses of cell ${cell} from the largest, ${number(mean.get(images[0])!)}, to the smallest; this picture is number ${rank} of ${images.length}`);
  }

  private drawPreferred(cell: number): void {
    const { session, chosen } = this.explorer;
    const shown = session.trialsOf.map((_, image) => image).filter((image) => session.trialsOf[image].length);
    const mean = (image: number) => session.mean(cell, session.trialsOf[image]);
    const best = shown.sort((a, b) => mean(b) - mean(a)).slice(0, PREFERRED);
    find("#preferred").replaceChildren(
      ...best.map((image) => {
        const name = session.facts.names[image];
        const opener = button("", { title: name }, () => chosen.change({ image, trial: null }));
        const canvas = element("canvas");
        grey(canvas, [session.shown(image)], session.facts, session.facts.low, session.facts.high);
        opener.append(canvas, number(mean(image)), element("span", { class: "hidden" }, ` to ${name}`));
        return opener;
      }),
    );
  }

  private drawTrace(choice: Choice): void {
    const { session } = this.explorer;
    const facts = session.facts.traces;
    const root = find<SVGSVGElement>("#trace");
    const traces = facts && session.block.find<Int8Array>("traces", "trace");
    const pictures = session.block.find<Int32Array>("traces", "picture");
    const known = pictures !== null && pictures[(choice.cell * pictures.length) / session.cells] >= 0;
    root.toggleAttribute("hidden", !known);
    find("#trace-label").hidden = !known;
    if (!traces || !facts || !pictures || !known) return;
    const scale = session.block.get<Float32Array>("traces", "scale")[choice.cell];
    const kept = pictures.length / session.cells;
    const length = traces.length / pictures.length;
    const traceOf = (place: number) => {
      const start = (choice.cell * kept + place) * length;
      return Array.from(traces.subarray(start, start + length), (value) => value * scale);
    };
    const times = Array.from({ length }, (_, i) => facts.first_s + i * facts.step_s);
    const place = pictures.subarray(choice.cell * kept, (choice.cell + 1) * kept).indexOf(choice.image);
    const best = traceOf(0);
    const own = place > 0 ? traceOf(place) : null;
    const high = Math.max(...best, ...(own ?? []), 1e-6);
    const low = Math.min(0, ...best, ...(own ?? []));
    const width = Math.max(220, root.clientWidth || 260);
    const seconds = [0, 1, 2, 3, 4, 5].filter((s) => s <= times[length - 1]).map((s): [number, string] => [s, `${s} s`]);
    const chart = new Chart(root, { width, height: 118, left: 38, bottom: 22, x: [times[0], times[length - 1]], y: [low, high], xTicks: seconds, yTicks: [0, high], yDigits: high < 0.095 ? 3 : 2 });
    chart.root.append(svg("line", { x1: chart.x(0), x2: chart.x(0), y1: 10, y2: chart.floor, class: "mark" }));
    chart.line(times, best, place === 0 ? "open" : "main");
    if (own) chart.line(times, own, "open");
    const words = place === 0 ? "its best picture, which is this one" : own ? "its best picture (blue) and this one (orange)" : `its best picture; this one is not among its ${kept} best`;
    find("#trace-label").textContent = `Fluorescence around the onset, change as a share of its median, mean over trials: ${words}`;
    root.setAttribute("aria-label", find("#trace-label").textContent!);
  }
}
