/* Keeps what stands in a form as a draft, some seconds after the last change. The page works without. */
"use strict";

const told = document.querySelector("[data-drafts]");
const form = told?.closest("form");
const PAUSE = 4000; // milliseconds without a change, before the draft is sent

if (form) {
  const state = form.elements.namedItem("draft_state");
  let waiting = null;
  let changed = false;
  let sending = false;
  let over = false;

  const send = async (keepalive) => {
    clearTimeout(waiting);
    if (!changed || over) return;
    if (sending) {
      waiting = setTimeout(send, PAUSE);
      return;
    }
    const data = new FormData(form);
    data.set("intent", "draft");
    changed = false;
    sending = true;
    try {
      const answer = await fetch(window.location.pathname, {
        method: "POST",
        body: data,
        headers: { "X-Part": "draft" },
        keepalive: keepalive === true,
      });
      if (answer.status === 204) {
        state.value = answer.headers.get("X-Draft-State") ?? state.value;
        const now = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        told.textContent = `Kept as a draft at ${now}.`;
      } else if (answer.status === 409 || answer.status === 422) {
        over = true;
        told.textContent = await answer.text();
      } else {
        throw new Error(String(answer.status));
      }
    } catch {
      changed = true;
      told.textContent = "The draft could not be kept just now; what you typed stands in the form.";
    } finally {
      sending = false;
    }
  };

  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(waiting);
    waiting = setTimeout(send, PAUSE);
  });
  form.addEventListener("submit", () => {
    over = true;
    clearTimeout(waiting);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) over = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") send(true);
  });
}
