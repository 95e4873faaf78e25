// Statements and the words they rest on: highlighting both ways, and the player.
"use strict";
const Evidence = (() => {
  const note = document.getElementById("note");
  const turns = document.getElementById("turns");
  const player = document.getElementById("player");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let pinned = null;      // {kind: "statement" | "code" | "turn", id}
  let stopAt = null;      // seconds
  let heard = { key: null, index: -1 };

  const spansOf = (el) => JSON.parse(el.dataset.evidence || "[]");
  const turnOf = (segment) => document.getElementById(`seg-${segment}`);
  const restingOn = (segment) =>
    [...note.querySelectorAll("[data-evidence]")].filter((el) => spansOf(el).some((s) => s.segment === segment));

  const allSpans = () => [...note.querySelectorAll("[data-statement]")].flatMap(spansOf);

  // What is lit up now: with a thousand turns nothing searches through all of them.
  let lit = [];
  let marked = [];
  function light(el, name) { el.classList.add(name); lit.push(el); }
  function clear() {
    for (const el of lit) el.classList.remove("is-active", "is-linked");
    for (const said of marked) said.textContent = said.textContent;
    lit = [];
    marked = [];
  }

  // Wraps each quote in <mark>; works on text alone, so nothing in a transcript can become markup.
  function markQuotes(said, quotes) {
    const text = said.textContent;
    const ranges = quotes.map((q) => [text.indexOf(q), q.length]).filter(([at, n]) => at >= 0 && n > 0)
      .map(([at, n]) => [at, at + n]).sort((a, b) => a[0] - b[0]);
    const parts = [];
    let done = 0;
    for (const [from, to] of ranges) {
      if (to <= done) continue;
      const start = Math.max(from, done);
      parts.push(text.slice(done, start));
      const mark = document.createElement("mark");
      mark.textContent = text.slice(start, to);
      parts.push(mark);
      done = to;
    }
    said.replaceChildren(...parts, text.slice(done));
    marked.push(said);
  }

  function scrollInside(box, el) {
    const outer = box.getBoundingClientRect(), inner = el.getBoundingClientRect();
    if (inner.top >= outer.top + 8 && inner.bottom <= outer.bottom - 8) return;
    const top = box.scrollTop + inner.top - outer.top - Math.max(16, (outer.height - inner.height) / 3);
    box.scrollTo({ top, behavior: calm ? "auto" : "smooth" });
  }

  function showEvidence(el, scroll = true) {
    clear();
    light(el, "is-active");
    const quotes = new Map();
    for (const span of spansOf(el)) quotes.set(span.segment, [...(quotes.get(span.segment) || []), span.quote]);
    let first = null;
    for (const [segment, said] of quotes) {
      const turn = turnOf(segment);
      if (!turn) continue;
      light(turn, "is-linked");
      markQuotes(turn.querySelector(".said"), said);
      first = first || turn;
    }
    if (first && scroll) scrollInside(turns, first);
    tell(spansOf(el));
  }
  const tell = (spans) => document.dispatchEvent(new CustomEvent("evidence", { detail: spans }));

  function showStatements(turn, scroll = true) {
    clear();
    light(turn, "is-active");
    const found = restingOn(turn.dataset.segment);
    for (const el of found) light(el, "is-linked");
    if (found.length && scroll) {
      const box = found[0].getBoundingClientRect();
      const bottom = getComputedStyle(turns.parentElement).getPropertyValue("--covers").trim() === "1"
        ? turns.parentElement.getBoundingClientRect().top : innerHeight;
      if (box.top < 90 || box.bottom > bottom) found[0].scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    }
  }

  const element = (pin) => pin && document.getElementById(`${pin.kind === "turn" ? "seg" : "st"}-${pin.id}`);
  function show(el, scroll) {
    if (el.dataset.segment) showStatements(el, scroll); else showEvidence(el, scroll);
  }
  function pin(el, scroll = true) {
    pinned = el.dataset.segment ? { kind: "turn", id: el.dataset.segment } : { kind: "statement", id: el.dataset.statement };
    show(el, scroll);
  }
  function backToPinned() {
    const el = element(pinned);
    if (el) show(el, false); else { clear(); tell([]); }
  }

  function playFrom(start, end) {
    if (!player) return;
    const go = () => {
      stopAt = null;
      player.currentTime = Math.max(0, start - 0.2);
      stopAt = end;
      player.play().catch(() => {});
    };
    if (player.readyState >= 1) { go(); return; }
    player.addEventListener("loadedmetadata", go, { once: true });
    player.load();
  }

  // Plays the first piece of evidence; asked again, the next.
  function play(el) {
    if (el.dataset.segment) { playFrom(Number(el.dataset.start), Number(el.dataset.end)); return; }
    const spans = spansOf(el);
    if (!spans.length) return;
    const key = el.dataset.statement || el.dataset.code;
    heard = { key, index: heard.key === key ? (heard.index + 1) % spans.length : 0 };
    const span = spans[heard.index];
    playFrom(span.start, span.end);
    const turn = turnOf(span.segment);
    if (turn) scrollInside(turns, turn);
  }

  // The turn that is being said: they are in order of time, so halving finds it.
  const starts = turns ? [...turns.children].map((turn) => Number(turn.dataset.start)) : [];
  function turnAt(now) {
    let low = 0, high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= now) low = middle + 1; else high = middle;
    }
    const turn = low > 0 && turns.children[low - 1];
    return turn && now < Number(turn.dataset.end) ? turn : null;
  }
  let playing = null;
  function showPlaying(turn) {
    if (turn === playing) return;
    if (playing) playing.classList.remove("is-playing");
    if (turn) turn.classList.add("is-playing");
    playing = turn;
  }
  if (player) {
    player.addEventListener("timeupdate", () => {
      const now = player.currentTime;
      if (stopAt !== null && now >= stopAt + 0.3) { stopAt = null; player.pause(); }
      showPlaying(player.paused ? null : turnAt(now));
    });
    player.addEventListener("pause", () => { stopAt = null; showPlaying(null); });
  }

  // A mark at every turn that the note rests on.
  function countLinks() {
    if (!turns) return;
    const used = new Set([...note.querySelectorAll("[data-statement]")].flatMap((el) => spansOf(el).map((s) => s.segment)));
    for (const turn of turns.children) turn.classList.toggle("is-used", used.has(turn.dataset.segment));
  }
  countLinks();
  return { allSpans, show, pin, backToPinned, play, playFrom, countLinks, stop: () => player && player.pause(), pinned: () => element(pinned) };
})();
