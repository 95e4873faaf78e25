// Words that are being typed.  A second after the last key our server keeps them; until it has them, and while it cannot
// be reached, they lie in this browser, encrypted with a key that the server gives only to this person, only while the
// draft is theirs to edit, and that is never stored.  They are no part of the note until the person saves them.
"use strict";
const Words = (() => {
  const panes = document.querySelector(".panes");
  const homeless = document.getElementById("homeless");
  const url = `/drafts/${panes.dataset.draft}/words`;
  const typed = new Map();     // place -> { text, state }
  const timers = new Map();
  const sending = new Set();
  let slot = null;
  let key = null;
  let signedOut = false;
  let opened = !("canEdit" in panes.dataset);

  const boxOf = (place) => panes.querySelector(`textarea[data-keep="${CSS.escape(place)}"]`);
  const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const SAYS = {
    saving: () => "Saving …",
    kept: () => `Kept at ${clock()}. Save puts it into the note.`,
    here: () => key ? "Not saved: kept on this computer, encrypted, until the connection is back."
      : "Not saved: only in this window, until the connection is back.",
    out: () => "Not saved: you are signed out. Sign in in another window, then come back here.",
    decided: () => "This draft was decided meanwhile; these words were not used.",
    refused: () => "Not saved: too long to be kept, or no longer yours to edit. Copy your words before you leave.",
  };
  function say(place, state) {
    const words = typed.get(place);
    if (words) words.state = state;
    const at = panes.querySelector(`[data-kept="${CSS.escape(place)}"]`);
    if (!at) return;
    at.textContent = state ? SAYS[state]() : "";
    at.classList.toggle("is-here", ["here", "out", "decided", "refused"].includes(state));
  }

  // --- in this browser, encrypted; one thing after another, so that what is newest wins ------------------------------
  let work = Promise.resolve();
  const next = (deed) => { work = work.then(deed).catch(() => {}); return work; };
  const name = (place) => `${slot}/${place}`;
  const bound = (place) => ({ name: "AES-GCM", additionalData: new TextEncoder().encode(name(place)) });
  const hide = (place) => next(async () => {
    const words = typed.get(place);
    if (!words || !key || words.state === "kept") return;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const clear = new TextEncoder().encode(words.text);
    await idbKeyval.set(name(place), { iv, data: await crypto.subtle.encrypt({ ...bound(place), iv }, key, clear) });
  });
  const unhide = (place) => next(async () => {
    if (key && typed.get(place)?.state !== "saving") await idbKeyval.del(name(place));
  });
  async function hidden() {
    const found = new Map();
    if (!key) return found;
    for (const [called, { iv, data }] of await idbKeyval.entries()) {
      if (!String(called).startsWith(`${slot}/`)) continue;
      const place = called.slice(slot.length + 1);
      const clear = await crypto.subtle.decrypt({ ...bound(place), iv }, key, data).catch(() => null);
      if (clear) found.set(place, new TextDecoder().decode(clear)); else await idbKeyval.del(called);
    }
    return found;
  }

  // --- on our server ------------------------------------------------------------------------------------------------
  async function send(place, last = false) {
    clearTimeout(timers.get(place));
    const words = typed.get(place);
    if (!words || words.state === "kept" || (sending.has(place) && !last)) return;
    sending.add(place);
    const text = words.text;
    let state = "here";
    try {
      const answer = await Server.post(url, new URLSearchParams({ place, text }), last);
      state = { 200: "kept", 401: "out", 403: "out", 409: "decided", 429: "here" }[answer.status]
        || (answer.status >= 400 && answer.status < 500 ? "refused" : "here");
    } catch { /* no connection */ }
    sending.delete(place);
    signedOut = state === "out";
    const now = typed.get(place);
    if (!now) { if (state === "kept") forget(place); return; }       // saved or cancelled meanwhile
    if (now.text !== text && state === "kept") { send(place); return; }
    say(place, state);
    if (state === "kept") unhide(place); else hide(place);
  }
  const forget = (place) => Server.post(url, new URLSearchParams({ place, text: "" })).catch(() => {});
  const unsent = () => [...typed].filter(([, words]) => !["kept", "decided", "refused"].includes(words.state)).map(([place]) => place);
  async function again() {
    if (!opened) await open();
    if (!unsent().length) return;
    if (signedOut && !(await Server.signedIn().catch(() => false))) return;
    signedOut = false;
    for (const place of unsent()) send(place);
  }

  // --- in the page --------------------------------------------------------------------------------------------------
  function changed(box) {
    const place = box.dataset.keep;
    if (box.value === box.defaultValue) { drop(place); return; }
    typed.set(place, { text: box.value, state: "saving" });
    say(place, "saving");
    hide(place);
    clearTimeout(timers.get(place));
    timers.set(place, setTimeout(() => send(place), 1000));
  }
  // After the note was rendered anew, or words were found: every box shows what was typed into it.
  function fill() {
    const lost = [];
    for (const [place, words] of typed) {
      const box = boxOf(place);
      if (!box) { lost.push([place, words.text]); continue; }
      if (box.defaultValue === words.text) { drop(place); continue; }
      box.value = words.text;
      box.closest("details").open = true;
      say(place, words.state);
    }
    showHomeless(lost);
  }
  const also = [];
  function showHomeless(lost) {
    const all = [...lost, ...also];
    homeless.hidden = !all.length;
    homeless.replaceChildren(...all.map(([place, text]) => {
      const item = document.createElement("div");
      const words = document.createElement("blockquote");
      const button = document.createElement("button");
      words.textContent = text;
      button.type = "button";
      button.className = "small";
      button.textContent = "Discard";
      button.addEventListener("click", () => {
        const at = also.findIndex((other) => other[1] === text);
        if (at >= 0) also.splice(at, 1); else drop(place);
        fill();
      });
      item.append("You typed this before, and it has no place in the draft as it is now: ", words, button);
      return item;
    }));
  }
  function stop(place) {
    clearTimeout(timers.get(place));
    typed.delete(place);
    say(place, null);
    unhide(place);
  }
  function drop(place) {
    if (!typed.has(place)) return;
    stop(place);
    forget(place);
  }
  async function open() {
    const answer = await Server.get(url).catch(() => ({}));
    if (answer.status !== 200) return;
    opened = true;
    if (crypto.subtle) {       // pages that come over plain http from another machine have none
      const raw = Uint8Array.from(atob(answer.key), (c) => c.charCodeAt(0));
      slot = answer.slot;
      key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]).catch(() => null);
    }
    const here = await hidden().catch(() => new Map());
    for (const { place, text } of answer.words) found(place, text, "kept");
    for (const [place, text] of here) found(place, text, "here");
    fill();
    for (const place of unsent()) hide(place);
    again();
  }
  function found(place, text, state) {
    const already = typed.get(place);
    if (!already) typed.set(place, { text, state });
    else if (already.text !== text) {
      if (already.state === "kept") { also.push([place, already.text]); typed.set(place, { text, state }); }
      else also.push([place, text]);
    }
  }

  panes.addEventListener("input", (event) => { if (event.target.matches("textarea[data-keep]")) changed(event.target); });
  panes.addEventListener("focusout", (event) => { if (event.target.matches("textarea[data-keep]")) send(event.target.dataset.keep); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") for (const place of unsent()) send(place, true);
    else again();
  });
  addEventListener("online", again);
  addEventListener("pointerdown", () => { if (signedOut) again(); });
  setInterval(() => { if (!signedOut) again(); }, 5000);
  if (!opened) open();
  // ``atRisk``: something typed is neither on the server nor encrypted here, so leaving would lose it.
  return { fill, drop, done: stop, atRisk: () => !key && unsent().length > 0 };
})();
