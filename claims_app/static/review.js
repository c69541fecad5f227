/** Shortcuts of the review queue and the inbox: j and k move, x selects, Enter follows the focused link. */

import { onShortcut, showHints } from "./shortcuts.js";

const items = [...document.querySelectorAll("[data-item]")];
let current = -1;

function focus(index) {
  current = Math.max(0, Math.min(items.length - 1, index));
  items[current].querySelector("[data-open]").focus();
  items[current].scrollIntoView({ block: "nearest" });
}

if (items.length > 0) {
  showHints();
  items.forEach((item, index) => {
    item.addEventListener("focusin", () => {
      current = index;
    });
  });
  onShortcut((event) => {
    if (event.key === "j") focus(current + 1);
    else if (event.key === "k") focus(current - 1);
    else if (event.key === "x" && current >= 0) items[current].querySelector("input[type=checkbox]")?.click();
    else return false;
    return true;
  });
}
