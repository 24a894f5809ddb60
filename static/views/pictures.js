/** The switch between the network unrolled, rolled up, and one cell of it opened. */

import { drawn } from "../drawing.js";
import { PICTURES } from "../faces.js";
import { picture } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";

/** @import { Picture } from "../types.js" */

/** @type {Record<Picture, string>} */
const ICONS = {
  unrolled: "M1 4h4v6H1zM6 4h4v6H6zM11 4h4v6h-4z",
  rolled: "M6 7h4v6H6zM8 7C8 1 15 1 14 6M14 6l-2-1M14 6l1.5-1.6",
  cell: "M2 2h4v4H2zM10 2h4v4h-4zM6 10h4v4H6zM4 6l3 4M12 6l-3 4",
};

/** @param {HTMLElement} element */
export function mount(element) {
  drawn(
    () => picture.value,
    (shown) => {
      render(
        html`<fieldset class="choice small" aria-label="How the network shows">
          ${PICTURES.map((name) => choice(name, name === shown))}
        </fieldset>`,
        element,
      );
      for (const name of PICTURES) {
        /** @type {HTMLElement} */ (document.getElementById(name)).hidden = name !== shown;
      }
    },
  );
}

/** @param {Picture} name @param {boolean} checked */
function choice(name, checked) {
  return html`<label title=${`${name} (V)`}><input type="radio" name="picture" .checked=${checked} @change=${() => (picture.value = name)} />
    <svg viewBox="0 0 16 15" aria-hidden="true"><path d=${ICONS[name]}></path></svg><span class="hidden-text">${name}</span></label>`;
}
