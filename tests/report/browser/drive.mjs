// Opens a page in headless Chromium and does what it is told: node drive.mjs < {page, steps}.
// Prints {results, trouble}: what each step gave, and errors, refusals and requests of the page.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { page: path, steps, modules, executable } = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(`${modules}/`);
const { chromium } = require("playwright-core");
const packed = executable ? null : (await import(require.resolve("@sparticuz/chromium"))).default;
const browser = await chromium.launch({
  executablePath: executable || (await packed.executablePath()),
  args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
const trouble = [];
page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
page.on("pageerror", (error) => trouble.push(String(error)));
page.on("dialog", (dialog) => trouble.push(`dialog ${dialog.message()}`));
page.on("request", (request) => {
  if (!/^(file|data|blob):/.test(request.url())) trouble.push(`request ${request.url()}`);
});
const devtools = await page.context().newCDPSession(page);
await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
await page.goto(`file://${path}`);

const does = {
  ready: () => page.waitForFunction(() => document.documentElement.dataset.ready === "true", null, { timeout: 60000 }).then(() => true),
  evaluate: (code) => page.evaluate(code),
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
for (const [kind, value] of steps) results.push((await does[kind](value)) ?? null);
await browser.close();
console.log(JSON.stringify({ results, trouble }));
