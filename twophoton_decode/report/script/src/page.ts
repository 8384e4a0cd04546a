// What the page does beside the explorer: theme, contents, figures by decoder, copying, tables.

import type { Block } from "./data";
import { all, button, choices, find } from "./dom";
import type { Session } from "./session";

export function theme(): void {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const set = (dark: boolean) => (root.dataset.theme = dark ? "dark" : "light");
  set(system.matches);
  system.addEventListener("change", () => set(system.matches));
  find("#theme").hidden = false;
  find("#theme").addEventListener("click", () => set(root.dataset.theme !== "dark"));
}

/** Mark where the reader is in the bar of contents; open what a link leads into. */
export function contents(): void {
  const links = all<HTMLAnchorElement>("#contents a");
  const mark = (id: string) => {
    for (const link of links)
      if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
  };
  const watching = new IntersectionObserver(
    (seen) => seen.filter((each) => each.isIntersecting).forEach((each) => mark(each.target.id)),
    { rootMargin: "-20% 0px -70% 0px" },
  );
  for (const section of all("main > section")) watching.observe(section);
  const open = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    for (const folded of target ? [...all("details", target), target.closest("details")] : [])
      if (folded instanceof HTMLDetailsElement && folded.hasAttribute("data-main")) folded.open = true;
  };
  window.addEventListener("hashchange", open);
  open();
}

/** On paper nothing can be unfolded: print the figures of all sections. */
export function printing(): void {
  const folded = new Set<HTMLDetailsElement>();
  window.addEventListener("beforeprint", () => {
    for (const details of all<HTMLDetailsElement>("details[data-main]:not([open])")) {
      folded.add(details);
      details.open = true;
    }
  });
  window.addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
    folded.clear();
  });
}

/** Figures that there are for every decoder: those of one at a time. */
export function figuresByDecoder(): void {
  for (const group of all("[data-decoders]")) {
    const names = (JSON.parse(group.dataset.decoders ?? "[]") as string[]).map((name) => [name, name] as const);
    const figures = all("figure[data-decoder]", group);
    const show = (name: string) => {
      for (const figure of figures) figure.hidden = figure.dataset.decoder !== name;
      press(name);
    };
    const bar = find<HTMLElement>(`#${group.id} .which`);
    bar.hidden = false;
    const press = choices(bar, names, show);
    show(names[0][0]);
  }
}

export function copying(): void {
  for (const copier of all<HTMLButtonElement>("[data-copy]")) {
    copier.hidden = false;
    copier.addEventListener("click", async () => {
      const text = find(`#${copier.dataset.copy}`);
      try {
        await navigator.clipboard.writeText(text.textContent ?? "");
        copier.textContent = "Copied";
      } catch {
        window.getSelection()?.selectAllChildren(text);
        copier.textContent = "Selected: press Ctrl+C";
      }
    });
  }
}

/** A button that saves each table of the page, and each figure's numbers, as CSV. */
export function tables(block: Block): void {
  for (const table of all<HTMLTableElement>("table[data-csv]")) {
    const save = button("CSV", { class: "quiet", "aria-label": `Save the table ${table.dataset.csv} as CSV` }, () => {
      const rows = [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim()));
      download(`${table.dataset.csv}.csv`, csv(rows));
    });
    table.closest(".wide")?.after(save);
  }
  for (const saver of all<HTMLButtonElement>("button[data-figure]")) {
    saver.hidden = false;
    saver.addEventListener("click", async () => {
      await block.load("tables");
      const bytes = block.get<Uint8Array>("tables", saver.dataset.figure ?? "");
      download(`${saver.dataset.figure}.csv`, new TextDecoder().decode(bytes));
    });
  }
}

/** Tables of all pictures and all cells, from the arrays of the page. */
export function sessionTables(session: Session): void {
  const savers: Record<string, () => unknown[][]> = { pictures: () => pictureRows(session), cells: () => cellRows(session) };
  for (const [name, rows] of Object.entries(savers)) {
    const saver = find<HTMLButtonElement>(`#save-${name}`);
    saver.hidden = false;
    saver.addEventListener("click", () => download(`${name}.csv`, csv(rows())));
  }
}

function pictureRows({ facts, block, images, trialsOf }: Session): unknown[][] {
  const names = facts.decoders.map((each) => each.name);
  const columns = ["r_average", "r_single", "similarity"];
  const head = ["image", "name", "presentations", ...columns.flatMap((column) => names.map((name) => `${column} ${name}`))];
  const value = (column: string, decoder: number, image: number) => block.get<Float32Array>("core", column)[decoder * images + image];
  const rows = facts.names.map((name, image) => [
    image,
    name,
    trialsOf[image].length,
    ...columns.flatMap((column) => names.map((_, decoder) => value(column, decoder, image))),
  ]);
  return [head, ...rows];
}

function cellRows(session: Session): unknown[][] {
  const sparseness = session.block.get<Float32Array>("core", "sparseness");
  const prediction = session.block.find<Float32Array>("cells", "prediction_r");
  const head = ["cell", "roi", "reliability", "lifetime_sparseness", "prediction_r"];
  return [head, ...Array.from({ length: session.cells }, (_, cell) => [cell, session.roi[cell], session.reliability[cell], sparseness[cell], prediction?.[cell] ?? ""])];
}

function csv(rows: unknown[][]): string {
  return rows.map((row) => row.map(csvCell).join(",")).join("\n") + "\n";
}

// As in figures/canvas/table_text.py, whose texts are tested here as well.
const BEGINS_FORMULA = /^[=+\-@\t\n＝＋－＠]/;
const NUMBER = /^[+-]?(?:(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?|inf|infinity|nan)$/i;

/** Numbers as they are, NaN as nothing; what a spreadsheet takes for a formula gets an apostrophe. */
export function csvCell(value: unknown): string {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const text = String(value).replaceAll("\r", "\\r");
  const plain = BEGINS_FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
