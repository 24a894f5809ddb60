/** The arithmetic of what becomes of the weights: clipping, and one weight's update. */

import { derivative, parameter as letters } from "../notation.js";
import { full } from "../number.js";
import { length } from "../vector.js";
import { parameterTitle } from "../words.js";
import { plain } from "./quantities.js";
import { listOf, onward, step } from "./steps.js";
import { alone, applied, operation } from "./terms.js";
import { entryOf, named } from "./weights.js";

/** @import { Pass } from "../pass.js" */
/** @import { Optimizer, Tensor } from "../types.js" */
/** @import { Quantity } from "./quantities.js" */
/** @import { Step } from "./steps.js" */
/** @import { Row } from "./terms.js" */
/** @import { Weight } from "./weights.js" */

/** The norm of all gradients together, and what clipping multiplies each by. @param {Pass} now @param {Weight} weight @returns {Step[]} */
export function clip(now, weight) {
  const rows = now.plan.parameters.map(({ name }) => {
    const norm = { ...plain(lengthOf(now.gradient(name))), gradient: true };
    const tex = `\\lVert ${derivative(letters(name), true)} \\rVert^2`;
    const lit = { name, t: null, unit: null };
    return operation(norm, "×", norm, {
      tex,
      words: `squared norm for ${parameterTitle(now, name)}`,
      lit,
    });
  });
  const squares = step(
    now,
    "squares",
    [listOf("squares", "square", rows)],
    plain(Number.NaN, "\\lVert \\mathbf{g} \\rVert^2", "squared norm of all gradients"),
    { engine: null },
  );
  const whole = plain(now.gradNorm, "\\lVert \\mathbf{g} \\rVert", "norm of all gradients");
  const root = applied("√", squares.result, Math.sqrt(squares.result.value), {
    tex: "\\sqrt{\\lVert \\mathbf{g} \\rVert^2}",
    words: "its root",
  });
  const norm = step(now, "norm", [onward("norm", [root])], whole);
  return [squares, norm, ...scaled(now, weight, norm.result)];
}

/** @param {Pass} now @param {Weight} weight @param {Quantity} norm @returns {Step[]} */
function scaled(now, weight, norm) {
  const limit = plain(now.plan.spec.clip_norm ?? Number.NaN, "\\text{limit}", "limit");
  const name = plain(now.clipScale, "\\text{factor}", "factor");
  if (!(norm.value > limit.value)) {
    const note = `The norm is within the limit of ${full(limit.value)}: nothing is clipped.`;
    return [
      step(now, "factor", [onward("factor", [alone(plain(1, "\\text{factor}", "factor"))])], name, {
        note,
      }),
    ];
  }
  const factor = step(
    now,
    "factor",
    [
      onward("factor", [
        operation(limit, "÷", norm, {
          tex: `\\text{limit} / ${norm.tex}`,
          words: "limit divided by the norm",
        }),
      ]),
    ],
    name,
  );
  const gradient = named(
    weight,
    entryOf(weight, now.gradient(weight.name, weight.step)) ?? Number.NaN,
    true,
  );
  const product = operation(gradient, "×", factor.result, {
    tex: `${gradient.tex} \\times \\text{factor}`,
    words: "the pinned weight’s gradient, clipped",
  });
  const clipped = { ...gradient, tex: `${gradient.tex}\\text{, clipped}` };
  return [factor, step(now, "clipped", [onward("clipped", [product])], clipped, { engine: null })];
}

/** @param {Tensor | null} tensor */
function lengthOf(tensor) {
  return length(Array.from(tensor?.data ?? [], Number));
}

/** What becomes of the weight: what the rule takes from it, in the order in which it is computed. @param {Pass} now @param {Weight} weight @returns {Step[]} */
export function update(now, weight) {
  const { name, step: own } = weight;
  const before = named(weight, entryOf(weight, now.parameter(name, own)) ?? Number.NaN);
  const gradient = named(weight, entryOf(weight, now.gradient(name, own)) ?? Number.NaN, true);
  const after = entryOf(weight, now.updated(name, own)) ?? Number.NaN;
  const clipped = operation(gradient, "×", plain(now.clipScale), {
    tex: `${gradient.tex} \\times \\text{factor}`,
    words: "the clipped gradient",
  });
  const isClipped = now.clipScale !== 1;
  const given = isClipped
    ? { ...plain(clipped.value, "g", "clipped gradient"), gradient: true }
    : { ...gradient, tex: "g" };
  const rows = [
    ...(isClipped ? [clipped] : []),
    ...RULES[now.plan.spec.optimizer.kind](now.plan.spec.optimizer, given),
  ];
  const change = rows[rows.length - 1].value;
  const last = operation(before, "−", plain(change), {
    tex: `${before.tex} - \\text{change}`,
    words: "the weight less the change",
  });
  const result = {
    ...named(weight, after),
    tex: `${before.tex}\\text{, new}`,
    words: `new ${before.words}`,
  };
  const note =
    now.plan.spec.optimizer.kind === "sgd" ? "" : "The first update: nothing is remembered yet.";
  return [step(now, "update", [onward("update", [...rows, last])], result, { note })];
}

/** The change of a weight by its gradient, at the first update; the last row's value is taken from it. @type {Record<string, (how: Optimizer, g: Quantity) => Row[]>} */
const RULES = {
  sgd: ({ learning_rate: rate }, g) => [
    times(plain(rate), g, "\\text{rate} \\times g", "rate times gradient"),
  ],
  momentum: ({ learning_rate: rate, momentum = 0 }, g) => {
    const velocity = operation(plain(momentum * 0), "+", g, {
      tex: `v = ${momentum} \\times 0 + g`,
      words: "velocity",
    });
    return [
      velocity,
      times(plain(rate), result(velocity), "\\text{rate} \\times v", "rate times velocity"),
    ];
  },
  rmsprop: ({ learning_rate: rate, decay = 0, epsilon = 0 }, g) => {
    const square = times(g, g, "g^2", "squared gradient");
    const mean = times(
      plain(1 - decay),
      result(square),
      `s = (1 - ${decay}) \\, g^2`,
      "running square",
    );
    const [root, size] = sizeOf(result(mean), epsilon, "s");
    const step = times(plain(rate), g, "\\text{rate} \\times g", "rate times gradient");
    return [square, mean, root, size, step, over(step, size)];
  },
  adam: ({ learning_rate: rate, beta1 = 0, beta2 = 0, epsilon = 0 }, g) => {
    const mean = times(plain(1 - beta1), g, `m = (1 - ${beta1}) \\, g`, "running gradient");
    const unbiased = operation(result(mean), "÷", plain(1 - beta1), {
      tex: `\\hat m = m / (1 - ${beta1})`,
      words: "without the bias of its start",
    });
    const square = times(g, g, "g^2", "squared gradient");
    const squares = times(
      plain(1 - beta2),
      result(square),
      `s = (1 - ${beta2}) \\, g^2`,
      "running square",
    );
    const whole = operation(result(squares), "÷", plain(1 - beta2), {
      tex: `\\hat s = s / (1 - ${beta2})`,
      words: "without the bias of its start",
    });
    const [root, size] = sizeOf(result(whole), epsilon, "\\hat s");
    const step = times(
      plain(rate),
      result(unbiased),
      "\\text{rate} \\times \\hat m",
      "rate times running gradient",
    );
    return [mean, unbiased, square, squares, whole, root, size, step, over(step, size)];
  },
};

/** @param {Quantity} left @param {Quantity} right @param {string} tex @param {string} words */
function times(left, right, tex, words) {
  return operation(left, "×", right, { tex, words });
}

/** A row's value, to go on with. @param {Row} row @returns {Quantity} */
function result({ value, gradient }) {
  return { ...plain(value), gradient };
}

/** The root of a running square, and a little more than it. @param {Quantity} square @param {number} epsilon @param {string} tex */
function sizeOf(square, epsilon, tex) {
  const root = applied("√", square, Math.sqrt(square.value), {
    tex: `\\sqrt{${tex}}`,
    words: "its root",
  });
  return [
    root,
    operation(result(root), "+", plain(epsilon), { tex: "+ \\epsilon", words: "plus epsilon" }),
  ];
}

/** @param {Row} step @param {Row} size */
function over(step, size) {
  return operation(result(step), "÷", result(size), {
    tex: "\\text{change}",
    words: "the change: divided by the root",
  });
}
