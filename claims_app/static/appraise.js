/** Saves an appraisal as a draft while the user fills it in, and shows the resulting level. */

import { postDraft } from "./draft.js";

const PAUSE = 600; // milliseconds without input before the draft is sent

const form = document.getElementById("appraisal");
const result = document.getElementById("result");
let timer = null;
let request = null;

function show(html) {
  result.innerHTML = html;
  const start = result.querySelector("template[data-start]");
  document.getElementById("start")?.replaceChildren(start.content);
  start.remove();
}

async function save() {
  request?.abort();
  request = new AbortController();
  try {
    const response = await postDraft(form.action, form, "result", { signal: request.signal });
    if (!response.ok && response.status !== 422) throw new Error(String(response.status));
    show(await response.text());
  } catch (error) {
    if (error.name === "AbortError") return;
    result.querySelector("[data-saved]").textContent =
      "The draft could not be saved. Your choices are still in the form.";
  }
}

function saveAfter(pause) {
  clearTimeout(timer);
  timer = setTimeout(save, pause);
}

if (form && result) {
  form.addEventListener("input", () => saveAfter(PAUSE));
  form.addEventListener("change", () => saveAfter(0));
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    request?.abort();
  });
}
