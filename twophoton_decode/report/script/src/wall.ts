// All pictures as thumbnails, shown beside reconstructed; sorted, filtered, drawn when seen.

import { PictureDecoder } from "./decoder";
import { button, choices, counted, element, find, number } from "./dom";
import type { Explorer } from "./explorer";
import { grey } from "./paint";
import type { Choice, Sorting } from "./state";

const NONE: ReadonlySet<number> = new Set();

export class Wall {
  /** The images in the order in which they stand. */
  listed: number[] = [];
  private readonly tiles = new Map<number, HTMLButtonElement>();
  private readonly drawnBy = new Map<number, number>();
  private readonly watching: IntersectionObserver;
  private readonly short: string[];
  private readonly responsive: number[];

  constructor(private readonly explorer: Explorer) {
    const { session, chosen } = explorer;
    this.short = shortened(session.facts.names);
    this.responsive = session.facts.names.map((_, image) => session.responsiveCells(image));
    this.watching = new IntersectionObserver((seen) => this.drawSeen(seen), { rootMargin: "200px" });
    const decoders = session.facts.decoders.map((each, place) => [place, each.name] as const);
    const press = choices(find("#decoders-of-wall"), decoders, (decoder) => void this.choose(decoder));
    find<HTMLSelectElement>("#sorting").addEventListener("change", (event) =>
      chosen.change({ sorting: (event.target as HTMLSelectElement).value as Sorting }),
    );
    find<HTMLInputElement>("#filter").addEventListener("input", (event) =>
      chosen.change({ filter: (event.target as HTMLInputElement).value }),
    );
    window.addEventListener("beforeprint", () => this.listed.forEach((image) => this.drawTile(image)));
    chosen.on(["decoder"], (choice) => {
      press(choice.decoder);
      const known = this.scores("similarity", choice.decoder).some(Number.isFinite);
      find<HTMLOptionElement>("#sorting option[value=stable]").disabled = !known;
    });
    chosen.on(["decoder", "sorting", "filter"], (choice) => this.draw(choice));
    chosen.on(["image"], (choice) => this.mark(choice.image));
  }

  async choose(decoder: number): Promise<void> {
    find("#decoders-of-wall").setAttribute("aria-busy", "true");
    await this.explorer.load(decoder);
    find("#decoders-of-wall").removeAttribute("aria-busy");
    // Stored pictures are means over trials, from the strongest cells, of which none is left out.
    const stored = this.explorer.decoder(decoder) instanceof PictureDecoder;
    const only: Partial<Choice> = stored ? { order: "strongest", trial: null, left: new Set() } : {};
    this.explorer.chosen.change({ decoder, ...only });
  }

  private draw(choice: Choice): void {
    const { session } = this.explorer;
    const { names } = session.facts;
    const scores = this.scores("r_average", choice.decoder);
    const wanted = choice.filter.trim().toLowerCase();
    const images = names.map((_, image) => image);
    this.listed = images.filter(
      (image) => session.trialsOf[image].length && names[image].toLowerCase().includes(wanted),
    );
    this.sort(choice, scores);
    const total = names.length;
    find("#wall-count").textContent =
      this.listed.length === total
        ? `${counted(total, "picture")}, each shown | reconstructed`
        : `${this.listed.length} of ${counted(total, "picture")}`;
    this.watching.disconnect();
    find("#wall").replaceChildren(
      ...this.listed.map((image) => element("li", {}, this.tile(image, choice, scores[image]))),
    );
    for (const image of this.listed) this.watching.observe(this.tiles.get(image)!);
  }

  private scores(name: string, decoder: number): Float32Array {
    const { images } = this.explorer.session;
    const rows = this.explorer.session.block.get<Float32Array>("core", name);
    return rows.subarray(decoder * images, (decoder + 1) * images);
  }

  private sort(choice: Choice, scores: Float32Array): void {
    const stable = this.scores("similarity", choice.decoder);
    const names = this.explorer.session.facts.names;
    const last = (value: number) => (Number.isFinite(value) ? value : -Infinity);
    const by: Record<Sorting, (a: number, b: number) => number> = {
      best: (a, b) => last(scores[b]) - last(scores[a]),
      worst: (a, b) => last(scores[a]) - last(scores[b]),
      responsive: (a, b) => this.responsive[b] - this.responsive[a],
      stable: (a, b) => last(stable[b]) - last(stable[a]),
      name: (a, b) => names[a].localeCompare(names[b], "en", { numeric: true }),
    };
    this.listed.sort((a, b) => by[choice.sorting](a, b) || a - b);
  }

  private tile(image: number, choice: Choice, score: number): HTMLButtonElement {
    let tile = this.tiles.get(image);
    if (!tile) {
      tile = button("", { title: this.name(image) }, () => this.explorer.chosen.change({ image, trial: null }));
      tile.dataset.image = String(image);
      tile.append(element("canvas", { "aria-hidden": "true" }), element("span", { class: "under" }));
      this.tiles.set(image, tile);
    }
    const shown =
      choice.sorting === "responsive"
        ? counted(this.responsive[image], "cell")
        : number(choice.sorting === "stable" ? this.scores("similarity", choice.decoder)[image] : score);
    const cells = counted(this.responsive[image], "responsive cell");
    tile.lastElementChild!.replaceChildren(
      element("span", { class: "name" }, this.short[image]),
      element("span", { class: "hidden" }, `, R ${number(score)}, ${cells}, `),
      element("span", { class: "score" }, shown),
    );
    tile.setAttribute("aria-current", String(image === choice.image));
    return tile;
  }

  private name(image: number): string {
    return this.explorer.session.facts.names[image];
  }

  private drawSeen(seen: IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of seen)
      if (isIntersecting) this.drawTile(Number((target as HTMLElement).dataset.image));
  }

  private drawTile(image: number): void {
    const { session, chosen } = this.explorer;
    const { decoder: place } = chosen.now;
    if (this.drawnBy.get(image) === place) return;
    this.drawnBy.set(image, place);
    const decoder = this.explorer.decoder(place);
    const use = { trials: session.trialsOf[image], count: session.cells, order: "strongest", left: NONE } as const;
    const made = this.explorer.drawn(decoder.picture(use), decoder, image, "stretched");
    const { low, high } = session.facts;
    const canvas = this.tiles.get(image)!.querySelector("canvas")!;
    grey(canvas, [session.shown(image), made], session.facts, low, high);
  }

  private mark(image: number): void {
    for (const [each, tile] of this.tiles) tile.setAttribute("aria-current", String(each === image));
  }
}

/** Names without what all begin and end with: "picture_022.png" among its like becomes "022". */
export function shortened(names: string[]): string[] {
  if (names.length < 3) return names;
  let front = 0;
  const first = names[0];
  while (front < first.length && !/\d/.test(first[front]) && names.every((n) => n[front] === first[front])) front++;
  let back = 0;
  const end = (name: string) => name[name.length - 1 - back];
  while (
    end(first) !== undefined &&
    !/\d/.test(end(first)) &&
    names.every((name) => name.length - back > front + 1 && end(name) === end(first))
  )
    back++;
  return names.map((name) => name.slice(front, name.length - back));
}
