/* Keeps an appraisal as a draft while one chooses, and shows the level that follows. The page works without. */
"use strict";

const form = document.getElementById("appraisal");
const result = document.getElementById("result");
const PAUSE = 600; // milliseconds without a key or a choice, before the draft is sent

if (form && result) {
  let waiting = null;
  let sending = null;

  const send = async () => {
    sending?.abort();
    sending = new AbortController();
    const data = new FormData(form);
    data.set("intent", "draft");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: data,
        headers: { "X-Part": "result" },
        signal: sending.signal,
      });
      if (answer.ok || answer.status === 422) {
        result.innerHTML = await answer.text();
        const start = result.querySelector("template[data-start]");
        document.getElementById("start")?.replaceChildren(start.content);
        start.remove();
      } else {
        throw new Error(String(answer.status));
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        const saved = result.querySelector("[data-saved]");
        saved.textContent = "The draft could not be kept just now; what you chose stands in the form.";
      }
    }
  };

  const soon = (pause) => {
    clearTimeout(waiting);
    waiting = setTimeout(send, pause);
  };
  form.addEventListener("input", () => soon(PAUSE));
  form.addEventListener("change", () => soon(0));
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    sending?.abort();
  });
}
