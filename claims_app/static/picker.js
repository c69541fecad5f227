/** Offers the studies or claims that match a field while the user types (an ARIA combobox with a listbox). */

const PAUSE = 200; // milliseconds without a key before the server is asked

function complete(input) {
  const list = document.createElement("ul");
  const status = document.createElement("p");
  const picked = document.getElementById(`${input.id}-picked`);
  let options = [];
  let active = -1;
  let timer = null;
  let asked = 0;

  list.id = `${input.id}-listbox`;
  list.className = "picker__list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", `Matching ${input.dataset.picker}`);
  list.hidden = true;
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  const box = document.createElement("div");
  box.className = "picker";
  input.replaceWith(box);
  box.append(input, list, status);
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function move(to) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = (to + options.length) % options.length;
    const item = list.children[active];
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", item.id);
  }

  function choose(option) {
    input.value = option.id;
    if (picked) picked.textContent = option.label;
    status.textContent = `Chosen: ${option.label}`;
    box.closest(".field")?.querySelector("[data-options]")?.remove();
    asked += 1; // what was asked before is out of date
    clearTimeout(timer);
    close();
    input.dispatchEvent(new CustomEvent("picked", { bubbles: true }));
  }

  function show(found) {
    options = found;
    list.replaceChildren(
      ...found.map((option, number) => {
        const item = document.createElement("li");
        const name = document.createElement("span");
        item.id = `${list.id}-${number}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        name.className = "identifier";
        name.textContent = option.id;
        item.append(name, ` ${option.label}`);
        item.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
        item.addEventListener("click", () => choose(option));
        return item;
      }),
    );
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    const n = found.length;
    status.textContent = n === 0 ? "No matches." : n === 1 ? "1 match." : `${n} matches.`;
  }

  async function ask() {
    const mine = (asked += 1);
    const words = input.value.trim();
    if (words.length < 2) {
      close();
      return;
    }
    try {
      const response = await fetch(`/choices/${input.dataset.picker}?${new URLSearchParams({ q: words })}`);
      const found = response.ok ? await response.json() : [];
      if (mine === asked && document.activeElement === input) show(found);
    } catch {
      close(); // without a connection, the form itself finds the record when it is sent
    }
  }

  input.addEventListener("input", () => {
    if (picked) picked.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else if (active < 0) move(event.key === "ArrowDown" ? 0 : -1);
      else move(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(options[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", () => {
    asked += 1;
    clearTimeout(timer);
    close();
  });
}

for (const input of document.querySelectorAll("input[data-picker]")) complete(input);
