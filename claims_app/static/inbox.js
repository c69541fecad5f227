/** Shortcuts of the page of a candidate: a key presses the button, follows the link or focuses the field. */

import { onShortcut, showHints } from "./shortcuts.js";

showHints();
onShortcut((event) => {
  if (event.repeat) return false;
  const target = [...document.querySelectorAll("[data-key]")].find(({ dataset }) => dataset.key === event.key);
  if (!target) return false;
  if (target.matches("button, a")) target.click();
  else target.focus();
  return true;
});
