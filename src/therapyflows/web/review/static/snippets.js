// Snippets in the boxes of the draft page: "/name" while typing, or the button "Insert".
"use strict";
(() => {
  const panes = document.querySelector(".panes");
  let all = null;       // fetched when first asked for
  let open = null;      // { box, list, found, at, from }

  async function load() {
    if (all) return all;
    const answer = await Server.get(`/drafts/${panes.dataset.draft}/snippets`).catch(() => ({}));
    if (answer.status === 200) all = answer.snippets;
    return all || [];
  }
  // The "/name" that ends at the caret: where it begins, and what of the name stands there.
  function asked(box) {
    const before = box.value.slice(0, box.selectionStart);
    const match = /(^|\s)\/([a-z0-9-]*)$/.exec(before);
    return match && { from: before.length - match[2].length - 1, name: match[2] };
  }
  function close() {
    if (!open) return;
    open.list.remove();
    open.box.removeAttribute("aria-activedescendant");
    open.box.removeAttribute("aria-controls");
    open = null;
  }
  async function offer(box, name, from) {
    const found = (await load()).filter((one) => one.name.startsWith(name));
    close();
    if (!box.isConnected) return;
    const list = document.createElement("ul");
    list.className = "insert-list";
    list.id = "insert-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Snippets");
    list.replaceChildren(...found.map((one, index) => {
      const item = document.createElement("li");
      const name = document.createElement("b");
      name.textContent = `/${one.name}`;
      item.id = `insert-${index}`;
      item.setAttribute("role", "option");
      item.append(name, one.text);
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); open.at = index; pick(); });
      return item;
    }));
    if (!found.length) {
      if (name || from !== box.selectionStart) return;
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = "/snippets";
      link.textContent = "No snippets yet: make one";
      item.append(link);
      list.removeAttribute("role");
      list.append(item);
    }
    box.after(list);
    box.setAttribute("aria-controls", list.id);
    open = { box, list, found, from, at: 0 };
    choose(0);
  }
  function choose(at) {
    if (!open.found.length) return;
    open.at = (at + open.found.length) % open.found.length;
    [...open.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === open.at)));
    open.list.children[open.at].scrollIntoView({ block: "nearest" });
    open.box.setAttribute("aria-activedescendant", `insert-${open.at}`);
  }
  function pick() {
    const { box, found, from, at } = open;
    const text = found[at].text;
    close();
    box.setRangeText(text, from, box.selectionStart, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  panes.addEventListener("input", (event) => {
    const box = event.target;
    if (!box.matches("textarea[data-keep]")) return;
    const now = asked(box);
    if (now) offer(box, now.name, now.from); else close();
  });
  panes.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const box = button.closest("form, .edit-box").querySelector("textarea[data-keep]");
    box.focus();
    offer(box, "", box.selectionStart);
  });
  panes.addEventListener("focusout", (event) => {
    if (open && event.target === open.box && !open.list.contains(event.relatedTarget)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (!open || event.target !== open.box) return;
    const deed = {
      ArrowDown: () => choose(open.at + 1), ArrowUp: () => choose(open.at - 1), Escape: close,
      Enter: () => open.found.length && pick(), Tab: () => open.found.length && pick(),
    }[event.key];
    if (!deed || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  }, true);
})();
