/** Copies quotes and suggested values from a stored text into the evidence form, without a request. */

const texts = document.getElementById("texts");

function fill(form, values) {
  const fields = [];
  for (const [name, value] of new URLSearchParams(values)) {
    const field = form.elements.namedItem(name);
    if (!field) continue;
    field.value = value;
    fields.push(field);
  }
  fields.at(0)?.dispatchEvent?.(new Event("input", { bubbles: true }));
}

texts?.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-fills]");
  if (!button) return;
  event.preventDefault();
  fill(texts.closest("form"), button.value);
  texts.querySelector("[data-taken]").textContent = `Copied into the form: ${button.textContent.trim()}.`;
});
