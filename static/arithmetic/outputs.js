/** The arithmetic of the readout: the output, the prediction, the loss, and the gradient at the output. */

import { derivative, symbol } from "../notation.js";
import { full } from "../number.js";
import { padding, resultOf } from "./lines.js";
import { plain, Quantities } from "./quantities.js";
import { listOf, nothingToAdd, onward, step } from "./steps.js";
import { applied, operation, terms } from "./terms.js";

/** @import { Pass } from "../pass.js" */
/** @import { Moment } from "../types.js" */
/** @import { Step } from "./steps.js" */

/** Beyond this e^o is too large or too small for a number. */
const MOST = 700;

/** One output: V h + c, or the prediction. @param {Pass} now @param {Moment} at @param {number} output @returns {Step[]} */
export function readout(now, at, output) {
  const q = new Quantities(now, at.t ?? 0, null);
  const [target, tree] = [at.line?.target ?? "", at.line?.tree ?? 0];
  if (now.status(q.t) === "over") return [padding()];
  if (target === "y_hat" && now.plan.spec.readout === "softmax") return softmax(q, output);
  return [step(now, target, terms(q, tree, output), resultOf(q, target, output))];
}

/** The exponentials of all outputs, their sum, and the one's part of it. @param {Quantities} q @param {number} output @returns {Step[]} */
function softmax(q, output) {
  const logits = Array.from(q.vector("o") ?? [], Number);
  const top = logits.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  const less = Math.abs(top) > MOST ? top : 0;
  const rows = logits.map((_, k) => {
    const one = q.of("o", k);
    const right = { ...one, value: one.value - less, tex: "" };
    return applied("exp", right, Math.exp(right.value), {
      mark: q.mark("o", k),
      keep: k === output,
    });
  });
  const note = less ? `Each output less the largest, ${full(top)}: the quotient is the same.` : "";
  const all = plain(
    Number.NaN,
    `\\textstyle\\sum_j e^{${symbol("o", q.t)}[j]}`,
    "sum of the exponentials",
  );
  const exps = step(q.now, "exps", [listOf("exps", "term", rows)], all, { engine: null, note });
  const mine = plain(
    rows[output].value,
    `e^{${symbol("o", q.t)}[${output + 1}]}`,
    "its exponential",
  );
  const part = operation(mine, "÷", exps.result, {
    tex: `${mine.tex} / ${all.tex}`,
    words: "its exponential divided by their sum",
  });
  return [exps, step(q.now, "part", [onward("part", [part])], resultOf(q, "y_hat", output))];
}

/** The price of one prediction. @param {Pass} now @param {Moment} at @returns {Step[]} */
export function loss(now, at) {
  const q = new Quantities(now, at.t ?? 0, null);
  if (now.status(q.t) === "over") return [padding()];
  if (now.status(q.t) === "free")
    return [nothingToAdd("Nothing is asked of this step: it has no target, and its loss is 0.")];
  const result = { ...q.of("loss", 0), tex: symbol("L", q.t) };
  const target = now.target(q.t);
  if (target === null) return squared(q, result);
  const likely = resultOf(q, "y_hat", target);
  const row = applied("−log", likely, -Math.log(likely.value), {
    tex: `-\\log ${likely.tex}`,
    words: `minus the logarithm of ${likely.words}`,
  });
  return [step(now, "loss", [onward("loss", [row])], result)];
}

/** Half the squared distance from the truth. @param {Quantities} q @param {import("./quantities.js").Quantity} result @returns {Step[]} */
function squared(q, result) {
  const squares = Array.from({ length: q.now.sizes.O }, (_, k) => {
    const [mark, from, to] = [q.mark("y_hat", k), q.of("y_hat", k), q.of("y", k)];
    const apart = operation(from, "−", to, {
      mark,
      tex: `${from.tex} - ${to.tex}`,
      words: "prediction minus truth",
    });
    const distance = plain(apart.value);
    const square = operation(distance, "×", distance, { tex: "\\text{squared}", words: "squared" });
    return onward(`square ${k}`, [apart, square]);
  });
  const name = plain(
    Number.NaN,
    `\\lVert ${symbol("y_hat", q.t)} - ${symbol("y", q.t)} \\rVert^2`,
    "squared distance",
  );
  const sum = step(q.now, "squares", squares, name, { engine: null });
  const half = operation(plain(0.5), "×", sum.result, {
    tex: `\\tfrac12 ${name.tex}`,
    words: "half of it",
  });
  return [sum, step(q.now, "loss", [onward("loss", [half])], result)];
}

/** What one output's own loss gives it, at a step. @param {Pass} now @param {number} t @param {number} output @returns {Step[]} */
export function output(now, t, output) {
  const q = new Quantities(now, t, null);
  if (!now.counts(t))
    return [
      nothingToAdd(`The loss of step ${t + 1} of this sequence does not count: its gradient is 0.`),
    ];
  const name = now.freeRunning ? "grad.o.from_loss" : "grad.o";
  const value = Number(now.value(name, t)?.[output]);
  const [predicted, truth] = [q.of("y_hat", output), q.of("y", output)];
  const apart = operation(predicted, "−", truth, {
    tex: `${predicted.tex} - ${truth.tex}`,
    words: "prediction minus truth",
  });
  const counted = plain(losses(now, apart.value, value), "N", "the losses that count");
  const mean = operation(plain(apart.value), "÷", counted, {
    tex: "/ N",
    words: "divided by the losses that count",
  });
  const from = now.freeRunning ? "\\text{ from its loss}" : "";
  const result = {
    ...plain(
      value,
      `${derivative(`${symbol("o", t)}[${output + 1}]`, true)}${from}`,
      "gradient of the output",
    ),
    lit: { name: "grad.o", t, unit: output },
    gradient: true,
  };
  const rows = [apart, { ...mean, gradient: true }];
  return [step(now, "grad.o", [onward("grad.o", rows)], result)];
}

/** How many losses the loss of the pass is the mean of: counted, or of several sequences, of which the page knows one, as the gradient tells. @param {Pass} now @param {number} apart @param {number} gradient */
function losses(now, apart, gradient) {
  if (now.sizes.B > 1) return Math.round(apart / gradient);
  return Array.from({ length: now.sizes.T }, (_, t) => Number(now.counts(t))).reduce(
    (sum, one) => sum + one,
    0,
  );
}
