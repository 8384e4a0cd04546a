// Opens a page in headless Chromium, from a file (`page`) or a server (`url`), and does what it is
// told: node drive.mjs < {page, url, steps}.
// Prints {results, trouble}: what each step gave, and errors, refusals and requests of the page.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { page: path, url, steps, modules, executable } = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(`${modules}/`);
const { chromium } = require("playwright-core");
const packed = executable ? null : (await import(require.resolve("@sparticuz/chromium"))).default;
const browser = await chromium.launch({
  executablePath: executable || (await packed.executablePath()),
  args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
const trouble = [];
const asked = [];
page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
page.on("pageerror", (error) => trouble.push(String(error)));
page.on("dialog", (dialog) => trouble.push(`dialog ${dialog.message()}`));
page.on("request", (request) => {
  asked.push(request.url());
  const own = url && request.url().startsWith(url);
  if (!own && !/^(file|data|blob):/.test(request.url())) trouble.push(`request ${request.url()}`);
});
const devtools = await page.context().newCDPSession(page);
await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
await page.goto(url ?? `file://${path}`);

const does = {
  ready: () => page.waitForFunction(() => document.documentElement.dataset.ready === "true", null, { timeout: 60000 }).then(() => true),
  evaluate: (code) => page.evaluate(code),
  appear: (selector) => page.waitForSelector(selector, { timeout: 60000 }).then(() => true),
  requests: () => asked,
  press: (key) => page.keyboard.press(key),
  focus: (selector) => page.focus(selector),
  click: (selector) => page.click(selector),
  hover: (selector) => page.hover(selector),
  select: ([selector, value]) => page.selectOption(selector, value),
  fill: ([selector, text]) => page.fill(selector, text),
  size: ([width, height]) => page.setViewportSize({ width, height }),
  // Paper, after what browsers tell a page before they print it; its visible text can be asked for.
  paper: async () => {
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  },
  motion: (reducedMotion) => page.emulateMedia({ reducedMotion }),
  // From the middle of an element, by so many pixels.
  drag: async ([selector, x, y]) => {
    const box = await page.locator(selector).boundingBox();
    const [left, top] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(left, top);
    await page.mouse.down();
    await page.mouse.move(left + x, top + y, { steps: 5 });
    await page.mouse.up();
  },
  scheme: (colorScheme) => page.emulateMedia({ colorScheme }),
  // Seconds of CPU that the page's main thread has taken.
  cpu: async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find((each) => each.name === "TaskDuration").value;
  },
  axe: async () => {
    await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
    // As an isolated world the checks are not held by the page's policy.
    await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
    const found = await page.evaluate(() => globalThis.axe.run());
    return found.violations.map((each) => `${each.impact} ${each.id}: ${each.nodes[0].html.slice(0, 200)}`);
  },
};
const results = [];
for (const [kind, value] of steps) {
  results.push((await does[kind](value)) ?? null);
  // What a step asked for may have to be unpacked first.
  await page.evaluate(() => globalThis.tpdecode?.idle().then(() => true));
}
await browser.close();
console.log(JSON.stringify({ results, trouble }));
