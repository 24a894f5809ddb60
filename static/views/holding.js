/** Lines held at a value: by a preset of the cell, or one at a time. */

import { short } from "../number.js";
import { holds, overrideOf, overridesOf, presetOf, presets, undo } from "../overrides.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { listed, word } from "../words.js";
import { drawAmount } from "./amount.js";
import { override } from "./draft.js";
import { wrongWith } from "./question.js";

/** @import { Lines } from "../overrides.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Question } from "./question.js" */
/** @import { Section } from "./sections.js" */

/** The line that is looked at. */
export const line = signal("");

/** @param {Question} question @returns {Section} */
export function holding(question) {
  const { now, base, draft, line: wanted } = question;
  const name = "Hold a line at a value";
  const lines = holdable(base ?? now);
  if (lines.length === 0)
    return {
      name,
      told: "",
      body: html`<p class="hint wide">Every line of this cell is a state, which later steps need.</p>`,
      wrong: false,
    };
  const held = overridesOf(draft).filter(holds).at(-1)?.name ?? "";
  const current = [wanted, held, lines[0]].find((one) => lines.includes(one)) ?? "";
  const body = [presetButtons(question), which(lines, current), amount(question, current)];
  return { name, told: "", body, wrong: wrongWith(question, current) !== null };
}

/** The lines that are no state. @param {Pass} one */
function holdable({ plan }) {
  const states = new Set(
    plan.rows.filter(({ kind }) => kind === "state").map(({ local }) => local),
  );
  return plan.equations.forward.map(({ target }) => target).filter((target) => !states.has(target));
}

/** @param {Question} question */
function presetButtons({ draft }) {
  const all = presets();
  const current = presetOf(overridesOf(draft), all);
  const names = Object.keys(all);
  if (names.length === 0) return nothing;
  const lines = new Set(Object.values(all).flatMap(Object.keys));
  return html`<div class="presets wide" role="group" aria-label="Presets">
    ${names.map((name) => preset(name, all[name], name === current, lines))}
  </div>`;
}

/** @param {string} name @param {Lines} held @param {boolean} pressed @param {Set<string>} lines of all presets */
function preset(name, held, pressed, lines) {
  const made = Object.entries(held).map(([target, value]) => ({ name: target, value }));
  const gone = (/** @type {{ name: string }} */ one) => lines.has(one.name);
  const press = () => (pressed ? undo(made) : override(made, { gone }));
  return html`<button type="button" class="preset" aria-pressed=${pressed} @click=${press}>
    <b>${name}</b><span>${listed(made.map((one) => `${word(one.name)} ${one.value}`))}</span>
  </button>`;
}

/** @param {string[]} lines @param {string} current */
function which(lines, current) {
  return html`<div class="field wide"><label for="whatif-line">Which</label>
    <select id="whatif-line" @change=${(/** @type {Event} */ e) => (line.value = /** @type {HTMLSelectElement} */ (e.target).value)}>
      ${lines.map((one) => html`<option value=${one} .selected=${one === current}>${word(one)}</option>`)}
    </select></div>`;
}

/** @param {Question} question @param {string} name */
function amount(question, name) {
  const { now, base, at, draft, selected } = question;
  const [made, t] = [overrideOf(draft, name), at.t ?? 0];
  const free = (base ?? now).value(`layer0.${name}`, t)?.[selected.unit] ?? null;
  const bounds = (base ?? now).plan.rows.find(({ local }) => local === name)?.bounds;
  const unheld =
    free === null ? "" : `not held; unit ${selected.unit + 1}, step ${t + 1}: ${short(free)}`;
  return drawAmount({
    id: "whatif-held",
    label: "Held at",
    value: made ? made.value : (free ?? 0),
    range: bounds ?? [-2, 2],
    old: null,
    wrong: wrongWith(question, name),
    note: made ? "in every unit and step" : unheld,
    set: (value, how) => override([{ name, value }], how),
    undo: made ? () => undo([made]) : null,
  });
}
