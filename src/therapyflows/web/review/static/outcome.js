// Follows a decided draft until its note stands in the chart.
"use strict";
(() => {
  const card = document.querySelector("[data-poll]");
  if (!card) return;
  const set = (id, text) => { const at = document.getElementById(id); if (at.textContent !== text) at.textContent = text; };
  let wait = 1500;
  const look = async () => {
    try {
      const answer = await fetch(card.dataset.poll, { headers: { Accept: "application/json" } });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.ok) {
        const now = await answer.json();
        card.dataset.state = now.state;
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
