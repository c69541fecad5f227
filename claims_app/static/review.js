// Keys for the queue of review: j and k go down and up, x ticks, Enter opens. Without this, links and boxes do it all.
(() => {
  "use strict";
  const items = [...document.querySelectorAll("[data-item]")];
  const keys = document.querySelector("[data-keys]");
  if (!items.length) return;
  if (keys) keys.hidden = false;
  let at = -1;
  const go = (to) => {
    at = Math.max(0, Math.min(items.length - 1, to));
    items[at].querySelector("[data-open]").focus();
    items[at].scrollIntoView({ block: "nearest" });
  };
  items.forEach((item, index) => item.addEventListener("focusin", () => { at = index; }));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at - 1);
    else if (event.key === "x" && at >= 0) items[at].querySelector("input[type=checkbox]")?.click();
    else return;
    event.preventDefault();
  });
})();
