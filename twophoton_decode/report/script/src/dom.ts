// Making and finding elements; text is always text, never HTML.

type Attributes = Record<string, string | number | boolean | null>;
type Child = Node | string;

export function find<T extends Element = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

export function all<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] {
  return [...within.querySelectorAll<T>(selector)];
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill<E extends Element>(made: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  made.append(...children);
  return made;
}

export function button(text: string, attributes: Attributes, click: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", click);
  return made;
}

/** Say at the top of the page what went wrong. */
export function tell(error: unknown): void {
  find("#trouble").hidden = false;
  find("#trouble").textContent = error instanceof Error ? error.message : String(error);
}

/** Buttons of which one is pressed. */
export function choices<T extends string | number>(
  group: HTMLElement,
  options: readonly (readonly [T, string])[],
  choose: (value: T) => void,
): (value: T) => void {
  const made = options.map(([value, text]) => button(text, {}, () => choose(value)));
  group.replaceChildren(...made);
  return (now) =>
    made.forEach((each, place) => each.setAttribute("aria-pressed", String(options[place][0] === now)));
}

export function number(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

export function counted(count: number, thing: string): string {
  return count === 1 ? `1 ${thing}` : `${count} ${thing}s`;
}
