/* Fills in what is taken from a text without asking the server. The page works without. */
(() => {
  "use strict";

  const texts = document.getElementById("texts");
  const told = texts?.querySelector("[data-taken]");
  const record = texts?.closest("form");

  texts?.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-fills]");
    if (!button) return;
    event.preventDefault();
    let last = null;
    for (const [name, value] of new URLSearchParams(button.value)) {
      const field = record.elements.namedItem(name);
      if (!field) continue;
      field.value = value;
      last ??= field;
    }
    last?.dispatchEvent?.(new Event("input", { bubbles: true }));
    told.textContent = `Taken into the form: ${button.textContent.trim()}.`;
  });
})();
