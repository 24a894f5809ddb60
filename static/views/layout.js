/** The layout: how large text is, whether the page is narrow for it, and what of it a room is shown. */

import { drawn } from "../drawing.js";
import { bare, front, presenting, zoom } from "../store.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";

/** Narrower than this, at the ordinary size of text, the parts of the page stand under each other. */
const NARROW = 900;

const width = signal(innerWidth);

/** @param {HTMLElement} root the whole document */
export function mount(root) {
  addEventListener("resize", () => (width.value = innerWidth));
  drawn(
    () => ({
      size: zoom.value,
      narrow: width.value < NARROW * zoom.value,
      shown: bare.value ? "nothing" : front.value,
      room: presenting.value,
    }),
    ({ size, narrow, shown, room }) => {
      root.style.setProperty("--zoom", String(size));
      root.toggleAttribute("data-narrow", narrow);
      root.toggleAttribute("data-present", room);
      root.dataset.front = shown;
      keepFocus(room);
    },
  );
}

/** Where what has the focus is not on the screen any more: to the transport, and back to the header. @param {boolean} room */
function keepFocus(room) {
  if (document.activeElement?.checkVisibility() !== false) return;
  const next = document.querySelector(room ? ".key.play" : "#present");
  /** @type {HTMLElement | null} */ (next)?.focus({ preventScroll: true });
}
