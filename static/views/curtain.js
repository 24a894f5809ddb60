/** The curtain: a dark cover over everything, until any key or a touch. */

import { drawn } from "../drawing.js";
import { curtain } from "../store.js";

const MODIFIERS = ["Alt", "Control", "Meta", "Shift"];

/** @param {HTMLDialogElement} element */
export function mount(element) {
  element.addEventListener("close", raise);
  element.addEventListener("click", raise);
  // Before all else hears of the key: it brings the page back and does nothing more.
  document.addEventListener("keydown", onKey, { capture: true });
  drawn(
    () => curtain.value,
    (down) => {
      if (down && !element.open) element.showModal();
      if (!down && element.open) element.close();
    },
  );
}

function raise() {
  curtain.value = false;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!curtain.peek() || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // The key that let it down may still be held.
  if (!event.repeat && !MODIFIERS.includes(event.key)) raise();
}
