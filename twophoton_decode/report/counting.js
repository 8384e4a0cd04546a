"use strict";
// Shows one crop after the other, takes a count, and saves a CSV. It does not know which crop is
// restored.
(() => {
  const { page, trials } = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const counts = trials.map(() => "");
  let now = 0;
  let begun = false;
  let saved = false;

  function show() {
    const done = now >= trials.length;
    at("trial").hidden = !begun || done;
    at("end").hidden = !done;
    at("progress").textContent = begun ? `${Math.min(now + 1, trials.length)} of ${trials.length}` : "";
    at("bar").value = counts.filter(Boolean).length;
    if (!begun || done) return;
    const [, mean, crop] = trials[now];
    at("mean").src = mean;
    at("crop").src = crop;
    for (const button of document.querySelectorAll("[data-count]")) {
      button.setAttribute("aria-pressed", String(counts[now] === button.dataset.count));
    }
  }

  function count(number) {
    if (!begun || now >= trials.length) return;
    counts[now] = number;
    saved = false;
    now += 1;
    show();
  }

  function back() {
    if (!begun || now === 0) return;
    now -= 1;
    show();
  }

  // As CSV, and never a formula to a spreadsheet.
  function cell(text) {
    const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return `"${plain.replaceAll('"', '""')}"`;
  }

  function table() {
    const rater = at("rater").value.trim();
    const rows = trials.flatMap(([code], place) =>
      counts[place] ? [[page, rater, code, counts[place]].map(cell).join(",")] : []);
    return ["page,rater,trial,count", ...rows, ""].join("\n");
  }

  function save() {
    const address = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `counts-${page}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    saved = true;
  }

  at("begin").addEventListener("submit", (event) => {
    event.preventDefault();
    begun = true;
    at("begin").hidden = true;
    document.activeElement.blur();
    show();
  });
  for (const button of document.querySelectorAll("[data-count]")) {
    button.addEventListener("click", () => count(button.dataset.count));
  }
  at("back").addEventListener("click", back);
  at("again").addEventListener("click", back);
  at("save").addEventListener("click", save);
  document.addEventListener("keydown", (event) => {
    if (!begun || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (/^[0-9]$/.test(event.key)) count(event.key);
    else if (event.key === "Backspace") back();
    else return;
    event.preventDefault();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!saved && counts.some(Boolean)) event.preventDefault();
  });
  globalThis.counting = { table, place: () => now };
  at("bar").max = trials.length;
  show();
  document.documentElement.dataset.ready = "true";
})();
