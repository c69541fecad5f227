/** Saves the form of a record as a draft a few seconds after the last change. */

import { postDraft } from "./draft.js";

const PAUSE = 4000; // milliseconds without a change before the draft is sent

const message = document.querySelector("[data-drafts]");
const form = message?.closest("form");
let timer = null;
let changed = false;
let sending = false;
let stopped = false;

function showSaved(state) {
  const field = form.elements.namedItem("draft_state");
  field.value = state ?? field.value;
  field.autocomplete = "off"; // or Firefox would put this value into the page that is loaded next
  const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  message.textContent = `Draft saved at ${time}.`;
}

async function save({ keepalive = false } = {}) {
  clearTimeout(timer);
  if (!changed || stopped) return;
  if (sending) {
    timer = setTimeout(save, PAUSE);
    return;
  }
  changed = false;
  sending = true;
  try {
    const response = await postDraft(window.location.pathname, form, "draft", { keepalive });
    if (response.status === 204) {
      showSaved(response.headers.get("X-Draft-State"));
    } else if (response.status === 409 || response.status === 422) {
      stopped = true;
      message.textContent = await response.text();
    } else {
      throw new Error(String(response.status));
    }
  } catch {
    changed = true;
    message.textContent = "The draft could not be saved. Your input is still in the form.";
  } finally {
    sending = false;
  }
}

if (form) {
  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) stopped = false; // the user came back to the page after submitting
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save({ keepalive: true });
  });
}
