/** The task's group of fields: what is asked, its parameters, and how hard it is. */

import { short } from "../number.js";
import { offers, pass } from "../store.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { changeKind, given, task } from "./draft.js";
import { choice, field, series, textArea, whole } from "./fields.js";

/** @import { Change, Range, TaskOffer } from "../types.js" */
/** @import { Field } from "./fields.js" */
/** @import { Group } from "./groups.js" */

const LABELS = /** @type {Record<string, string>} */ ({
  batch: "Sequences at once",
  days: "Days a step",
  gap: "Gap, in steps",
  most: "Largest n",
});

/** @param {Change} draft @returns {Group} */
export function ofTask(draft) {
  const [known, asked] = [offers.value.tasks, task(draft)];
  const kinds = known.filter(({ name }) => name !== "arrays");
  const options = /** @type {[unknown, string][]} */ (
    kinds.map(({ name, title }) => [name, title])
  );
  const parameters = Object.entries(asked?.parameters ?? {});
  return {
    name: "Task",
    told: asked?.title ?? "",
    fields: [
      field(
        "task.kind",
        "What is asked",
        choice(options, (kind) => changeKind("task", kind)),
        true,
      ),
      ...parameters.map(([name, range]) => taskField(name, range)),
    ],
    note: asked ? about(draft, asked) : nothing,
  };
}

/** @param {string} name @param {Range} range @returns {Field} */
function taskField(name, { range }) {
  if (name === "text")
    return field("task.text", "Text: each character is to predict the next", textArea, true);
  if (name === "values")
    return field("task.values", "Values, with commas between them", series, true);
  const label = LABELS[name] ?? `${name[0].toUpperCase()}${name.slice(1)}`;
  return field(`task.${name}`, label, whole(range));
}

/** What must be remembered, what guessing gets, what counts as learned: of the pass that is shown. @param {Change} draft @param {TaskOffer} asked */
function about(draft, asked) {
  const plan = pass.value?.plan;
  const names = Object.keys(asked.parameters);
  const shown = plan && /** @type {Change} */ (plan.spec.task);
  const same =
    shown?.kind === asked.name &&
    names.every((name) => String(given(draft, `task.${name}`)) === String(shown[name]));
  if (!plan || !same) return nothing;
  const { sentence, baseline, solved } = plan.task;
  return html`<p class="hint">${sentence}
    ${baseline === null || solved === null ? nothing : scores(plan.task, baseline, solved)}</p>`;
}

/** @param {Pick<TaskOffer, "measure">} asked @param {number} baseline @param {number} solved */
function scores({ measure }, baseline, solved) {
  if (measure === "accuracy")
    return `Guessing gets ${percent(baseline)} right, learned is ${percent(solved)}.`;
  return `Guessing errs by ${short(baseline)} (mean square), learned is ${short(solved)}.`;
}

/** @param {number} share */
function percent(share) {
  return `${Number((100 * share).toFixed(1))}%`;
}
