/** Copies quotes and suggested values from a stored text into the evidence form, without a request. */

const texts = document.getElementById("texts");
const form = texts?.closest("form");

function fill(values) {
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
  fill(button.value);
  texts.querySelector("[data-taken]").textContent = `Copied into the form: ${button.textContent.trim()}.`;
});

// The texts of the study that was just picked, without leaving the form.
form?.addEventListener("picked", async (event) => {
  if (event.target.name !== "study_id") return;
  const body = new FormData(form);
  body.set("take", "texts");
  const response = await fetch(form.action, { method: "POST", body });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  texts.replaceChildren(...page.getElementById("texts").childNodes);
  // The groups are called as in studies of its design.
  document.getElementById("groups").replaceChildren(...page.getElementById("groups").childNodes);
});
