// The first-run tour one step at a time, with what it is about marked.  Without this all steps stand in a list.
"use strict";
(() => {
  const tour = document.getElementById("tour");
  if (!tour) return;
  const steps = [...tour.querySelectorAll("li")];
  const [back, next, done, count] = ["back", "next", "done", "count"].map((name) => tour.querySelector(`[data-${name}]`));
  let here = 0;
  function show(step, focus) {
    document.querySelector(".tour-here")?.classList.remove("tour-here");
    here = step;
    steps.forEach((el, number) => { el.hidden = number !== here; });
    document.querySelector(steps[here].dataset.at)?.classList.add("tour-here");
    back.disabled = here === 0;
    next.textContent = here === steps.length - 1 ? "Done" : "Next";
    count.textContent = `Step ${here + 1} of ${steps.length}`;
    if (focus) steps[here].querySelector("h3").focus();
  }
  back.addEventListener("click", () => show(here - 1, true));
  next.addEventListener("click", () => (here === steps.length - 1 ? done.click() : show(here + 1, true)));
  tour.addEventListener("keydown", (event) => { if (event.key === "Escape") done.click(); });
  tour.querySelector("[data-steps]").hidden = false;
  done.textContent = "Skip";
  tour.classList.add("is-stepped");
  show(0, false);
})();
