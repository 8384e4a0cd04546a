// A small chart: axes, lines, points. Colours come from classes, so that themes need no redraw.

import { svg, number } from "./dom";

export interface Axes {
  width: number;
  height: number;
  left: number;
  bottom: number;
  x: [number, number];
  y: [number, number];
  xTicks: readonly (readonly [number, string])[];
  yTicks: readonly number[];
  yDigits?: number;
  /** From values to the scale on which x is even. */
  stretch?: (value: number) => number;
}

export class Chart {
  constructor(
    readonly root: SVGSVGElement,
    readonly axes: Axes,
  ) {
    root.setAttribute("viewBox", `0 0 ${axes.width} ${axes.height}`);
    root.replaceChildren();
    this.drawAxes();
  }

  get right(): number {
    return this.axes.width - 12;
  }

  get floor(): number {
    return this.axes.height - this.axes.bottom;
  }

  x(value: number): number {
    const { left, x, stretch = (v: number) => v } = this.axes;
    const [low, high] = [stretch(x[0]), stretch(x[1])];
    return left + ((stretch(value) - low) / (high - low || 1)) * (this.right - left);
  }

  y(value: number): number {
    const [low, high] = this.axes.y;
    return this.floor - ((value - low) / (high - low || 1)) * (this.floor - 10);
  }

  line(xs: ArrayLike<number>, ys: ArrayLike<number>, className: string): SVGPathElement {
    let path = "";
    for (let i = 0; i < xs.length; i++)
      if (Number.isFinite(ys[i]))
        path += `${path ? "L" : "M"}${this.x(xs[i]).toFixed(1)} ${this.y(ys[i]).toFixed(1)}`;
    return this.root.appendChild(svg("path", { d: path, class: `line ${className}` }));
  }

  text(x: number, y: number, text: string, className = "", anchor = "start"): SVGTextElement {
    return this.root.appendChild(svg("text", { x, y, class: className, "text-anchor": anchor }, text));
  }

  private drawAxes(): void {
    const { left, xTicks, yTicks, yDigits = 1 } = this.axes;
    for (const tick of yTicks) {
      const y = this.y(tick);
      this.root.append(svg("line", { x1: left, x2: this.right, y1: y, y2: y, class: "grid" }));
      this.text(left - 6, y + 4, number(tick, yDigits), "", "end");
    }
    let last = -Infinity;
    for (const [value, text] of xTicks) {
      const x = this.x(value);
      if (x - last < 7 * text.length + 8) continue;
      last = x;
      this.root.append(svg("line", { x1: x, x2: x, y1: this.floor, y2: this.floor + 4, class: "axis" }));
      this.text(x, this.floor + 16, text, "", "middle");
    }
  }
}

/** Numbers of cells with even room for few and many: log(1 + n / 3). */
export const stretched = (count: number): number => Math.log1p(count / 3);
export const unstretched = (value: number): number => 3 * Math.expm1(value);

export function cellTicks(cells: number): [number, string][] {
  const steps = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].filter((n) => n < 0.6 * cells);
  return [...steps.map((n): [number, string] => [n, String(n)]), [cells, "all"]];
}
