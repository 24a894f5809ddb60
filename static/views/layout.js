/** The layout: how large text is, whether the page is narrow for it, and what of it a room is shown. */

import { bare, comparing, enlarged, front, presenting, zoom } from "../store.js";
import { effect, signal } from "../vendor/signals-core/signals-core.mjs";

/** Narrower than this, at the ordinary size of text, the parts of the page stand under each other. */
const NARROW = 900;

const width = signal(innerWidth);

/** @param {HTMLElement} root the whole document */
export function mount(root) {
  addEventListener("resize", () => (width.value = innerWidth));
  // At once, before anything is drawn for the room it has.
  effect(() => {
    root.style.setProperty("--zoom", String(zoom.value));
    root.toggleAttribute("data-narrow", width.value < NARROW * zoom.value);
    root.toggleAttribute("data-present", presenting.value);
    root.toggleAttribute(
      "data-enlarged",
      enlarged.value && (!presenting.value || front.value === "plots"),
    );
    root.toggleAttribute("data-compare", comparing.value);
    root.dataset.front = bare.value ? "nothing" : front.value;
    keepFocus(presenting.value);
  });
}

/** Where what has the focus is not on the screen any more: to the transport, and back to the header. @param {boolean} room */
function keepFocus(room) {
  if (document.activeElement?.checkVisibility() !== false) return;
  const next = document.querySelector(room ? ".key.play" : "#present");
  /** @type {HTMLElement | null} */ (next)?.focus({ preventScroll: true });
}
