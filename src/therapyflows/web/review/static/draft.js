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
    else if (target.closest("[data-cancel-who]")) closeWho();
    else if (target.closest("[data-changes]")) { note.classList.toggle("show-changes"); showChanges(); }
    else if (target.closest("[data-keys]")) keys.showModal();
  });
  function playTurn(turn) { turn.focus(); Evidence.playFrom(Number(turn.dataset.start), null); }

  // --- who spoke: the key "w" or a double click on a turn names it in the form ----------------------------------------
  const who = document.getElementById("who");
  function correctWho(turn) {
    if (!who) return;
    const called = turn.querySelector(".at") ? turn.querySelector(".at").textContent : `line ${[...turns.children].indexOf(turn) + 1}`;
    who.open = true;
    document.getElementById("who-from").value = called;
    document.getElementById("who-through").value = "";
    const speaker = document.getElementById("who-speaker");
    speaker.value = turn.classList.contains("therapist") ? "client" : "therapist";
    speaker.focus();
  }
  function closeWho() { who.open = false; who.querySelector("summary").focus(); }
  if (turns) turns.addEventListener("dblclick", (event) => {
    const by = event.target.closest(".by");
    if (by) correctWho(by.closest("[data-segment]"));
  });

  // --- editing ----------------------------------------------------------------------------------------------------
  const isDirty = (box) => box.value !== box.defaultValue;
  const unsavedBeside = (form) => [...note.querySelectorAll("details[open] textarea")].find((box) => isDirty(box) && box.form !== form);
  const unsaved = () => [...note.querySelectorAll("details[open] textarea[name=text]")].find(isDirty);
  function cancel(box) {
    const line = box.closest("[data-statement]");
    const area = box.querySelector("textarea");
    area.value = area.defaultValue;
    Words.drop(area.dataset.keep);
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

  function showChanges() {
    const button = note.querySelector("[data-changes]");
    if (button) button.setAttribute("aria-pressed", String(note.classList.contains("show-changes")));
  }

  // --- saving in place --------------------------------------------------------------------------------------------
  let busy = false;
  async function save(form, submitter) {
    if (busy) return;
    busy = true;
    const url = submitter && submitter.hasAttribute("formaction") ? submitter.formAction : form.action;
    const at = form.closest("[data-statement]");
    const text = form.elements.text ? form.elements.text.value : "";
    const where = { finding: form.closest("[data-finding]")?.id, statement: at ? at.dataset.statement : form.dataset.for, section: at ? at.dataset.section : form.elements.section?.value };
    try {
      const answer = await Server.post(url, new URLSearchParams(new FormData(form)));
      if (answer.reload) { if (answer.at) location.hash = answer.at; location.reload(); return; }
      const place = /\/(statements|edit|excuse)$/.test(url) && form.elements.text?.dataset.keep;
      if (place && answer.status < 300) Words.done(place);
      if (answer.html) replaceNote(answer, where, !at && !form.dataset.for);
      if (answer.status < 300) say("Saved");
      else {
        if (answer.html && place) handBack(where, text);
        say(answer.message + (answer.status === 409 && text ? " Your words are still in the box." : ""), "problem");
      }
    } catch { say("The connection is gone. Nothing was saved to the note; your words stay in the box.", "problem"); }
    finally { busy = false; }
  }
  function replaceNote(answer, where, keepFocusOut) {
    const lines = [...note.querySelectorAll("[data-statement]")].map((el) => el.dataset.statement);
    note.innerHTML = answer.html;   // rendered and escaped by our own server
    for (const field of document.querySelectorAll("input[name=version]")) field.value = answer.version;
    showChanges();
    Words.fill();
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
    const open = unsavedBeside(form);
    if (open) { event.preventDefault(); open.focus(); say("Save or cancel this edit, or empty the box, before you decide.", "problem"); return; }
    leaving = true;
    setTimeout(() => { for (const button of document.querySelectorAll("[data-decide] button")) button.disabled = true; });
  });
  // A link that leaves for a sign-in: words in an open box would not come back with the page.
  document.addEventListener("click", (event) => {
    const open = event.target.closest("[data-leaves]") && unsavedBeside(null);
    if (open) { event.preventDefault(); open.focus(); say("Save or cancel this edit, or empty the box, before you go on.", "problem"); }
  });
  note.addEventListener("change", (event) => {
    const form = event.target.closest("[data-on-change]");
    if (form) save(form, null);
  });
  let leaving = false;
  addEventListener("beforeunload", (event) => { if (!leaving && Words.atRisk()) event.preventDefault(); });

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
    "[": () => Listening.skip(-5), "]": () => Listening.skip(5), "<": () => Listening.faster(-1), ">": () => Listening.faster(1),
    w: () => { const here = current(); if (here && here.dataset.segment) correctWho(here); },
    o: () => { const here = current(); const mark = here && here.querySelector("[data-mark]"); if (mark) mark.click(); },
    e: () => { const here = current(); if (here && here.dataset.statement) edit(here); },
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=checkbox])");
    const box = event.target.closest("details.edit, details.add");
    if (event.key === "Escape" && event.target.closest("#who")) { event.preventDefault(); closeWho(); return; }
    if (event.key === "Escape" && box) { event.preventDefault(); cancel(box); return; }
    if (typing) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && box) { event.preventDefault(); typing.form.requestSubmit(); }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !keys.open) {
      const step = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
      const button = step && note.querySelector(`[data-step=${step}]`);
      if (button) { event.preventDefault(); if (!button.disabled) button.click(); }
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

  // --- who else is here -------------------------------------------------------------------------------------------
  const company = document.getElementById("company");
  const version = () => Number(document.getElementById("note-bar").dataset.version);
  async function lookAround() {
    const now = await Server.get(`/drafts/${panes.dataset.draft}/company`).catch(() => ({}));
    if ([403, 404].includes(now.status)) { notOurs(); return; }
    if (now.status !== 200) return;
    const parts = now.others.map(({ name, typing }) => `${name} ${typing ? "is editing this draft too" : "has this draft open too"}.`);
    if (now.decided) parts.push("It was decided meanwhile.");
    else if (now.version > version()) parts.push("The draft was changed meanwhile.");
    const text = parts.join(" ");
    if (company.dataset.says === text) return;
    company.dataset.says = text;
    company.hidden = !text;
    company.replaceChildren(text);
    if (!now.decided && now.version <= version()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = now.decided ? "Show the decision" : "Show it as it is now";
    button.addEventListener("click", () => now.decided ? location.reload() : refresh());
    company.append(" ", button);
  }
  // Handed over, or the right to it lost: asking on would only fill the trail with refusals.
  function notOurs() {
    clearInterval(looking);
    company.hidden = false;
    company.textContent = "This draft is not open to you any more. Copy what you typed and have not saved before you leave.";
  }
  async function refresh() {
    const answer = await Server.get(`/drafts/${panes.dataset.draft}/note`).catch(() => ({ message: "The connection is gone." }));
    if (answer.html) { replaceNote(answer, {}, true); lookAround(); } else say(answer.message, "problem");
  }
  const looking = setInterval(() => { if (document.visibilityState === "visible") lookAround(); }, 10000);
  lookAround();

  // --- staying signed in while working, leaving when not ----------------------------------------------------------
  let lastDeed = Date.now();
  for (const kind of ["keydown", "pointerdown", "wheel", "touchmove"]) {
    addEventListener(kind, () => { lastDeed = Date.now(); }, { passive: true });
  }
  function lock() {
    document.body.classList.add("is-locked");
    say("Signed out because nothing happened for a while. Your unsaved words are kept. Sign in again in another window, then click here.", "problem");
  }
  addEventListener("pointerdown", async () => {
    if (document.body.classList.contains("is-locked") && await Server.signedIn().catch(() => false)) {
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
    } else if (lastDeed > Server.lastContact() && Date.now() - Server.lastContact() > 60000) {
      await Server.post("/session/keepalive", new URLSearchParams()).catch(() => {});
    }
  }, 15000);
})();
