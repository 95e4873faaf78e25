// Follows a decided draft until its note stands in the chart.
"use strict";
(() => {
  const card = document.querySelector("[data-poll]");
  if (!card) return;
  const set = (id, text) => { const at = document.getElementById(id); if (at.textContent !== text) at.textContent = text; };
  const seen = Boolean(document.querySelector("#outcome-note code").textContent);
  let wait = 1500;
  const look = async () => {
    try {
      const answer = await fetch(card.dataset.poll, { headers: { Accept: "application/json" } });
      if ([401, 403, 404].includes(answer.status)) { location.reload(); return; } // the page says why
      if (answer.ok) {
        const now = await answer.json();
        if (now.reviewing || (now.note_id && !seen)) { location.reload(); return; }
        card.dataset.state = now.state;
        const undo = document.getElementById("undo");
        if (undo && !now.held && !undo.hidden) {
          const focused = undo.contains(document.activeElement);
          undo.hidden = true;
          if (focused) document.getElementById("outcome-title").focus();
        }
        set("outcome-title", now.title);
        set("outcome-message", now.message);
        const note = document.getElementById("outcome-note");
        note.hidden = !now.note_id;
        note.querySelector("code").textContent = now.note_id || "";
        if (now.final) return;
      }
    } catch { /* the network is away; the next look tells */ }
    wait = Math.min(wait * 1.2, 10000);
    setTimeout(look, wait);
  };
  setTimeout(look, 800);
})();
