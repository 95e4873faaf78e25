// The intake page: a field and its place on the page point at each other.  Everything works without this script.
"use strict";
(() => {
  const boxes = new Map([...document.querySelectorAll("[data-box]")].map((box) => [box.dataset.box, box]));
  let marked = null;

  function show(path) {
    if (marked) marked.classList.remove("is-shown");
    marked = boxes.get(path) || null;
    if (!marked) return;
    marked.classList.add("is-shown");
    const pane = document.querySelector(".page-pane");
    const place = marked.getBoundingClientRect(), seen = pane.getBoundingClientRect();
    pane.scrollBy({ top: place.top - seen.top - seen.height / 3, behavior: "instant" });
  }

  document.addEventListener("focusin", (event) => {
    const field = event.target.closest("[data-path]");
    if (field) show(field.dataset.path);
  });
  document.addEventListener("pointerover", (event) => {
    const field = event.target.closest("[data-path]");
    if (field && event.pointerType === "mouse") show(field.dataset.path);
  });
  document.addEventListener("click", (event) => {
    const jump = event.target.closest("[data-jump]");
    const box = event.target.closest("[data-box]");
    const path = jump ? jump.dataset.jump : box ? box.dataset.box : null;
    const field = path && (document.getElementById(`u-${path}`) || document.getElementById(`f-${path}`));
    if (!field) return;
    event.preventDefault();
    const folded = field.closest("details");
    if (folded) folded.open = true;
    field.focus();
  });

  // On the way to a sign-in: what was typed and not saved would not come back with the page.
  const isUnsaved = (box) => box.type !== "hidden" && box.type !== "checkbox" && box.value !== box.defaultValue;
  document.addEventListener("click", (event) => {
    const open = event.target.closest("[data-leaves]") && [...document.querySelectorAll("textarea, input")].find(isUnsaved);
    if (!open) return;
    event.preventDefault();
    const folded = open.closest("details");
    if (folded) folded.open = true;
    open.focus();
    document.getElementById("unsaved").textContent = "Save or empty what you typed here before you go on.";
  });
})();
