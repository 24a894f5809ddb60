/** The now line: one plain sentence for a moment, every number in it from the pass. */

import { traceName } from "./names.js";
import { count, short, shortFromLog } from "./number.js";

/** @import { Pass } from "./pass.js" */
/** @import { Moment, Parameter } from "./types.js" */

/**
 * A piece of a sentence: words, the title in bold, a number with its exact value, a symbol.
 * @typedef {{ kind: "text" | "title", text: string }
 *   | { kind: "number", text: string, exact: string, gradient: boolean }
 *   | { kind: "symbol", base: string, sub: string }} Piece
 * @typedef {{ row: number, column: number, parameter: string, unit: number }} Chosen
 */

/** Below this cosine two vectors are called at right angles: 78 to 102 degrees. */
const ACROSS = 0.2;

/** @param {string} value @returns {Piece} */
const text = (value) => ({ kind: "text", text: value });
/** @param {number} value @returns {Piece} */
const number = (value) => ({
  kind: "number",
  text: short(value),
  exact: String(value),
  gradient: false,
});
/** @param {number} value @returns {Piece} */
const gradient = (value) => ({
  kind: "number",
  text: short(value),
  exact: String(value),
  gradient: true,
});
/** @param {number | null} log a norm as log10 @returns {Piece} */
const norm = (log) => {
  const value = log ?? Number.NaN;
  return { kind: "number", text: shortFromLog(value), exact: `10^${value}`, gradient: true };
};
/** @param {string} base @param {string | number} [sub] @returns {Piece} */
const symbol = (base, sub = "") => ({ kind: "symbol", base, sub: String(sub) });

/** A quantity's word, as it stands on the stage. @param {string} local @returns {string} */
export function word(local) {
  if (local === "h") return "hidden state";
  if (local === "a") return "pre-activation";
  if (local.endsWith(".a")) return `pre-activation of the ${word(local.slice(0, -2))}`;
  return local.replace(/\.part(\d+)$/, ", part $1").replaceAll("_", " ");
}

/** A quantity's symbol in running text. @param {string} local @param {number} t from 0 @returns {Piece} */
export function quantity(local, t) {
  const previous = local.endsWith("_prev");
  const stem = previous ? local.slice(0, -"_prev".length) : local;
  return symbol(stem.replace(/_(gate|state)$/, "").replace(/\.a$/, ""), previous ? t : t + 1);
}

/**
 * The sentence of a moment.
 * @param {Pass} pass @param {Moment} moment @param {Chosen} chosen
 * @returns {Piece[]}
 */
export function sentence(pass, moment, chosen) {
  return [
    { kind: "title", text: title(pass, moment) },
    ...BODIES[moment.kind](pass, moment, chosen),
  ];
}

/** A sentence as plain text. @param {Piece[]} pieces */
export function plain(pieces) {
  return pieces.map((p) => (p.kind === "symbol" ? p.base + p.sub : p.text)).join("");
}

/** @param {Pass} pass @param {Moment} moment */
function title(pass, { phase, t, layer, kind }) {
  const name = {
    forward: "Forward",
    loss: "Loss",
    backward: "Backward",
    sum: "Sum",
    update: "Update",
  };
  if (kind === "clip") return "Clipping. ";
  if (t === null) return `${name[phase]}. `;
  const where = layer !== null && pass.sizes.L > 1 ? `, layer ${layer + 1}` : "";
  return `${name[phase]}, step ${t + 1} of ${count(pass.sizes.T)}${where}. `;
}

/** @type {Record<string, (pass: Pass, moment: Moment, chosen: Chosen) => Piece[]>} */
const BODIES = {
  line: (pass, moment, chosen) =>
    moment.phase === "forward"
      ? forwardLine(pass, moment, chosen)
      : backwardLine(pass, moment, chosen),
  readout,
  loss,
  output,
  merge,
  share,
  handover,
  below,
  sum,
  clip,
  update,
};

/** @param {Pass} pass @param {Moment} moment */
function at(pass, moment) {
  const local = moment.line?.target ?? "";
  const t = moment.t ?? 0;
  return { local, t, name: traceName(local, moment.layer, pass.sizes.L) };
}

/** @param {ArrayLike<number> | null} vector */
export function length(vector) {
  return Math.hypot(...Array.from(vector ?? [], Number));
}

/** @param {Pass} pass @param {Moment} moment @param {Chosen} chosen @returns {Piece[]} */
function forwardLine(pass, moment, { unit }) {
  const { local, t, name } = at(pass, moment);
  const values = pass.value(name, t);
  if (!values) return [];
  const sources = read(moment.line?.tree ?? 0).filter(
    (source) => !pass.parameters.has(`layer0.${source}`),
  );
  return [
    text(`The ${word(local)} `),
    quantity(local, t),
    text(` is made from ${listed(sources.map(source))}. Unit ${unit + 1} of ${values.length} is `),
    number(values[unit]),
    text("."),
  ];
}

/** The vectors a line reads, each once. @param {import("./types.js").Tree} tree @returns {string[]} */
function read(tree) {
  if (typeof tree === "string") return [tree];
  if (typeof tree === "number") return [];
  const parts = ["@", "call"].includes(tree[0]) ? tree.slice(2) : tree.slice(1);
  return [...new Set(parts.flatMap(read))];
}

/** What a vector is called as a source. @param {string} local */
function source(local) {
  if (local === "x") return "the input";
  if (local.endsWith("_prev")) return `the ${word(local.slice(0, -"_prev".length))} before`;
  return `the ${word(local)}`;
}

/** @param {string[]} words */
function listed(words) {
  return new Intl.ListFormat("en").format(words);
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
function readout(pass, moment) {
  const { local, t, name } = at(pass, moment);
  const values = pass.value(name, t);
  if (!values) return [];
  const best = largest(values);
  if (local === "y_hat")
    return [text("As probabilities: "), ...guess(pass, best), number(values[best]), text(".")];
  return [
    text("The readout turns "),
    symbol("h", t + 1),
    text(` into ${values.length} numbers, one for each output. The largest is `),
    number(values[best]),
    text(`${called(pass, best)}.`),
  ];
}

/** @param {Pass} pass @param {number} place @returns {Piece[]} */
function guess(pass, place) {
  const symbols = pass.plan.columns.alphabet;
  return [
    text(
      symbols ? `${quoted(symbols[place])} is the likeliest, with ` : `output ${place + 1} has `,
    ),
  ];
}

/** @param {Pass} pass @param {number} place */
function called(pass, place) {
  const symbols = pass.plan.columns.alphabet;
  return symbols ? `, for ${quoted(symbols[place])}` : "";
}

/** A character as it is read. @param {string} character */
export function quoted(character) {
  return `“${visible(character)}”`;
}

/** A character that can be seen. @param {string} character */
export function visible(character) {
  const signs = /** @type {Record<string, string>} */ ({
    " ": "␣",
    "\n": "⏎",
    "\t": "⇥",
    "\r": "␍",
  });
  return signs[character] ?? character;
}

/** @param {ArrayLike<number>} values */
export function largest(values) {
  return Array.from(values).reduce(
    (best, value, place, all) => (value > all[best] ? place : best),
    0,
  );
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
function loss(pass, moment) {
  const { t } = at(pass, moment);
  const [price, predicted, target] = [pass.loss(t), pass.value("y_hat", t), pass.target(t)];
  const { alphabet, input } = pass.plan.columns;
  if (price === null || !predicted) return [];
  if (!alphabet || !input || target === null)
    return [text("The prediction costs "), number(price), text(".")];
  const best = largest(predicted);
  const other = best === target ? "" : `, less than to ${quoted(alphabet[best])}`;
  return [
    text(
      `It reads ${quoted(input[t])} and gives the true next character, ${quoted(alphabet[target])}, the probability `,
    ),
    number(predicted[target]),
    text(`${other}. The loss is its negative logarithm: `),
    number(price),
    text("."),
  ];
}

/** @param {Pass} pass @returns {Piece[]} */
function output(pass) {
  const { T, B } = pass.sizes;
  const counted = pass.plan.spec.loss_at === "last_step" ? B : T * B;
  const sizes = Array.from({ length: T }, (_, t) => length(pass.value("grad.o", t)));
  const worst = largest(sizes);
  return [
    text("The gradient at every output is known at once: prediction minus truth, divided by "),
    text(`${count(counted)}. It is largest at step ${worst + 1}: norm `),
    gradient(sizes[worst]),
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
function merge(pass, moment) {
  const { local, t, name } = at(pass, moment);
  const state = local.slice("grad.".length);
  const [above, future, sum] = [`${name}.from_above`, `${name}.from_future`, name].map((n) =>
    pass.logNorm(n, t),
  );
  const start = [text("The gradient of "), quantity(state, t), text(" is what ")];
  const sender = text(`${sourceOf(pass, moment, state)} sends (`);
  if (t === pass.sizes.T - 1)
    return [
      ...start,
      sender,
      norm(above),
      text("), and nothing more: no step comes after this one."),
    ];
  return [
    ...start,
    sender,
    norm(above),
    text(`) plus what step ${t + 2} sends back (`),
    norm(future),
    text("). "),
    ...pull(pass, name, t),
    norm(sum),
    text("."),
  ];
}

/** Whose gradient comes from above. @param {Pass} pass @param {Moment} moment @param {string} state */
export function sourceOf(pass, moment, state) {
  if (state !== "h") return "this step’s hidden state";
  return moment.layer === pass.sizes.L - 1 ? "its own loss" : "the layer above";
}

/** Whether the two arrivals pull together, from their cosine. @param {Pass} pass @param {string} name @param {number} t */
function pull(pass, name, t) {
  const above = pass.value(`${name}.from_above`, t);
  const future = pass.value(`${name}.from_future`, t);
  const cosine = cosineOf(above, future);
  const sum = pass.logNorm(name, t) ?? 0;
  const longest = Math.max(
    pass.logNorm(`${name}.from_above`, t) ?? 0,
    pass.logNorm(`${name}.from_future`, t) ?? 0,
  );
  if (Number.isNaN(cosine)) return [text("The sum is ")];
  if (Math.abs(cosine) < ACROSS) return [text("They are almost at right angles; the sum is ")];
  const [way, change] = cosine > 0 ? ["together", sum > longest] : ["apart", sum < longest];
  const effect = change
    ? `, so the sum is ${cosine > 0 ? "longer" : "shorter"}: `
    : "; the sum is ";
  return [text(`They pull ${way}${effect}`)];
}

/** @param {ArrayLike<number> | null} a @param {ArrayLike<number> | null} b */
export function cosineOf(a, b) {
  const [left, right] = [a, b].map((vector) => Array.from(vector ?? [], Number));
  const scale = length(left) * length(right);
  return scale === 0
    ? Number.NaN
    : left.reduce((sum, value, i) => sum + value * right[i], 0) / scale;
}

/** @param {Pass} pass @param {Moment} moment @param {Chosen} chosen @returns {Piece[]} */
function backwardLine(pass, moment, { unit }) {
  const { local, t, name } = at(pass, moment);
  const reached = local.slice("grad.".length);
  const values = pass.value(name, t);
  if (!values) return [];
  return [
    text(`The gradient reaches the ${word(reached)}: norm `),
    norm(pass.logNorm(name, t)),
    text(`. Unit ${unit + 1} gets `),
    gradient(values[unit]),
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
function share(pass, moment) {
  const { local, t } = at(pass, moment);
  const own = local.slice("grad.".length);
  const name = `layer${moment.layer}.${own}`;
  const parameter = /** @type {Parameter} */ (pass.parameters.get(name));
  const total = norm(pass.logNorm(`contribution.${name}`, t));
  if (parameter.role !== "matrix" || !parameter.input)
    return [
      symbol(own),
      text(` takes its share of step ${t + 1}: the gradient where it is added, norm `),
      total,
      text("."),
    ];
  const delta = pass.steps.get(`factor.${name}.delta`)?.[t];
  const z = pass.steps.get(`factor.${name}.z`)?.[t];
  return [
    symbol(own),
    text(` takes its share of step ${t + 1}: the gradient where it acts (norm `),
    gradient(length(/** @type {Float64Array} */ (delta?.data ?? null))),
    text(") times what it was given (norm "),
    number(length(/** @type {Float64Array} */ (z?.data ?? null))),
    text("), every unit with every input. Norm "),
    total,
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
function handover(pass, moment) {
  const { local, t } = at(pass, moment);
  const state = local.slice("grad.".length, -"_prev".length);
  const name = `grad.layer${moment.layer}.${state}`;
  if (t === 0) {
    const rest = pass.whole.get(`${name}.initial`);
    return [
      text("Step 1 is the first: what is left, norm "),
      gradient(length(/** @type {Float64Array} */ (rest?.data ?? null))),
      text(`, would belong to the ${word(state)} before it.`),
    ];
  }
  const [had, sent] = [pass.logNorm(name, t), pass.logNorm(`${name}.from_future`, t - 1)];
  return [
    text(`Step ${t + 1} hands back to step ${t} a gradient of norm `),
    norm(sent),
    text(": "),
    gradient(10 ** ((sent ?? 0) - (had ?? 0))),
    text(" times what it had itself."),
  ];
}

/** @param {Pass} pass @param {Moment} moment @returns {Piece[]} */
function below(pass, moment) {
  const { t, name } = at(pass, moment);
  return [
    text(`To layer ${moment.layer} below it sends, for `),
    symbol("h", t + 1),
    text(", a gradient of norm "),
    norm(pass.logNorm(name, t)),
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} _ @param {Chosen} chosen @returns {Piece[]} */
function sum(pass, _, { parameter }) {
  const total = length(/** @type {Float64Array} */ (pass.gradient(parameter)?.data ?? null));
  const { T } = pass.sizes;
  const norms = Array.from(
    { length: T },
    (_value, t) => pass.norm(`contribution.${parameter}`, t) ?? 0,
  );
  const apart = norms.reduce((all, one) => all + one, 0);
  return [
    text(`The ${count(T)} shares of `),
    symbol(shortName(parameter)),
    text(" add up to its gradient, norm "),
    gradient(total),
    text(". Laid end to end they would measure "),
    gradient(apart),
    text(total < apart * 0.999 ? ": where they pull apart they cancel." : "."),
  ];
}

/** A parameter without its layer. @param {string} parameter */
export function shortName(parameter) {
  return parameter.replace(/^layer\d+\./, "");
}

/** A parameter with its layer where there are several. @param {Pass} pass @param {string} name */
export function parameterTitle(pass, name) {
  const layer = /^layer(\d+)\./.exec(name)?.[1];
  return pass.sizes.L > 1 && layer !== undefined
    ? `${shortName(name)}, layer ${Number(layer) + 1}`
    : shortName(name);
}

/** @param {Pass} pass @returns {Piece[]} */
function clip(pass) {
  const limit = pass.plan.spec.clip_norm ?? Number.NaN;
  const start = [text("All gradients together have norm "), gradient(pass.gradNorm)];
  if (pass.clipScale === 1)
    return [...start, text(", within the limit of "), number(limit), text(": nothing is clipped.")];
  return [
    ...start,
    text(", more than the limit of "),
    number(limit),
    text(": all are multiplied by "),
    number(pass.clipScale),
    text("."),
  ];
}

/** @param {Pass} pass @param {Moment} _ @param {Chosen} chosen @returns {Piece[]} */
function update(pass, _, { parameter, row, column }) {
  const [rows, columns = 1] = pass.parameters.get(parameter)?.shape ?? [1];
  const place = row * columns + column;
  const read = (/** @type {import("./types.js").Tensor | null} */ tensor) =>
    Number(tensor?.data[place] ?? Number.NaN);
  const rate = pass.plan.spec.optimizer.learning_rate;
  const where = columns > 1 || rows === 1 ? `${row + 1},${column + 1}` : `${row + 1}`;
  return [
    symbol(shortName(parameter), where),
    text(": "),
    {
      ...number(read(pass.parameter(parameter))),
      text: short(read(pass.parameter(parameter)), { digits: 5 }),
    },
    text(` − ${short(rate)}${pass.clipScale === 1 ? "" : ` × ${short(pass.clipScale)}`} × `),
    gradient(read(pass.gradient(parameter))),
    text(" = "),
    {
      ...number(read(pass.updated(parameter))),
      text: short(read(pass.updated(parameter)), { digits: 5 }),
    },
    text(". So with every weight, once, after the whole sequence."),
  ].map((piece) => /** @type {Piece} */ (piece));
}
