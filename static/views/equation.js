/** The equation of the moment, typeset, and under it the numbers that went through it, unit by unit. */

import { drawn, showCurrent, sized } from "../drawing.js";
import { traceName } from "../names.js";
import { latex, parameter, symbol, treeLatex, typeset, typesetAll, written } from "../notation.js";
import { count, full, short } from "../number.js";
import { moment } from "../playhead.js";
import { chosen, pass, selection, zoom } from "../store.js";
import { largest, length } from "../vector.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { parameterTitle, sourceOf, visible, word } from "../words.js";

/** @import { Pass, Vector } from "../pass.js" */
/** @import { Moment, Tree } from "../types.js" */
/** A vector of the table: `label` says what it is, `tex` writes it. @typedef {{ tex?: string, label: string, values: Vector, strong?: boolean, share?: boolean }} Entry `share`: between 0 and 1, which needs no sign */

/** How wide a number with its sign and three digits is, and the name of a row; in ems. */
const COLUMN = 4.6;
const NAMES = 8.5;
const room = signal(600);

/** @param {HTMLElement} element */
export function mount(element) {
  render(
    html`<header class="card-head"><h2>Equation</h2><span class="of-what"></span></header>
      <div class="equation" role="img"></div>
      <div class="vectors"></div>`,
    element,
  );
  sized(
    /** @type {Element} */ (element.querySelector(".vectors")),
    (width) => (room.value = width),
  );
  drawn(
    () => {
      pass.value?.arrived.value;
      return { now: pass.value, at: moment.value, selected: chosen.value, most: columns(element) };
    },
    (state) => draw(element, state),
  );
}

/** How many units there is room for. @param {HTMLElement} element */
function columns(element) {
  const em = Number.parseFloat(getComputedStyle(element).getPropertyValue("--digits")) * zoom.value;
  return Math.max(3, Math.floor((room.value / em - NAMES) / COLUMN) - 1);
}

/** @typedef {{ now: Pass | null, at: Moment | null, selected: typeof chosen.value, most: number }} State */

/** @param {HTMLElement} element @param {State} state */
function draw(element, { now, at, selected, most }) {
  if (!now || !at) return;
  const equation = /** @type {HTMLElement} */ (element.querySelector(".equation"));
  const tex = source(now, at, selected.parameter);
  typeset(equation, tex, true);
  equation.classList.toggle("long", tex.includes("{aligned}"));
  equation.setAttribute("aria-label", at.line?.text ?? at.kind);
  const of = /** @type {HTMLElement} */ (element.querySelector(".of-what"));
  of.textContent = at.layer !== null && now.sizes.L > 1 ? `layer ${at.layer + 1}` : "";
  const table = /** @type {HTMLElement} */ (element.querySelector(".vectors"));
  for (let fit = most; ; fit--) {
    render(
      at.phase === "sum" || at.phase === "update"
        ? totals(now, at, selected.parameter)
        : vectors(now, at, selected.unit, fit),
      table,
    );
    typesetAll(table);
    if (fit <= 2 || table.scrollWidth <= table.clientWidth) break;
  }
  showCurrent(table);
}

/** @param {Pass} now @param {Moment} at @param {string} name */
function source(now, at, name) {
  const w = parameter(name);
  const gradient = `\\frac{\\partial L}{\\partial ${w}}`;
  if (at.kind === "sum")
    return `${gradient} = \\sum_{t=1}^{${now.sizes.T}} \\left.${gradient}\\right|_{t}`;
  if (at.kind === "clip")
    return `\\mathbf{g} \\leftarrow ${now.clipScale === 1 ? "" : `\\frac{${short(now.plan.spec.clip_norm ?? 1)}}{\\lVert \\mathbf{g} \\rVert}\\,`}\\mathbf{g}`;
  if (at.kind === "update")
    return `${w} \\leftarrow ${w} - ${now.plan.spec.optimizer.learning_rate} \\, ${gradient}`;
  if (!at.line) return "";
  const parameters = new Set(now.plan.parameters.map((one) => one.name.replace(/^layer\d+\./, "")));
  if (at.kind === "merge") return mergeSource(now, at, parameters);
  return latex(at.line, { t: at.t, parameters });
}

/** The two arrivals, each by where it comes from, and in full where that is one product. @param {Pass} now @param {Moment} at @param {Set<string>} parameters */
function mergeSource(now, at, parameters) {
  const [t, state] = [at.t ?? 0, (at.line?.target ?? "").slice("grad.".length)];
  const back = now.plan.equations.backward.find((line) => line.target === `grad.${state}_prev`);
  const gradient = `\\frac{\\partial L}{\\partial ${symbol(state, t)}}`;
  const top = state === "h" && at.layer === now.sizes.L - 1;
  const above = top ? `V^{\\top} \\frac{\\partial L}{\\partial o_{${t + 1}}}` : null;
  const single = back && Array.isArray(back.tree) && back.tree[0] === "@T";
  const future = single ? treeLatex(back.tree, { t: t + 1, parameters }) : null;
  const arrivals = [arrival(gradient, above, sourceOf(now, at, state))];
  if (t + 1 < now.sizes.T) arrivals.push(arrival(gradient, future, `step ${t + 2}`));
  return `${gradient} = ${arrivals.join(" + ")}`;
}

/** One of the two: the product it is, or else that part of the gradient which comes from there. @param {string} gradient @param {string | null} product @param {string} from */
function arrival(gradient, product, from) {
  return product
    ? `\\underbrace{${product}}_{\\text{${from}}}`
    : `\\left.${gradient}\\right|_{\\text{from ${from}}}`;
}

/** Every parameter at the sum, or at the update; a click chooses one. @param {Pass} now @param {Moment} at @param {string} parameterName the chosen one */
function totals(now, at, parameterName) {
  const heads =
    at.phase === "sum" ? ["shares end to end", "gradient"] : ["before", "change", "after"];
  return html`<table class="numbers">
    <thead>
      <tr><th scope="col">norm of</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr>
    </thead>
    <tbody>
      ${now.plan.parameters.map(
        ({ name }) => html`<tr class=${name === parameterName ? "current" : ""}>
          <th scope="row"><button class="unit" title="choose ${parameterTitle(now, name)}" @click=${() => choose(name)}>${parameterTitle(now, name)}</button></th>
          ${(at.phase === "sum" ? sumNorms : updateNorms)(now, name).map((norm) => html`<td title=${full(norm)}>${short(norm)}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {string} name */
function choose(name) {
  selection.value = { ...selection.peek(), ...chosen.peek(), parameter: name };
}

/** @param {Pass} now @param {string} name */
function sumNorms(now, name) {
  const shares = Array.from(
    { length: now.sizes.T },
    (_, t) => now.norm(`contribution.${name}`, t) ?? 0,
  );
  return [shares.reduce((sum, norm) => sum + norm, 0), length(dataOf(now.gradient(name)))];
}

/** @param {Pass} now @param {string} name */
function updateNorms(now, name) {
  const [before, after] = [dataOf(now.parameter(name)), dataOf(now.updated(name))];
  return [length(before), length(after.map((value, i) => value - before[i])), length(after)];
}

/** @param {import("../types.js").Tensor | null} tensor */
function dataOf(tensor) {
  return Array.from(tensor?.data ?? [], Number);
}

/** @param {Pass} now @param {Moment} at @param {number} unit @param {number} most */
function vectors(now, at, unit, most) {
  const rows = entries(now, at).filter((row) => row.values);
  if (rows.length === 0) return nothing;
  const longest = Math.max(...rows.map((row) => row.values.length));
  const symbols = overSymbols(now, at);
  const marked = symbols ? (now.target(symbols.t) ?? 0) : unit;
  const first = Math.max(0, Math.min(marked - Math.floor(most / 2), longest - most));
  const units = Array.from({ length: Math.min(most, longest) }, (_, i) => first + i);
  const last = units.at(-1) ?? 0;
  return html`<table class="numbers">
    <thead>
      <tr>
        <td class="folded">${longest > most ? `${first + 1} to ${last + 1} of ${count(longest)}` : nothing}</td>
        ${units.map((i) => html`<th scope="col" class=${i === marked ? "pinned" : ""}>${symbols ? visible(symbols.alphabet[i]) : unitButton(i)}</th>`)}
        <th scope="col" class="norm-column">norm</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => line(row, units, marked))}
    </tbody>
  </table>
`;
}

/** @param {number} unit */
function unitButton(unit) {
  const pin = () => (selection.value = { ...selection.peek(), unit });
  return html`<button class="unit" title="pin unit ${unit + 1}" @click=${pin}>${unit + 1}</button>`;
}

/** The alphabet and the timestep, where the vectors have a number for every symbol of it. @param {Pass} now @param {Moment} at */
function overSymbols(now, at) {
  const { alphabet } = now.plan.columns;
  if (!alphabet || !["y_hat", "loss", "grad.o"].includes(at.line?.target ?? "")) return null;
  return { alphabet, t: at.t ?? worstStep(now) };
}

/** @param {Entry} row @param {number[]} units @param {number} unit */
function line({ tex, label, values, strong, share }, units, unit) {
  const cell = (/** @type {number} */ i) =>
    i < values.length
      ? html`<td class=${i === unit ? "pinned" : ""} title=${full(values[i])}>${short(values[i], { signed: !share })}</td>`
      : html`<td></td>`;
  return html`<tr class=${strong ? "strong" : ""}>
    <th scope="row">${tex ? written(tex, label) : label}</th>
    ${units.map(cell)}
    <td class="norm-column" title=${full(length(values))}>${short(length(values))}</td>
  </tr>`;
}

/** What goes into the moment's line, and what comes of it. @param {Pass} now @param {Moment} at @returns {Entry[]} */
function entries(now, at) {
  if (at.kind === "output") return worst(now);
  if (!at.line || at.t === null) return [];
  if (at.kind === "merge") return merged(now, at);
  const locals = [...namesIn(at.line.tree), ...inside(now, at)];
  const read = [...new Set(locals)].map((local) => entry(now, at, local));
  const made = at.kind === "share" ? [] : [{ ...entry(now, at, at.line.target), strong: true }];
  return [...read, ...made].filter((row) => row.values?.length > 1 || now.sizes.H === 1);
}

/** The step where the gradient at the output is largest. @param {Pass} now */
function worstStep(now) {
  return largest(Array.from({ length: now.sizes.T }, (_, t) => length(now.value("grad.o", t))));
}

/** Prediction, truth and gradient there. @param {Pass} now @returns {Entry[]} */
function worst(now) {
  const t = worstStep(now);
  const [predicted, target] = [now.value("y_hat", t), now.target(t)];
  if (!predicted || target === null) return [];
  const truth = Float64Array.from(predicted, (_, i) => Number(i === target));
  return [
    { tex: symbol("y_hat", t), label: "prediction", values: predicted, share: true },
    { tex: symbol("y", t), label: "truth", values: truth, share: true },
    {
      tex: `\\partial L / \\partial ${symbol("o", t)}`,
      label: "gradient of the output",
      values: /** @type {Vector} */ (now.value("grad.o", t)),
      strong: true,
    },
  ];
}

/** @param {Pass} now @param {Moment} at @returns {Entry[]} */
function merged(now, at) {
  const local = at.line?.target ?? "";
  const t = at.t ?? 0;
  const future = t + 1 < now.sizes.T ? `from step ${t + 2}` : "from beyond the end";
  return [
    {
      ...entry(now, at, `${local}.from_above`),
      tex: undefined,
      label: `from ${sourceOf(now, at, local.slice(5))}`,
    },
    { ...entry(now, at, `${local}.from_future`), tex: undefined, label: future },
    { ...entry(now, at, local), tex: undefined, label: "sum", strong: true },
  ];
}

/** @param {Pass} now @param {Moment} at @param {string} local @returns {Entry} */
function entry(now, at, local) {
  const name = traceName(local, at.layer, now.sizes.L);
  const t = at.t ?? 0;
  const values = /** @type {Vector} */ (handed(now, at, local) ?? now.value(name, t));
  const grad = local.startsWith("grad.");
  const tex = grad ? `\\partial L / \\partial ${symbol(local.slice(5), t)}` : symbol(local, t);
  const label = grad ? `gradient of the ${word(local.slice(5))}` : word(local);
  return { tex, label, values, share: local === "y_hat" && now.plan.spec.readout === "softmax" };
}

/** What is handed back lies with the step before. @param {Pass} now @param {Moment} at @param {string} local */
function handed(now, at, local) {
  if (!local.startsWith("grad.") || !local.endsWith("_prev")) return null;
  const name = `grad.layer${at.layer}.${local.slice("grad.".length, -"_prev".length)}`;
  if (at.t === 0)
    return /** @type {Vector | undefined} */ (now.whole.get(`${name}.initial`)?.data) ?? null;
  return now.value(`${name}.from_future`, (at.t ?? 0) - 1);
}

/** The names of vectors in a tree; matrices are not among them. @param {Tree} tree @returns {string[]} */
function namesIn(tree) {
  if (typeof tree === "string") return [tree];
  if (typeof tree === "number") return [];
  const [operator, ...parts] = tree;
  const vectorsOnly =
    operator === "@" || operator === "@T" || operator === "call" || operator === "slope"
      ? parts.slice(1)
      : parts;
  return vectorsOnly.flatMap(namesIn);
}

/** The pre-activation of a forward line, which has a name of its own. @param {Pass} now @param {Moment} at */
function inside(now, at) {
  if (at.phase !== "forward" || !at.line) return [];
  const local = `${at.line.target}.a`;
  const known = now.steps.has(traceName(local, at.layer, now.sizes.L));
  const argument = Array.isArray(at.line.tree) ? at.line.tree[2] : null;
  return known && Array.isArray(argument) ? [local] : [];
}
