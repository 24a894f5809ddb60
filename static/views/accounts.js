/** What a parameter gets, in maps: one step's share of its gradient, and the sum of all. */

import { traceName } from "../names.js";
import { full } from "../number.js";
import { length } from "../vector.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { shortName } from "../words.js";
import { former } from "./arrival.js";
import { factorsOf } from "./operands.js";
import { gradientSymbol, normWord, operand, piecesOf, signOf } from "./pictorial.js";
import { BARS, bars, extent, gradientMap, largestOf } from "./strips.js";

/** @import { Pass } from "../pass.js" */
/** @import { Timeline } from "../timeline.js" */
/** @import { Moment, Selection } from "../types.js" */
/** @import { Scale } from "./pictorial.js" */
/** @import { Values } from "./strips.js" */
/** What an account is of. @typedef {{ now: Pass, line: Timeline, at: Moment, selected: Selection }} Account */

/** Up to so many steps each has a map in the sum; of more only the first of the way back and the last. */
const FEW = 16;
const ENDS = 3;
/** A sum of more numbers than this, over all steps, is not drawn as it fills. */
const MOST = 60_000;

/** The sums of each pass that were made last, by parameter. @type {WeakMap<Pass, Map<string, { from: number, data: Float64Array }>>} */
const sums = new WeakMap();

/** The sum of a parameter's shares from the last step back to `from`; null where one is not here. @param {Pass} now @param {string} name @param {number} from */
function sumFrom(now, name, from) {
  const known = sums.get(now) ?? new Map();
  sums.set(now, known);
  const last = known.get(name);
  const goesOn = last !== undefined && last.from >= from;
  const data = goesOn ? last.data.slice() : new Float64Array(count(now, name));
  for (let t = goesOn ? last.from - 1 : now.sizes.T - 1; t >= from; t--) {
    const share = now.shares(name, t);
    if (!share) return null;
    for (let i = 0; i < data.length; i++) data[i] += share[i];
  }
  known.set(name, { from, data });
  return data;
}

/** @param {Pass} now @param {string} name */
function count(now, name) {
  return now.shapeOf(name).reduce((all, one) => all * one, 1);
}

/** A parameter's gradients as a picture: bars where it is a vector, else a map. @param {Pass} now @param {string} name @param {Values} values @param {number} most @param {Scale} scale */
export function gradients(now, name, values, most, scale) {
  const [rows, columns] = now.shapeOf(name);
  const [high, look] = [extent(rows, scale), { theme: scale.theme, most }];
  if (columns === undefined) return bars(values, BARS * scale.wide, high, look);
  return gradientMap(values, rows, columns, extent(columns, scale), high, look);
}

/** @param {number[] | Values} of */
const norm = (of) => length(/** @type {number[]} */ (of));

/** A step's share: delta and z beside each other, their product, and the sum it goes to. @param {Account} account @param {Scale} scale */
export function share({ now, line, at }, scale) {
  const [t, local] = [at.t ?? 0, (at.line?.target ?? "").slice("grad.".length)];
  const name = traceName(local, at.layer, now.sizes.L);
  const made = now.shares(name, t);
  const sum = at.index >= line.earned(`share.${name}`, t) ? sumFrom(now, name, t) : null;
  if (!made || !sum) return null;
  const most = now.shared ? largestOf(made, sum) : largestOf(made);
  const canvas = gradients(now, name, made, most, scale);
  canvas.dataset.flies = "";
  // Of several sequences the first is set out, and the share is the sum over all.
  const others = now.sizes.B - 1;
  const head = gradientSymbol(local, now.ownStep(at), now.shared ? String(t + 1) : "");
  return html`${normWord()}${piecesOf(factorsOf(now, at), scale)}${signOf(others > 0 ? `+ ${others} more =` : "=")}
    ${operand({ name: `grad.${local}`, lit: null, head, canvas, size: norm(made), gradient: true })}
    ${now.shared ? [signOf("→"), soFar(now, name, t, sum, most, scale)] : nothing}`;
}

/** @param {Pass} now @param {string} name @param {number} t @param {Float64Array} sum @param {number} most @param {Scale} scale */
function soFar(now, name, t, sum, most, scale) {
  const { T } = now.sizes;
  const canvas = gradients(now, name, sum, most, scale);
  canvas.dataset.gathers = "";
  former.set(canvas, () => [gradients(now, name, without(now, name, t, sum), most, scale)]);
  const steps = t === T - 1 ? `step ${T}` : `steps ${T} to ${t + 1}`;
  const head = html`<span class="words">sum so far<br />${steps}</span>`;
  return operand({
    name: "sum",
    lit: { name, t: null, unit: null },
    head,
    canvas,
    size: norm(sum),
    gradient: true,
  });
}

/** The sum before step t gave its share. @param {Pass} now @param {string} name @param {number} t @param {Float64Array} sum */
function without(now, name, t, sum) {
  if (t === now.sizes.T - 1) return sum.map(() => 0);
  const share = now.shares(name, t);
  return sum.map((value, i) => value - (share?.[i] ?? 0));
}

/** The shares of every step, and the gradient they add up to. @param {Account} account @param {Scale} scale */
export function sum({ now, at, selected }, scale) {
  const name = selected.parameter;
  const step = now.ownStep(at);
  const whole = now.gradient(name, step)?.data;
  const steps = step === null ? stepsOf(now.sizes.T) : [step];
  const shares = steps.map((t) => (t === null ? null : now.shares(name, t)));
  if (!whole || steps.some((t, i) => t !== null && !shares[i])) return null;
  const most = largestOf(whole, ...shares.filter((one) => one !== null));
  const small = {
    ...scale,
    unit: scale.unit * 0.6,
    longest: scale.longest * 0.36,
    wide: scale.wide * 0.6,
  };
  const head = gradientSymbol(shortName(name), step);
  const canvas = gradients(now, name, whole, most, scale);
  canvas.dataset.gathers = "";
  if (step === null && steps.length * whole.length <= MOST)
    former.set(canvas, () => filling(now, name, most, scale));
  const total = {
    name: `grad.${shortName(name)}`,
    lit: { name, t: null, unit: null },
    head,
    canvas,
  };
  return html`${normWord()}${steps.map((t, i) => addend(now, name, t, shares[i], most, small, i))}
    ${signOf("=")}${operand({ ...total, size: norm(whole), gradient: true })}`;
}

/** The sum before each step's share came. @param {Pass} now @param {string} name @param {number} most @param {Scale} scale */
function filling(now, name, most, scale) {
  const sum = new Float64Array(count(now, name));
  return stepsOf(now.sizes.T).map((t) => {
    const before = gradients(now, name, sum, most, scale);
    const share = t === null ? null : now.shares(name, t);
    for (let i = 0; i < sum.length; i++) sum[i] += share?.[i] ?? 0;
    return before;
  });
}

/** The steps from the last back; null for those between that have no room. @param {number} T @returns {(number | null)[]} */
function stepsOf(T) {
  const all = Array.from({ length: T }, (_, i) => T - 1 - i);
  return T <= FEW ? all : [...all.slice(0, ENDS), null, ...all.slice(-ENDS)];
}

/** @param {Pass} now @param {string} name @param {number | null} t @param {Values | null} share @param {number} most @param {Scale} small @param {number} place */
function addend(now, name, t, share, most, small, place) {
  const plus =
    place > 0 ? html`<span class="piece sign thin"><span></span><span>+</span></span>` : nothing;
  if (t === null || !share) return html`${plus}${signOf(`${now.sizes.T - 2 * ENDS} more`)}`;
  const canvas = gradients(now, name, share, most, small);
  canvas.dataset.flies = "";
  const size = now.norm(`contribution.${name}`, t) ?? norm(share);
  canvas.title = `step ${t + 1}: norm ${full(size)}`;
  return html`${plus}<span class="piece operand addend" data-name="share" data-step=${t + 1}>
    <span class="symbol words">${t + 1}</span><span class="values">${canvas}</span><span class="size"></span></span>`;
}
