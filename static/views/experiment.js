/** The experiment: every field of it, with what is allowed, changed at once. */

import { drawn } from "../drawing.js";
import { offers, panel, pass, problem } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { asked, send } from "./draft.js";
import { drawField, isWrong } from "./fields.js";
import { groups } from "./groups.js";

/** @import { Change, Problem } from "../types.js" */
/** @import { Group } from "./groups.js" */

/** The groups that are open: what most come to change. */
const open = signal(new Set(["Task", "Network"]));

/** @param {HTMLElement} element */
export function mount(element) {
  drawn(
    () => {
      // What a cell has for defaults is known from its pass.
      pass.value;
      offers.value;
      const shown = panel.value === "experiment";
      return { shown, draft: asked(), wrong: problem.value, unfolded: open.value };
    },
    (now) => {
      render(now.shown ? form(now) : nothing, element);
    },
  );
}

/** Focus what is wrong; else the text, which is what most come to change, or the task. @param {HTMLElement} element */
export function focus(element) {
  const first = ['[aria-invalid="true"]', "textarea", "select"]
    .map((which) => element.querySelector(which))
    .find((found) => found !== null);
  /** @type {HTMLElement | undefined} */ (first)?.focus();
}

/** @typedef {{ draft: Change, wrong: Problem | null, unfolded: Set<string> }} Form */

/** @param {Form} now */
function form(now) {
  const all = groups(now.draft);
  const placed = all.some(({ fields }) => fields.some((one) => isWrong(one, now.wrong)));
  return html`<form class="panel experiment-panel" aria-label="Experiment" @submit=${submit} @keydown=${closeOnEscape}>
    ${now.wrong && !placed ? html`<p class="wrong" role="alert">${now.wrong.message}</p>` : nothing}
    ${all.map((group) => drawGroup(group, now))}
    <div class="panel-actions">
      <button type="button" class="button" @click=${reset}>Back to the first experiment</button>
      <button type="submit" class="button">Close</button>
    </div>
  </form>`;
}

/** A group folds up to a line that tells its choices; one with something wrong is open. @param {Group} group @param {Form} now */
function drawGroup({ name, told, fields, note }, { draft, wrong, unfolded }) {
  const isOpen = unfolded.has(name) || fields.some((one) => isWrong(one, wrong));
  return html`<details class="group" .open=${isOpen} @toggle=${(/** @type {Event} */ event) => fold(event, name)}>
    <summary><b>${name}</b> <span class="told">${told}</span></summary>
    <div class="fields">${fields.map((one) => drawField(one, draft, wrong))}</div>
    ${note ?? nothing}
  </details>`;
}

/** @param {Event} event @param {string} name */
function fold(event, name) {
  const { open: isOpen } = /** @type {HTMLDetailsElement} */ (event.currentTarget);
  if (isOpen === open.peek().has(name)) return;
  const others = [...open.peek()].filter((one) => one !== name);
  open.value = new Set(isOpen ? [...others, name] : others);
}

/** @param {Event} event */
function submit(event) {
  event.preventDefault();
  panel.value = null;
}

/** @param {KeyboardEvent} event */
function closeOnEscape(event) {
  if (event.key === "Escape") panel.value = null;
}

function reset() {
  send({});
}
