/** The experiment as it is being changed: what a field holds, and what becomes of a new value. */

import { touch, withOverrides } from "../overrides.js";
import { experiment, offers, pass } from "../store.js";
import { effect, signal } from "../vendor/signals-core/signals-core.mjs";

/** @import { Change, Override, OwnCell, TaskOffer } from "../types.js" */

/** How long after the last letter a text counts as typed. */
const TYPED = 250;
/** What a spec is where it says nothing. @type {Change} */
const USUAL = {
  cell: "rnn",
  hidden_size: 8,
  layers: 1,
  activation: "tanh",
  gate_activation: "sigmoid",
  bias: true,
  recurrence: "full",
  weights_shared: true,
  feedback: { source: "none", mode: "teacher", probability: 1 },
  loss_at: "every_step",
  task: { kind: "text" },
  algorithm: { kind: "bptt", k1: 5, k2: 5 },
  clip_norm: null,
  optimizer: { kind: "sgd" },
  initialization: { kind: "xavier", forget_bias: 1, scale: 0.1, radius: 1 },
  seed: 0,
};
/** What each optimizer is where a spec says no more than its kind. @type {Record<string, Change>} */
export const OPTIMIZERS = {
  sgd: { learning_rate: 0.1 },
  momentum: { learning_rate: 0.1, momentum: 0.9 },
  rmsprop: { learning_rate: 0.001, decay: 0.9, epsilon: 1e-8 },
  adam: { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

/** What is being typed and not sent yet. */
const typing = signal(/** @type {Change | null} */ (null));
let timer = 0;
/** What was said of a part before its kind was changed. @type {Map<string, Change>} */
const left = new Map();

// Whoever undoes, or goes back, undoes what is being typed too.
effect(() => {
  experiment.value;
  clearTimeout(timer);
  typing.value = null;
});

/** What is asked for, the letters just typed included. */
export function asked() {
  return typing.value ?? experiment.value;
}

/** What is said of a part. @param {Change} draft @param {string} head */
function partOf(draft, head) {
  return /** @type {Change} */ (draft[head] ?? {});
}

/** The value of a field, or what it is where nothing is said. @param {Change} draft @param {string} name @returns {unknown} */
export function given(draft, name) {
  const [head, part] = name.split(".");
  if (!part) return draft[head] ?? resolved(draft, head) ?? USUAL[head];
  const own = partOf(draft, head)[part];
  return own ?? usualPart(draft, head, part);
}

/** @param {Change} draft @param {string} head @param {string} part @returns {unknown} */
function usualPart(draft, head, part) {
  if (part !== "kind" && head === "optimizer")
    return OPTIMIZERS[String(given(draft, "optimizer.kind"))]?.[part];
  if (part !== "kind" && head === "task") return task(draft)?.parameters[part]?.default;
  const own = /** @type {Change | undefined} */ (resolved(draft, head))?.[part];
  return own ?? /** @type {Change} */ (USUAL[head])[part];
}

/** Where a cell has defaults of its own: what the plan says that was made with it. @param {Change} draft @param {string} head */
function resolved(draft, head) {
  const spec = /** @type {Change | undefined} */ (pass.peek()?.plan.spec);
  const ofCell = head === "activation" || (head === "initialization" && !draft[head]);
  return ofCell && spec?.cell === (draft.cell ?? USUAL.cell) ? spec?.[head] : undefined;
}

/** The task that is asked for, as it is offered. @param {Change} draft @returns {TaskOffer | undefined} */
export function task(draft) {
  return offers.peek().tasks.find(({ name }) => name === given(draft, "task.kind"));
}

/** Whether the cell is one's own, not a built-in. @param {Change} draft */
export function isOwn(draft) {
  return typeof given(draft, "cell") === "object";
}

/** The text of the cell's equations, empty where it is not known. @param {Change} draft */
export function equationsOf(draft) {
  const cell = given(draft, "cell");
  if (typeof cell === "object") return String(/** @type {OwnCell} */ (cell).equations);
  return offers.peek().cells.find(({ name }) => name === cell)?.equations ?? "";
}

/** @param {string} name @param {unknown} value @param {boolean} [typed] */
export function change(name, value, typed = false) {
  const draft = typing.peek() ?? experiment.peek();
  const [head, part] = name.split(".");
  const inner = part ? { ...partOf(draft, head), [part]: value } : value;
  take({ ...draft, [head]: inner }, typed);
}

/** Set numbers by hand, in the place of those that `gone` names. @param {Override[]} added @param {{ gone?: (one: Override) => boolean, typed?: boolean, gesture?: number | null }} [how] */
export function override(added, { gone, typed = false, gesture = null } = {}) {
  touch(added, gesture);
  take(withOverrides(typing.peek() ?? experiment.peek(), added, gone), typed);
}

/** @param {Change} changed @param {boolean} typed */
function take(changed, typed) {
  clearTimeout(timer);
  if (!typed) return send(changed);
  typing.value = changed;
  timer = setTimeout(() => send(changed), TYPED);
}

/** Another kind of a part: with what was last said of that kind, else as it is by itself. @param {string} head @param {string} kind */
export function changeKind(head, kind) {
  const draft = asked();
  left.set(`${head} ${given(draft, `${head}.kind`)}`, partOf(draft, head));
  change(head, { ...left.get(`${head} ${kind}`), kind });
}

/** @param {Change} changed */
export function send(changed) {
  clearTimeout(timer);
  typing.value = null;
  experiment.value = changed;
}
