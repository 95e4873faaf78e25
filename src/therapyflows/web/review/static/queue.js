// The queue stays true while it is looked at: asks now and then, changes only what changed, never moves the focus.
"use strict";
(() => {
  const queue = document.getElementById("queue"), said = document.getElementById("queue-said"), offline = document.getElementById("queue-offline");
  if (!queue) return;
  const EVERY_MS = 15000, FIRST_MS = 2500, AT_MOST_MS = 60000;
  let wait = EVERY_MS, timer = 0, asking = false, seenAt = new Date();

  const say = (before, now) => {
    const more = now.total - before.total, risk = now.urgent - before.urgent;
    const words = [];
    if (more > 0) words.push(`${more} more ${more === 1 ? "draft waits" : "drafts wait"} for you, ${now.total} in all.`);
    if (more < 0) words.push(now.total === 1 ? "1 draft waits for you." : `${now.total} drafts wait for you.`);
    if (risk > 0) words.push(risk === 1 ? "One speaks of a risk." : `${risk} speak of a risk.`);
    if (words.length) said.textContent = words.join(" ");
  };

  // A row in which somebody works stays as it is and where it is.
  const busy = (row) => row.contains(document.activeElement) || row.querySelector("details[open], input:checked") !== null;

  const mergeRows = (old, fresh) => {
    const have = new Map([...old.children].map((row) => [row.id, row]));
    for (const row of [...old.children]) if (!busy(row)) row.remove();
    let next = old.firstElementChild;
    for (const row of [...fresh.children]) {
      const mine = have.get(row.id);
      have.delete(row.id);
      if (mine && mine.parentNode === old) { mine.classList.remove("is-gone"); next = mine.nextElementSibling; continue; }
      old.insertBefore(mine && mine.dataset.rowMark === row.dataset.rowMark ? mine : row, next);
    }
    for (const row of have.values()) if (row.parentNode === old) row.classList.add("is-gone");
  };

  const replace = (old, fresh) => {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    if (focused) (document.getElementById(focused) || document.getElementById("queue-title")).focus({ preventScroll: true });
  };

  const draw = (html) => {
    const now = new DOMParser().parseFromString(html, "text/html");
    for (const part of ["head", "list", "batch", "pager"]) {
      const old = queue.querySelector(`[data-part="${part}"]`), fresh = now.querySelector(`[data-part="${part}"]`);
      if (part === "batch" && busy(old)) continue;
      if (part === "list" && old.tagName === "OL" && fresh.tagName === "OL") mergeRows(old, fresh); else replace(old, fresh);
    }
  };

  const title = document.title;
  const count = (total) => { document.title = total ? `(${total}) ${title}` : title; };

  const lost = (yes) => {
    offline.hidden = !yes;
    const words = yes ? `No connection. This list is as of ${seenAt.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}.` : "";
    if (offline.textContent !== words) offline.textContent = words;
  };

  const look = async () => {
    if (asking || document.visibilityState === "hidden") return;
    asking = true;
    try {
      const answer = await fetch(queue.dataset.poll, { headers: { Accept: "application/json", "If-None-Match": `"${queue.dataset.mark}"` } });
      if ([401, 403, 404].includes(answer.status)) { location.reload(); return; } // the page says why
      if (answer.status === 200) {
        const now = await answer.json();
        draw(now.html);
        say({ total: Number(queue.dataset.total), urgent: Number(queue.dataset.urgent) }, now);
        Object.assign(queue.dataset, { total: now.total, urgent: now.urgent, mark: answer.headers.get("ETag").replaceAll('"', "") });
        count(now.total);
      }
      const well = answer.status === 200 || answer.status === 304;
      if (well) seenAt = new Date();
      lost(!well);
      wait = well ? EVERY_MS : Math.min(wait * 2, AT_MOST_MS);
    } catch { lost(true); wait = Math.min(wait * 2, AT_MOST_MS); } finally { asking = false; }
    plan(wait * (0.85 + Math.random() * 0.3)); // so that fifty browsers do not ask in the same second
  };
  const plan = (ms) => { clearTimeout(timer); timer = setTimeout(look, ms); };
  const now = () => plan(0);

  count(Number(queue.dataset.total));
  document.addEventListener("visibilitychange", now); // a laptop that was asleep, a tab that lay behind
  window.addEventListener("online", now);
  window.addEventListener("pageshow", (event) => { if (event.persisted) now(); });
  plan(queue.querySelector("[data-unnamed]") ? FIRST_MS : EVERY_MS);
})();
