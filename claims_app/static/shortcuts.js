/** Keyboard shortcuts of the review queue, the inbox and the page of a candidate. */

const FIELDS = "input:not([type=checkbox]), textarea, select";

/** Show the hints about the shortcuts, which are hidden on pages without JavaScript. */
export function showHints() {
  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
}

/**
 * Call `handle` with each keydown event outside of form fields; inside, Escape leaves the field.
 * `handle` returns true if the key was a shortcut.
 */
export function onShortcut(handle) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches(FIELDS)) {
      if (event.key === "Escape") event.target.blur();
    } else if (handle(event)) {
      event.preventDefault();
    }
  });
}
