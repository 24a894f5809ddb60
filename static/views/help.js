/** Help: every key, and a legend of every symbol and colour on the screen. */

import { drawn } from "../drawing.js";
import { KEYS } from "../keys.js";
import { typesetAll } from "../notation.js";
import {
  bare,
  book,
  copies,
  faces,
  front,
  panel,
  pass,
  picture,
  presenting,
  theme,
  workingsShown,
} from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { legend } from "./legend.js";

/** @import { Group, Row } from "../keys.js" */
/** @import { Part, Shown } from "./legend.js" */

/** What is on a key, where that is not its name. */
const CAPS = /** @type {Record<string, string>} */ ({
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  "-": "−",
});

/** @param {HTMLDialogElement} element */
export function mount(element) {
  element.addEventListener("close", () => {
    if (panel.peek() === "help") panel.value = null;
  });
  drawn(
    () => (panel.value === "help" ? read() : null),
    (state) => {
      if (state) {
        render(content(element, legend(state)), element);
        typesetAll(element);
      }
      if (state && !element.open) element.showModal();
      if (!state && element.open) element.close();
    },
  );
}

/** @returns {Shown} */
function read() {
  book.value;
  pass.value?.arrived.value;
  const one = bare.value ? [] : [front.value];
  return {
    now: pass.value,
    look: theme.value,
    shown: picture.value,
    faces: faces.value,
    cards: presenting.value ? one : ["meaning", "code", "plots"],
    copies: copies.value,
    workings: workingsShown.value,
  };
}

/** @param {HTMLDialogElement} element @param {Part[]} parts */
function content(element, parts) {
  return html`<header class="help-head">
      <h2>Keys and legend</h2>
      <button class="button" autofocus @click=${() => element.close()}>Close</button>
    </header>
    <div class="help-columns">${KEYS.map(keys)}</div>
    <div class="help-columns">${parts.map(part)}</div>`;
}

/** @param {Group} group */
function keys({ title, rows }) {
  return html`<section><h3>${title}</h3><dl>${rows.map(
    (row) => html`<dt>${caps(row)}</dt><dd>${row.told}</dd>`,
  )}</dl></section>`;
}

/** The keys of a row, Shift once for both. @param {Row} row */
function caps({ keys: names }) {
  const told = Object.keys(names).flatMap((name) => name.split(/(?<=Shift)\+/));
  return [...new Set(told)].map(cap);
}

/** @param {string} name */
function cap(name) {
  const text = CAPS[name] ?? (name.length === 1 ? name.toUpperCase() : name);
  return html`<kbd>${text}</kbd>`;
}

/** @param {Part} of */
function part({ title, entries }) {
  if (entries.length === 0) return nothing;
  return html`<section><h3>${title}</h3><dl>${entries.map(
    ({ sign, told }) => html`<dt>${sign}</dt><dd>${told}</dd>`,
  )}</dl></section>`;
}
