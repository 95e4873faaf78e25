// The menu of the header opens and closes without this; with it, Escape, a click elsewhere and leaving it close it too.
"use strict";
(() => {
  const menu = document.getElementById("menu");
  if (!menu) return;
  const close = () => { menu.open = false; };
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.preventDefault();
    event.stopPropagation();
    close();
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => { if (!menu.contains(event.target)) close(); });
})();
