/** The groups of the experiment's fields: of each, only those that apply to what is asked for. */

import { count } from "../number.js";
import { offers, pass } from "../store.js";
import { html } from "../vendor/lit-html/lit-html.js";
import { change, changeKind, equationsOf, given, isOwn, OPTIMIZERS } from "./draft.js";
import { choice, decimal, field, optional, whole } from "./fields.js";
import { ofTask } from "./task.js";

/** @import { Change, OwnCell } from "../types.js" */
/** @import { Control, Field } from "./fields.js" */
/** A group: what it is about, its choices in a few words, its fields, what is said under them. @typedef {{ name: string, told: string, fields: Field[], note?: unknown }} Group */

const OWN = "own";
const EXAMPLE = "a = U @ x + W @ h_prev + b\nh = 0.5 * h_prev + 0.5 * tanh(a)";
/** @param {string[]} names @returns {[unknown, string][]} */
const asNamed = (names) => names.map((name) => [name, name]);
const INITIALIZATIONS = asNamed([
  "xavier",
  "orthogonal",
  "identity",
  "normal",
  "spectral",
  "zeros",
]);
/** @type {[unknown, string][]} */
const FEEDBACK = [
  ["none", "not fed back"],
  ["teacher", "truth (teacher)"],
  ["free", "prediction (free)"],
  ["sampled", "draw (sampled)"],
  ["scheduled", "either (scheduled)"],
];
const OPTIMIZER_LABELS = /** @type {Record<string, string>} */ ({
  learning_rate: "Learning rate",
  momentum: "Momentum",
  decay: "Decay",
  beta1: "Beta 1",
  beta2: "Beta 2",
  epsilon: "Epsilon",
});

/** Every group, for what is asked for. @param {Change} draft @returns {Group[]} */
export function groups(draft) {
  return [ofTask(draft), ofNetwork(draft), ofAlgorithm(draft), ofLearning(draft)];
}

/** @param {Change} draft @returns {Group} */
function ofNetwork(draft) {
  const { limits } = offers.value;
  const name = isOwn(draft)
    ? /** @type {OwnCell} */ (given(draft, "cell")).name
    : given(draft, "cell");
  return {
    name: "Network",
    told: `${name}, ${count(Number(given(draft, "hidden_size")))} units`,
    fields: [
      field("cell", "Cell", cellChoice, true),
      ...(isOwn(draft) ? [field("cell.equations", "Equations, one a line", equations, true)] : []),
      field("hidden_size", "Units", whole(limits.hidden_size ?? [1, 512])),
      field("layers", "Layers", whole(limits.layers ?? [1, 4])),
      ...activations(draft),
      ...firstWeights(draft),
      field("seed", "Seed", whole(limits.seed ?? [0, 2 ** 32 - 1])),
      field(
        "bias",
        "Biases",
        choice([
          [true, "yes"],
          [false, "none"],
        ]),
      ),
      field(
        "recurrence",
        "States",
        choice([
          ["full", "carried on"],
          ["none", "zero at each step"],
        ]),
      ),
      field(
        "weights_shared",
        "Weights",
        choice([
          [true, "shared"],
          [false, "each step its own"],
        ]),
      ),
      field("feedback.mode", "Output before", fedBack),
      ...(given(draft, "feedback.mode") === "scheduled" &&
      given(draft, "feedback.source") === "output"
        ? [field("feedback.probability", "Chance of the truth", decimal)]
        : []),
    ],
  };
}

/** A built-in's activations can be replaced; that of gates where it has any. @param {Change} draft @returns {Field[]} */
function activations(draft) {
  if (isOwn(draft)) return [];
  const options = choice(asNamed(offers.value.activations));
  const gates = equationsOf(draft).includes("sigmoid(");
  return [
    field("activation", "Activation", options),
    ...(gates ? [field("gate_activation", "Gate activation", options)] : []),
  ];
}

/** How the weights are drawn, with what that kind and that cell need. @param {Change} draft @returns {Field[]} */
function firstWeights(draft) {
  const kind = given(draft, "initialization.kind");
  return [
    field("initialization.kind", "First weights", choice(INITIALIZATIONS)),
    ...(kind === "normal" ? [field("initialization.scale", "Scale", decimal)] : []),
    ...(kind === "spectral" ? [field("initialization.radius", "Spectral radius", decimal)] : []),
    ...(equationsOf(draft).includes("b_forget")
      ? [field("initialization.forget_bias", "Forget bias", decimal)]
      : []),
  ];
}

/** @type {Control} */
function cellChoice(draft, name, wrong) {
  const { cells } = offers.value;
  const current = isOwn(draft) ? OWN : given(draft, "cell");
  return html`<select id="spec.${name}" aria-invalid=${wrong} @change=${chooseCell}>
    ${cells.map((cell) => html`<option value=${cell.name} .selected=${cell.name === current}>${cell.name}: ${cell.title}</option>`)}
    <option value=${OWN} .selected=${current === OWN}>your own equations</option>
  </select>`;
}

/** @param {Event} event */
function chooseCell(event) {
  const { value } = /** @type {HTMLSelectElement} */ (event.target);
  if (value !== OWN) return change("cell", value);
  // One's own cell begins as the equations of the one that shows, to be changed.
  const shown = pass.peek()?.plan.equations.forward.map((line) => line.text);
  change("cell", { name: "my cell", equations: shown?.join("\n") ?? EXAMPLE });
}

/** @type {Control} */
function equations(draft, name, wrong) {
  const own = /** @type {OwnCell} */ (given(draft, "cell"));
  const typed = (/** @type {Event} */ e) => /** @type {HTMLTextAreaElement} */ (e.target).value;
  return html`<textarea id="spec.${name}" class="code" rows="7" spellcheck="false" aria-invalid=${wrong} .value=${own.equations}
      @input=${(/** @type {Event} */ e) => change("cell", { ...own, equations: typed(e) }, true)}></textarea>
    <p class="hint">+ − * @ and activations; x is the input, NAME_prev the step before, y_prev the output fed back; other names become weights.</p>`;
}

/** Source and mode of the feedback as one choice. @type {Control} */
function fedBack(draft, name, wrong) {
  const source = given(draft, "feedback.source");
  const current = source === "none" ? "none" : given(draft, "feedback.mode");
  const part = /** @type {Change} */ (draft.feedback ?? {});
  const choose = (/** @type {Event} */ e) => {
    const { value } = /** @type {HTMLSelectElement} */ (e.target);
    change(
      "feedback",
      value === "none" ? { source: value } : { ...part, source: "output", mode: value },
    );
  };
  return html`<select id="spec.${name}" aria-invalid=${wrong} @change=${choose}>
    ${FEEDBACK.map(([one, words]) => html`<option value=${one} .selected=${one === current}>${words}</option>`)}
  </select>`;
}

/** @param {Change} draft @returns {Group} */
function ofAlgorithm(draft) {
  const { limits } = offers.value;
  const cut = given(draft, "algorithm.kind") === "truncated";
  const [k1, k2] = ["k1", "k2"].map((one) => given(draft, `algorithm.${one}`));
  const where = given(draft, "loss_at") === "last_step" ? "the last step" : "every step";
  return {
    name: "Algorithm",
    told: `${cut ? `truncated ${k1}, ${k2}` : "the whole sequence"}; loss at ${where}`,
    fields: [
      field(
        "algorithm.kind",
        "Gradient goes back",
        choice(
          [
            ["bptt", "the whole way"],
            ["truncated", "a few steps (truncated)"],
          ],
          (kind) => changeKind("algorithm", kind),
        ),
      ),
      field(
        "loss_at",
        "Loss",
        choice([
          ["every_step", "at every step"],
          ["last_step", "at the last step"],
        ]),
      ),
      ...(cut
        ? [
            field(
              "algorithm.k1",
              "Every so many steps (k1)",
              whole(limits["algorithm.k1"] ?? [1, 100000]),
            ),
            field(
              "algorithm.k2",
              "Back so many steps (k2)",
              whole(limits["algorithm.k2"] ?? [1, 100000]),
            ),
          ]
        : []),
    ],
  };
}

/** @param {Change} draft @returns {Group} */
function ofLearning(draft) {
  const kind = String(given(draft, "optimizer.kind"));
  const parts = Object.keys(OPTIMIZERS[kind] ?? OPTIMIZERS.sgd);
  return {
    name: "Learning",
    told: `${kind}, rate ${given(draft, "optimizer.learning_rate")}`,
    fields: [
      field(
        "optimizer.kind",
        "Rule",
        choice(asNamed(Object.keys(OPTIMIZERS)), (one) => changeKind("optimizer", one)),
      ),
      ...parts.map((part) => field(`optimizer.${part}`, OPTIMIZER_LABELS[part], decimal)),
      field("clip_norm", "Clip the gradient at norm", optional),
    ],
  };
}
