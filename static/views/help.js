/** Help: every key, and every symbol and colour on the screen. */

import { drawn } from "../drawing.js";
import { gradientColor, VALUE_SCALE } from "../palette.js";
import { panel, theme } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";

/** @type {[string[], string][]} */
const KEYS = [
  [["Space"], "play, pause"],
  [["←", "→"], "one moment back, forward"],
  [["Shift", "←", "→"], "one timestep back, forward"],
  [["PageUp", "PageDown"], "one moment back, forward (a clicker sends these)"],
  [["Home", "End"], "first moment, last moment"],
  [["G"], "pass, timestep, equation: how far one moment goes"],
  [["E"], "the experiment"],
  [["D"], "light, dark"],
  [["F"], "full screen"],
  [["+", "−"], "larger, smaller text"],
  [["?"], "this help"],
  [["Esc"], "close what is open"],
];

/** @param {HTMLDialogElement} element */
export function mount(element) {
  element.addEventListener("close", () => {
    if (panel.peek() === "help") panel.value = null;
  });
  drawn(
    () => ({ open: panel.value === "help", look: theme.value }),
    ({ open, look }) => {
      if (open) render(content(element, look), element);
      if (open && !element.open) element.showModal();
      if (!open && element.open) element.close();
    },
  );
}

/** @param {HTMLDialogElement} element @param {"light" | "dark"} look */
function content(element, look) {
  const stops = VALUE_SCALE[look].map(([, color]) => color).join(",");
  const faint = [0, 0.5, 1].map((at) => gradientColor(at, look)).join(",");
  return html`<h2>Keys and legend</h2>
    <div class="help-columns">
      <dl>
        ${KEYS.map(([keys, what]) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${what}</dd>`)}
      </dl>
      <dl>
        <dt><span class="swatch" style=${`background:linear-gradient(90deg,${stops})`}></span></dt>
        <dd>a value, one band a unit: orange −1, paper 0, blue +1 (a state that is not held within 1: its largest)</dd>
        <dt><span class="swatch" style=${`background:linear-gradient(90deg,${faint})`}></span></dt>
        <dd>a gradient coming back: the wider and stronger the arrow, the larger its norm; a full step paler is ten times smaller</dd>
        <dt><svg class="legend-arrow" width="40" height="16" aria-hidden="true"><path class="arrow" d="M2 8L32 8M38 8l-6 -3.5v7z"></path></svg></dt>
        <dd>a value going forward</dd>
        <dt><span class="swatch now-swatch"></span></dt>
        <dd>the step of this moment</dd>
        <dt>✓</dt>
        <dd>the likeliest character was the true one, which stands above it; else “not” and what it guessed; of numbers the prediction</dd>
        <dt><span class="bar-key"></span></dt>
        <dd>a step’s share of one weight’s gradient</dd>
        <dt><span class="line-key"></span></dt>
        <dd>the sum of the shares so far</dd>
        <dt>–</dt>
        <dd>nothing is asked of this step: it has no target</dd>
        <dt><svg width="40" height="20" aria-hidden="true"><path class="cut" d="M17 1v18M23 1v18"></path></svg></dt>
        <dd>truncation: no gradient goes back from here</dd>
        <dt><i>ȳ</i></dt>
        <dd>the output before, fed back: the truth, the prediction or a draw from it</dd>
        <dt>␣</dt>
        <dd>a space</dd>
        <dt><i>∂L/∂h</i></dt>
        <dd>how the loss L changes with h: the gradient of h</dd>
        <dt>⊙</dt>
        <dd>unit by unit product; ⊤ is a matrix turned over</dd>
      </dl>
    </div>
    <div class="panel-actions"><span></span><button class="button" autofocus @click=${() => element.close()}>Close</button></div>`;
}
