/** The formula of a moment: its line, the two arrivals of a merge, what becomes of the weights. */

import { latex, parameter, symbol, treeLatex } from "../notation.js";
import { short } from "../number.js";
import { silence, sourceOf } from "../words.js";

/** @import { Pass } from "../pass.js" */
/** @import { Moment, Optimizer } from "../types.js" */

/** A moment as LaTeX. @param {Pass} now @param {Moment} at @param {string} name of the chosen parameter */
export function formula(now, at, name) {
  const step = now.ownStep(at);
  const w = parameter(name, step);
  const gradient = `\\frac{\\partial L}{\\partial ${w}}`;
  if (at.kind === "sum") return step === null ? sum(now, gradient) : alone(name, step, gradient);
  if (at.kind === "clip") return clip(now);
  if (at.kind === "update")
    return RULES[now.plan.spec.optimizer.kind](w, gradient, now.plan.spec.optimizer);
  if (!at.line) return "";
  const parameters = new Set(now.plan.parameters.map((one) => one.name.replace(/^layer\d+\./, "")));
  if (at.kind === "merge") return merge(now, at, parameters);
  if (at.kind === "handover") return handover(now, at, parameters);
  if (at.kind === "loss" && now.status(at.t ?? 0) !== "target")
    return `${symbol("L", at.t)} = 0 \\quad \\text{(no target)}`;
  const source = latex(at.line, { t: at.t, parameters, own: step });
  return at.kind === "output" && now.freeRunning
    ? `${source} \\quad \\text{(from its own loss)}`
    : source;
}

/** A moment's formula as it is read out. @param {Pass} now @param {Moment} at */
export function spoken(now, at) {
  const [t, text] = [at.t ?? 0, at.line?.text ?? at.kind];
  if (at.kind === "loss" && now.status(t) !== "target") return "loss = 0";
  if (at.kind !== "handover") return text;
  if (t === 0 ? !now.carries : silence(now, t - 1)) return `${at.line?.target} = 0`;
  return t > 0 && now.cut(t - 1) ? `${text}, less what is cut` : text;
}

/** @param {Pass} now @param {string} gradient */
function sum(now, gradient) {
  return `${gradient} = \\sum_{t=1}^{${now.sizes.T}} \\left.${gradient}\\right|_{t}`;
}

/** @param {string} name @param {number} step @param {string} gradient */
function alone(name, step, gradient) {
  const plain = `\\frac{\\partial L}{\\partial ${parameter(name)}}`;
  return `${gradient} = \\left.${plain}\\right|_{${step + 1}}`;
}

/** @param {Pass} now */
function clip(now) {
  const limit = short(now.plan.spec.clip_norm ?? 1);
  const factor = now.clipScale === 1 ? "" : `\\frac{${limit}}{\\lVert \\mathbf{g} \\rVert}\\,`;
  return `\\mathbf{g} \\leftarrow ${factor}\\mathbf{g}`;
}

/** @type {Record<string, (w: string, gradient: string, how: Optimizer) => string>} */
const RULES = {
  sgd: (w, gradient, { learning_rate: rate }) => `${w} \\leftarrow ${w} - ${rate} \\, ${gradient}`,
  momentum: (w, gradient, { learning_rate: rate, momentum }) =>
    rows(`v &\\leftarrow ${momentum}\\, v + ${gradient}`, `${w} &\\leftarrow ${w} - ${rate} \\, v`),
  rmsprop: (w, gradient, { learning_rate: rate, decay = 0 }) =>
    rows(
      `s &\\leftarrow ${mean("s", decay, squared(gradient))}`,
      `${w} &\\leftarrow ${w} - ${rate} \\, ${gradient} \\Big/ \\left(\\sqrt{s} + \\epsilon\\right)`,
    ),
  adam: (w, gradient, { learning_rate: rate, beta1 = 0, beta2 = 0 }) =>
    rows(
      `m &\\leftarrow ${mean("m", beta1, gradient)} \\qquad s \\leftarrow ${mean("s", beta2, squared(gradient))}`,
      `${w} &\\leftarrow ${w} - ${rate} \\, \\hat{m} \\Big/ \\left(\\sqrt{\\hat{s}} + \\epsilon\\right)`,
    ),
};

/** What is remembered first, then what becomes of the weight. @param {string} memory @param {string} weight */
function rows(memory, weight) {
  return `\\begin{aligned} ${memory} \\\\ ${weight} \\end{aligned}`;
}

/** @param {string} gradient */
function squared(gradient) {
  return `\\left(${gradient}\\right)^{2}`;
}

/** A running mean. @param {string} name @param {number} kept @param {string} fresh */
function mean(name, kept, fresh) {
  return `${kept}\\, ${name} + ${Number((1 - kept).toPrecision(6))}\\, ${fresh}`;
}

/** The two arrivals, each by where it comes from, and in full where that is one product. @param {Pass} now @param {Moment} at @param {Set<string>} parameters */
function merge(now, at, parameters) {
  const [t, state] = [at.t ?? 0, (at.line?.target ?? "").slice("grad.".length)];
  const gradient = `\\frac{\\partial L}{\\partial ${symbol(state, t)}}`;
  const top = state === "h" && at.layer === now.sizes.L - 1;
  const readout = parameter("V", now.ownStep(at));
  const above = top ? `${readout}^{\\top} \\frac{\\partial L}{\\partial o_{${t + 1}}}` : null;
  const arrivals = [arrival(gradient, above, sourceOf(now, at, state))];
  if (!silence(now, t))
    arrivals.push(arrival(gradient, future(now, state, t, parameters), `step ${t + 2}`));
  return `${gradient} = ${arrivals.join(" + ")}`;
}

/** What the step after sends back, where that is one product of which nothing is cut. @param {Pass} now @param {string} state @param {number} t @param {Set<string>} parameters */
function future(now, state, t, parameters) {
  const back = now.plan.equations.backward.find((line) => line.target === `grad.${state}_prev`);
  const single = back && Array.isArray(back.tree) && back.tree[0] === "@T" && !now.cut(t);
  const own = now.shared ? null : t + 1;
  return single ? treeLatex(back.tree, { t: t + 1, parameters, own }) : null;
}

/** One of the two: the product it is, or else that part of the gradient which comes from there. @param {string} gradient @param {string | null} product @param {string} from */
function arrival(gradient, product, from) {
  return product
    ? `\\underbrace{${product}}_{\\text{${from}}}`
    : `\\left.${gradient}\\right|_{\\text{from ${from}}}`;
}

/** What is handed back, or that nothing is. @param {Pass} now @param {Moment} at @param {Set<string>} parameters */
function handover(now, at, parameters) {
  const [t, line] = [at.t ?? 0, /** @type {import("../types.js").Line} */ (at.line)];
  const source = latex(line, { t: at.t, parameters, own: now.ownStep(at) });
  const cut = t > 0 ? now.cut(t - 1) : null;
  if (now.carries && cut?.rest) return `${source} \\quad \\text{(less what is cut)}`;
  if (now.carries && !cut) return source;
  const state = line.target.slice("grad.".length);
  const reason = now.carries ? "cut here" : "no state was given";
  return `\\frac{\\partial L}{\\partial ${symbol(state, t)}} = 0 \\quad \\text{(${reason})}`;
}
