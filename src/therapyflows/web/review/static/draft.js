// The draft page: keyboard, pointer, saving in place.  Every form also works without this script.
"use strict";
(() => {
  const note = document.getElementById("note");
  const turns = document.getElementById("turns");
  const panes = document.querySelector(".panes");
  const message = document.getElementById("message");
  const keys = document.getElementById("keys");
  const keysOn = document.getElementById("keys-on");
  const LINKED = "[data-statement], [data-segment]";

  // --- saying something -------------------------------------------------------------------------------------------
  let hide;
  function say(text, kind = "done") {
    clearTimeout(hide);
    message.className = `toast ${kind}`;
    message.textContent = text;
    message.hidden = false;
    if (kind === "done") hide = setTimeout(() => { message.hidden = true; }, 2500);
  }

  // --- pointer and focus ------------------------------------------------------------------------------------------
  let hovering;
  let at = { x: -1, y: -1 };
  panes.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    // The page scrolled under a pointer that stands still: that is nobody pointing at anything.
    if (event.clientX === at.x && event.clientY === at.y) return;
    at = { x: event.clientX, y: event.clientY };
    const el = event.target.closest(LINKED);
    clearTimeout(hovering);
    if (el && !panes.querySelector("details.edit[open]")) {
      hovering = setTimeout(() => Evidence.show(el, !el.dataset.segment), 140);
    }
  });
  panes.addEventListener("pointerleave", () => { clearTimeout(hovering); Evidence.backToPinned(); });
  panes.addEventListener("focusin", (event) => {
    const el = event.target.closest(LINKED);
    if (!el) return;
    clearTimeout(hovering);
    if (el.dataset.segment) rove(el);
    Evidence.pin(el);
  });
  function rove(turn) {
    for (const other of turns.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    for (const el of [turn, turn.querySelector("[data-mark]")]) if (el) el.tabIndex = 0;
  }

  document.addEventListener("pointerdown", (event) => { at = { x: event.clientX, y: event.clientY }; });
  document.addEventListener("click", (event) => {
    const target = event.target;
    const line = target.closest("[data-statement]");
    const reference = target.closest('a[href^="#seg-"]');
    if (reference) { event.preventDefault(); const turn = document.getElementById(reference.hash.slice(1)); if (turn) turn.focus(); }
    else if (target.closest("[data-play-evidence]")) Evidence.play(line);
    else if (target.closest("[data-play]")) playTurn(target.closest("[data-segment]"));
    else if (target.closest("[data-show-evidence]")) { const code = target.closest("[data-code]"); Evidence.show(code, true); Evidence.play(code); }
    else if (target.closest("[data-cancel]")) cancel(target.closest("details"));
    else if (target.closest("[data-next-open]")) nextOpen();
    else if (target.closest("[data-keys]")) keys.showModal();
  });
  function playTurn(turn) { turn.focus(); Evidence.playFrom(Number(turn.dataset.start), null); }

  // --- editing ----------------------------------------------------------------------------------------------------
  const isDirty = (box) => box.value !== box.defaultValue;
  const unsaved = () => [...note.querySelectorAll("details[open] textarea[name=text]")].find(isDirty);
  function cancel(box) {
    const line = box.closest("[data-statement]");
    const area = box.querySelector("textarea");
    area.value = area.defaultValue;
    box.open = false;
    (line || box.querySelector("summary")).focus();
  }
  function edit(line) {
    const box = line.querySelector("details.edit");
    if (!box) return;
    box.open = true;
    const area = box.querySelector("textarea");
    area.focus();
    area.scrollIntoView({ block: "nearest" });
    area.setSelectionRange(area.value.length, area.value.length);
  }
  note.addEventListener("toggle", (event) => {
    if (!event.target.open || event.target.contains(document.activeElement) === false) return;
    const area = event.target.querySelector("textarea");
    if (area) area.focus();
  }, true);

  // --- saving in place --------------------------------------------------------------------------------------------
  const csrf = () => document.querySelector("meta[name=csrf]");
  // Whether somebody is signed in (again); takes over the token of that session.
  async function signedIn() {
    const page = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (page.redirected || !page.ok) return false;
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("meta[name=csrf]");
    if (!fresh) return false;
    csrf().content = fresh.content;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = fresh.content;
    return true;
  }
  async function post(url, body) {
    const send = () => fetch(url, { method: "POST", body, headers: { Accept: "application/json", "X-CSRF-Token": csrf().content } });
    let answer = await send();
    if (answer.status === 403 && await signedIn()) answer = await send();
    lastContact = Date.now();
    return { status: answer.status, ...(await answer.json().catch(() => ({ message: "The answer was not understood." }))) };
  }
  let busy = false;
  async function save(form, submitter) {
    if (busy) return;
    busy = true;
    const url = submitter && submitter.hasAttribute("formaction") ? submitter.formAction : form.action;
    const at = form.closest("[data-statement]");
    const text = form.elements.text ? form.elements.text.value : "";
    const where = { finding: form.closest("[data-finding]")?.id, statement: at ? at.dataset.statement : form.dataset.for, section: at ? at.dataset.section : form.elements.section?.value };
    try {
      const answer = await post(url, new URLSearchParams(new FormData(form)));
      if (answer.reload) { if (answer.at) location.hash = answer.at; location.reload(); return; }
      if (answer.html) replaceNote(answer, where, !at && !form.dataset.for);
      if (answer.status < 300) say("Saved");
      else {
        if (answer.html && /\/(statements|edit|excuse)$/.test(url)) handBack(where, text);
        say(answer.message + (answer.status === 409 && text ? " Your words are still in the box." : ""), "problem");
      }
    } catch { say("The connection is gone. Nothing was saved; your words are still in the box.", "problem"); }
    finally { busy = false; }
  }
  function replaceNote(answer, where, keepFocusOut) {
    const lines = [...note.querySelectorAll("[data-statement]")].map((el) => el.dataset.statement);
    note.innerHTML = answer.html;   // rendered and escaped by our own server
    for (const field of document.querySelectorAll("input[name=version]")) field.value = answer.version;
    Evidence.countLinks();
    const next = lines.slice(lines.indexOf(where.statement)).map((id) => document.getElementById(`st-${id}`)).find(Boolean);
    if (next && where.statement && !keepFocusOut) next.focus({ preventScroll: true });
    else Evidence.backToPinned();
  }
  // After a conflict: the person's words go back into the box of the same statement, or into "add" when it is gone.
  function handBack(where, text) {
    const line = where.finding ? document.getElementById(where.finding) : where.statement && document.getElementById(`st-${where.statement}`);
    const box = line ? line.querySelector("details.edit") : note.querySelector(`details[data-add="${CSS.escape(where.section || "")}"]`);
    if (!box) return;
    box.open = true;
    box.querySelector("textarea").value = text;
    box.querySelector("textarea").focus();
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-live]")) { event.preventDefault(); save(form, event.submitter); return; }
    if (!form.matches("[data-decide]")) return;
    const open = unsaved();
    if (open) { event.preventDefault(); open.focus(); say("Save or cancel this edit before you decide.", "problem"); return; }
    leaving = true;
    setTimeout(() => { for (const button of document.querySelectorAll("[data-decide] button")) button.disabled = true; });
  });
  note.addEventListener("change", (event) => {
    const form = event.target.closest("[data-on-change]");
    if (form) save(form, null);
  });
  let leaving = false;
  addEventListener("beforeunload", (event) => { if (!leaving && unsaved()) event.preventDefault(); });

  // --- keyboard ---------------------------------------------------------------------------------------------------
  const current = () => document.activeElement.closest(LINKED) || Evidence.pinned();
  function move(step) {
    const here = current();
    const inTurns = here && here.dataset.segment;
    const all = inTurns ? [...turns.children] : [...note.querySelectorAll("[data-statement]")];
    const at = all.indexOf(here);
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!next) return;
    next.focus({ preventScroll: Boolean(inTurns) });
    if (inTurns) next.scrollIntoView({ block: "nearest" });
  }
  function nextOpen() {
    const open = [...note.querySelectorAll(".is-open")];
    const here = document.activeElement.closest("[data-statement]");
    const after = here && open.find((el) => here.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING);
    const next = after || open[0];
    if (next) { next.focus(); next.scrollIntoView({ block: "center" }); }
  }
  const deeds = {
    j: () => move(1), k: () => move(-1), n: nextOpen, s: Evidence.stop, "?": () => keys.showModal(),
    p: () => current() && Evidence.play(current()),
    o: () => { const here = current(); const mark = here && here.querySelector("[data-mark]"); if (mark) mark.click(); },
    e: () => { const here = current(); if (here && here.dataset.statement) edit(here); },
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=checkbox])");
    const box = event.target.closest("details.edit, details.add");
    if (event.key === "Escape" && box) { event.preventDefault(); cancel(box); return; }
    if (typing) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && box) { event.preventDefault(); typing.form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.key === "Enter" && event.target.matches(LINKED)) { event.preventDefault(); Evidence.play(event.target); return; }
    if (event.target.dataset.segment && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    if (keysOn.checked && Object.hasOwn(deeds, event.key)) { event.preventDefault(); deeds[event.key](); }
  });
  keysOn.checked = localStorage.getItem("keys") !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem("keys", keysOn.checked ? "on" : "off"));

  // --- staying signed in while working, leaving when not ----------------------------------------------------------
  let lastContact = Date.now();
  let lastDeed = Date.now();
  for (const kind of ["keydown", "pointerdown", "wheel", "touchmove"]) {
    addEventListener(kind, () => { lastDeed = Date.now(); }, { passive: true });
  }
  function lock() {
    document.body.classList.add("is-locked");
    say("Signed out because nothing happened for a while. Your unsaved words are kept. Sign in again in another window, then click here.", "problem");
  }
  addEventListener("pointerdown", async () => {
    if (document.body.classList.contains("is-locked") && await signedIn().catch(() => false)) {
      document.body.classList.remove("is-locked");
      say("Welcome back.");
    }
  });
  const player = document.getElementById("player");
  const idleMs = Number(panes.dataset.idleS) * 1000;
  setInterval(async () => {
    if (player && !player.paused) lastDeed = Date.now();
    if (Date.now() - lastDeed > idleMs) {
      if (unsaved()) lock();
      else location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    } else if (lastDeed > lastContact && Date.now() - lastContact > 60000) {
      await post("/session/keepalive", new URLSearchParams()).catch(() => {});
    }
  }, 15000);
})();
