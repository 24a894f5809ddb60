/** The equation of the moment, typeset, and under it the numbers that went through it, unit by unit. */

import { drawn, sized } from "../drawing.js";
import { traceName } from "../names.js";
import { latex, parameter, symbol, treeLatex, typeset } from "../notation.js";
import { count, full, short } from "../number.js";
import { moment } from "../playhead.js";
import { chosen, pass, selection, zoom } from "../store.js";
import { largest, length } from "../vector.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { signal } from "../vendor/signals-core/signals-core.mjs";
import { parameterTitle, sourceOf } from "../words.js";

/** @import { Pass, Vector } from "../pass.js" */
/** @import { Moment, Tree } from "../types.js" */
/** A vector of the table: `tex` or `label` says what it is. @typedef {{ tex?: string, label?: string, values: Vector, strong?: boolean }} Entry */

/** How wide a number with its sign and three digits is, and the name of a row; in ems. */
const COLUMN = 5.1;
const NAMES = 8.5;
const room = signal(600);

/** @param {HTMLElement} element */
export function mount(element) {
  render(
    html`<header class="card-head"><h2>Equation</h2><span class="of-what"></span></header>
      <div class="equation"></div>
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
  typeset(equation, source(now, at, selected.parameter), true);
  equation.setAttribute("aria-label", at.line?.text ?? at.kind);
  const of = /** @type {HTMLElement} */ (element.querySelector(".of-what"));
  of.textContent = at.layer !== null && now.sizes.L > 1 ? `layer ${at.layer + 1}` : "";
  const table = /** @type {HTMLElement} */ (element.querySelector(".vectors"));
  for (let fit = most; ; fit--) {
    render(
      at.phase === "sum" || at.phase === "update"
        ? totals(now, at)
        : vectors(now, at, selected.unit, fit),
      table,
    );
    if (fit <= 2 || table.scrollWidth <= table.clientWidth) break;
  }
  for (const label of table.querySelectorAll("[data-tex]")) {
    const target = /** @type {HTMLElement} */ (label);
    typeset(target, target.dataset.tex ?? "");
  }
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
    return `${w} \\leftarrow ${w} - ${short(now.plan.spec.optimizer.learning_rate)} \\, ${gradient}`;
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
  const above = top ? `V^{\\top} \\frac{\\partial L}{\\partial o_{${t + 1}}}` : gradient;
  const single = back && Array.isArray(back.tree) && back.tree[0] === "@T";
  const future = single ? treeLatex(back.tree, { t: t + 1, parameters }) : gradient;
  const from = sourceOf(now, at, state);
  const later = t + 1 < now.sizes.T ? ` + \\underbrace{${future}}_{\\text{step ${t + 2}}}` : "";
  return `${gradient} = \\underbrace{${above}}_{\\text{${from}}}${later}`;
}

/** Every parameter at the sum, or at the update. @param {Pass} now @param {Moment} at */
function totals(now, at) {
  const heads =
    at.phase === "sum" ? ["shares end to end", "gradient"] : ["before", "change", "after"];
  return html`<table class="numbers">
    <thead>
      <tr><th>norm of</th>${heads.map((head) => html`<th>${head}</th>`)}</tr>
    </thead>
    <tbody>
      ${now.plan.parameters.map(
        ({ name }) => html`<tr>
          <th scope="row">${parameterTitle(now, name)}</th>
          ${(at.phase === "sum" ? sumNorms : updateNorms)(now, name).map((norm) => html`<td title=${full(norm)}>${short(norm)}</td>`)}
        </tr>`,
      )}
    </tbody>
  </table>`;
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
  const first = Math.max(0, Math.min(unit - Math.floor(most / 2), longest - most));
  const units = Array.from({ length: Math.min(most, longest) }, (_, i) => first + i);
  const names = headings(now, at, units);
  return html`<table class="numbers">
    <thead>
      <tr>
        <th class="folded">${longest > most ? `of ${count(longest)} units` : nothing}</th>
        ${units.map((i) => html`<th class=${i === unit ? "pinned" : ""}><button class="unit" title="pin unit ${i + 1}" @click=${() => pin(i)}>${names[i - first]}</button></th>`)}
        <th class="norm-column">norm</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => line(row, units, unit))}
    </tbody>
  </table>
`;
}

/** @param {number} unit */
function pin(unit) {
  selection.value = { ...selection.peek(), unit };
}

/** The columns' names: symbols where the vectors are over the alphabet, else numbers. @param {Pass} now @param {Moment} at @param {number[]} units */
function headings(now, at, units) {
  const { alphabet } = now.plan.columns;
  const symbols = alphabet && ["y_hat", "loss", "grad.o"].includes(at.line?.target ?? "");
  return units.map((i) => (symbols ? alphabet[i].replace(" ", "␣") : i + 1));
}

/** @param {Entry} row @param {number[]} units @param {number} unit */
function line({ tex, label, values, strong }, units, unit) {
  const cell = (/** @type {number} */ i) =>
    i < values.length
      ? html`<td class=${i === unit ? "pinned" : ""} title=${full(values[i])}>${short(values[i], { signed: true })}</td>`
      : html`<td></td>`;
  return html`<tr class=${strong ? "strong" : ""}>
    <th scope="row">${tex ? html`<span data-tex=${tex}></span>` : label}</th>
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

/** Prediction, truth and gradient at the step where the gradient is largest. @param {Pass} now @returns {Entry[]} */
function worst(now) {
  const sizes = Array.from({ length: now.sizes.T }, (_, i) => length(now.value("grad.o", i)));
  const t = largest(sizes);
  const [predicted, target] = [now.value("y_hat", t), now.target(t)];
  if (!predicted || target === null) return [];
  const truth = Float64Array.from(predicted, (_, i) => Number(i === target));
  return [
    { tex: symbol("y_hat", t), values: predicted },
    { tex: symbol("y", t), values: truth },
    {
      tex: `\\partial L / \\partial ${symbol("o", t)}`,
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
  return { tex, values };
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
