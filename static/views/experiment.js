/** The experiment: every field of it, with what is allowed, changed at once. */

import { drawn } from "../drawing.js";
import { offers, panel, pass, problem } from "../store.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { asked, send } from "./draft.js";
import { drawField, isWrong } from "./fields.js";
import { groups } from "./groups.js";
import { fold, form } from "./sections.js";

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
      open.value;
      const shown = panel.value === "experiment";
      return { shown, draft: asked(), wrong: problem.value };
    },
    (now) => {
      render(now.shown ? fieldsOf(now) : nothing, element);
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

/** @typedef {{ draft: Change, wrong: Problem | null }} Form */

/** @param {Form} now */
function fieldsOf({ draft, wrong }) {
  const all = groups(draft);
  const placed = all.some(({ fields }) => fields.some((one) => isWrong(one, wrong)));
  return form(
    "Experiment",
    wrong && !placed ? wrong.message : null,
    all.map((group) => drawGroup(group, { draft, wrong })),
    html`<button type="button" class="button" @click=${reset}>Back to the first experiment</button>`,
  );
}

/** A group tells its choices where it is folded. @param {Group} group @param {Form} now */
function drawGroup({ name, told, fields, note }, { draft, wrong }) {
  const body = html`<div class="fields">${fields.map((one) => drawField(one, draft, wrong))}</div>
    ${note ?? nothing}`;
  return fold({ name, told, body, wrong: fields.some((one) => isWrong(one, wrong)) }, open);
}

function reset() {
  send({});
}
