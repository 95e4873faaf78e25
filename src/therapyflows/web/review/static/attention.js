// How long the draft is before somebody, and which of its lines stood on the screen: seconds and ids, told to the server
// every few seconds and with the decision.  It counts while the page is visible and used, and nothing else.
"use strict";
(() => {
  const panes = document.querySelector(".panes[data-attention]");
  const note = document.getElementById("note");
  if (!panes || !note) return;
  const USED_FOR_MS = 30000, TELL_EVERY_S = 15, ON_SCREEN_MS = 1000;
  let active = 0, told = 0, gone = false, lastUse = Date.now();
  const seen = new Set(), fresh = new Set(), since = new Map();
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "touchmove", "scroll"]) {
    addEventListener(kind, () => { lastUse = Date.now(); }, { passive: true, capture: true });
  }
  const player = document.getElementById("player");
  const inUse = () => document.visibilityState === "visible" && (Date.now() - lastUse < USED_FOR_MS || (player && !player.paused));
  const mark = (id) => { if (!seen.has(id)) { seen.add(id); fresh.add(id); } };

  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const id = entry.target.dataset.statement;
      // A line higher than the window counts when it fills half of it.
      const shown = entry.intersectionRatio >= 0.6 || entry.intersectionRect.height > innerHeight / 2;
      if (shown) { if (!since.has(id)) since.set(id, Date.now()); } else since.delete(id);
    }
  }, { threshold: [0, 0.3, 0.6, 0.9] });
  function watch() {
    since.clear();
    observer.disconnect();
    for (const line of note.querySelectorAll("[data-statement]")) observer.observe(line);
  }
  new MutationObserver(watch).observe(note, { childList: true });
  watch();
  note.addEventListener("focusin", (event) => {
    const line = event.target.closest("[data-statement]");
    if (line) mark(line.dataset.statement);
  });

  const measured = () => ({ active_s: String(active), seen: [...fresh].join(" ") });
  function tell() {
    if (gone || (!active && !fresh.size)) return;
    const ids = [...fresh], body = new URLSearchParams(measured());
    active = 0;
    fresh.clear();
    const headers = { Accept: "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf]").content };
    fetch(`/drafts/${panes.dataset.draft}/attention`, { method: "POST", body, headers, keepalive: true })
      .then((answer) => {
        gone = [403, 404].includes(answer.status);  // handed over, or the right to it lost
        if (!answer.ok) throw new Error("not taken");
      })
      .catch(() => { for (const id of ids) fresh.add(id); });  // seconds that could not be told are not made up for
  }
  setInterval(() => {
    if (inUse()) {
      active += 1;
      for (const [id, from] of since) if (Date.now() - from >= ON_SCREEN_MS) mark(id);
    }
    told += 1;
    if (told >= TELL_EVERY_S) { told = 0; tell(); }
  }, 1000);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") tell(); else watch(); });
  // With the decision itself, so that the last seconds are neither lost nor late.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-decide]")) return;
    for (const [name, value] of Object.entries(measured())) {
      let field = event.target.querySelector(`input[name=${name}]`);
      if (!field) {
        field = Object.assign(document.createElement("input"), { type: "hidden", name });
        event.target.append(field);
      }
      field.value = value;
    }
  });
})();
