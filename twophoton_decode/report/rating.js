"use strict";
// Shows one trial after the other, takes left or right, and saves a CSV. It does not know which
// side is which.
(() => {
  const { page, trials } = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const choices = trials.map(() => "");
  let now = 0;
  let begun = false;
  let saved = false;

  function show() {
    const done = now >= trials.length;
    at("trial").hidden = !begun || done;
    at("end").hidden = !done;
    at("progress").textContent = begun ? `${Math.min(now + 1, trials.length)} of ${trials.length}` : "";
    at("bar").value = choices.filter(Boolean).length;
    if (!begun || done) return;
    const [, original, left, right] = trials[now];
    at("original").src = original;
    at("left").src = left;
    at("right").src = right;
    for (const side of ["left", "right"]) {
      at(`choose-${side}`).setAttribute("aria-pressed", String(choices[now] === side));
    }
  }

  function choose(side) {
    if (!begun || now >= trials.length) return;
    choices[now] = side;
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
      choices[place] ? [[page, rater, code, choices[place]].map(cell).join(",")] : []);
    return ["page,rater,trial,choice", ...rows, ""].join("\n");
  }

  function save() {
    const address = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `rating-${page}.csv`;
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
  at("choose-left").addEventListener("click", () => choose("left"));
  at("choose-right").addEventListener("click", () => choose("right"));
  at("back").addEventListener("click", back);
  at("again").addEventListener("click", back);
  at("save").addEventListener("click", save);
  document.addEventListener("keydown", (event) => {
    if (!begun || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const does = { ArrowLeft: () => choose("left"), ArrowRight: () => choose("right"), Backspace: back };
    if (!(event.key in does)) return;
    event.preventDefault();
    does[event.key]();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!saved && choices.some(Boolean)) event.preventDefault();
  });
  globalThis.rating = { table, place: () => now };
  at("bar").max = trials.length;
  show();
  document.documentElement.dataset.ready = "true";
})();
