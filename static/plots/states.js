/** States and gates over time: a row a unit, a column a step; or how many of their units are saturated. */

import { counted, downwards } from "../figure.js";
import { short } from "../number.js";
import { SHARE_SCALE, VALUE_SCALE } from "../palette.js";
import { visible } from "../words.js";
import { firstOdd, odd } from "./odd.js";
import { offered, rowOf, wordOf } from "./rows.js";

/** @import { Axis, MapMark } from "../figure.js" */
/** @import { Pass } from "../pass.js" */
/** @import { Made, Source } from "./catalogue.js" */

/** A map of more cells than this shows one unit of every so many. */
const MOST = 100_000;
const SATURATION = "saturation";

/** @type {Made} */
export const states = {
  moves: false,
  tops: ({ pass, options }) => (options.of === SATURATION ? [] : [mostOf(pass, options)]),
  needs: ({ of }) => (of === SATURATION ? ["signals"] : []),
  choices: (pass) => [
    { name: "of", word: "of", choices: [...offered(pass), [SATURATION, "saturated units"]] },
    {
      name: "order",
      word: "sorted by",
      choices: [
        ["unit", "unit"],
        ["size", "size"],
        ["switching", "switching"],
        ["likeness", "likeness"],
      ],
    },
  ],
  figure: (source) => (isShares(source) ? sharesFigure(source) : valuesFigure(source)),
  reading,
  now: ({ moment, pass, options }) => {
    if (moment.t === null) return null;
    const rows =
      options.of === SATURATION ? Number.MAX_SAFE_INTEGER : unitsOf(pass, options).length;
    return { x: [moment.t + 0.5, moment.t + 1.5], y: [0.5, rows + 0.5] };
  },
  hit: (source, x, y) => (isShares(source) ? hitShare(source, x, y) : hitValue(source, x, y)),
  mark: ({ pass, options }, { name, t, unit }) => {
    if (name !== options.of || t === null) return null;
    const row = unitsOf(pass, options).indexOf(unit ?? 0);
    const units = unitsOf(pass, options).length;
    const y = /** @type {[number, number]} */ (
      unit === null ? [0.5, units + 0.5] : [row + 0.5, row + 1.5]
    );
    return row < 0 ? null : { x: [t + 0.5, t + 1.5], y };
  },
  table,
};

/** @param {Source} source */
function isShares({ options }) {
  return options.of === SATURATION;
}

/** @param {Source} source */
function valuesFigure({ pass, options, theme, room, tops }) {
  const row = rowOf(pass, options.of);
  const units = unitsOf(pass, options);
  const z = mapped(pass, options);
  const most = tops?.[0] ?? mostOf(pass, options);
  const map = mapOf(
    z.map((values) => values.map((value) => value / most)),
    VALUE_SCALE[theme],
    [-1, 1],
  );
  const x = counted(pass.sizes.T, room.wide / 3, "step");
  const y = downwards(
    counted(units.length, room.high / 1.3, "unit", (i) => nameOf(pass, row.name, units[i])),
  );
  return {
    marks: [map, ...odd(map, theme, (i, t) => pass.value(row.name, t) !== null && i >= 0)],
    x,
    y,
  };
}

/** @param {number[][]} z @param {MapMark["scale"]} scale @param {[number, number]} range @returns {MapMark} */
function mapOf(z, scale, range) {
  const x = (z[0] ?? []).map((_, t) => t + 1);
  return { kind: "map", x, y: z.map((_, i) => i + 1), z, scale, range };
}

/** What full colour stands for: 1 where values are bounded by it, else the largest there is. @param {Pass} pass @param {Record<string, string>} options */
function mostOf(pass, options) {
  return rowOf(pass, options.of).bounds ? 1 : largest(mapped(pass, options));
}

/** The values of the units that show. @param {Pass} pass @param {Record<string, string>} options */
function mapped(pass, options) {
  return unitsOf(pass, options).map((unit) => valuesOf(pass, options.of, unit));
}

/** @param {number[][]} z */
function largest(z) {
  let most = 0;
  for (const values of z)
    for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most || 1;
}

/** A unit of a row at every step, NaN where it is not here. @param {Pass} pass @param {string} name @param {number} unit */
function valuesOf(pass, name, unit) {
  return Array.from({ length: pass.sizes.T }, (_, t) =>
    Number(pass.value(name, t)?.[unit] ?? Number.NaN),
  );
}

/** The units that show, in their order. @type {WeakMap<Pass, Map<string, number[]>>} */
const orders = new WeakMap();

/** @param {Pass} pass @param {Record<string, string>} options */
function unitsOf(pass, { of, order }) {
  const known = orders.get(pass) ?? new Map();
  orders.set(pass, known);
  const key = [of, order, pass.complete].join();
  if (!known.has(key)) known.set(key, sorted(pass, of, order));
  return /** @type {number[]} */ (known.get(key));
}

/** @param {Pass} pass @param {string} name @param {string} order */
function sorted(pass, name, order) {
  const { size } = rowOf(pass, name);
  const every = Math.ceil((size * pass.sizes.T) / MOST);
  const units = Array.from({ length: size }, (_, unit) => unit).filter(
    (unit) => unit % every === 0,
  );
  const values = new Map(units.map((unit) => [unit, valuesOf(pass, name, unit)]));
  const of = (/** @type {number} */ unit) => values.get(unit) ?? [];
  if (order === "size") return by(units, (unit) => mean(of(unit).map(Math.abs)));
  if (order === "switching") return by(units, (unit) => mean(changes(of(unit))));
  return order === "likeness" ? chained(units, of) : units;
}

/** The largest first. @param {number[]} units @param {(unit: number) => number} measure */
function by(units, measure) {
  const sizes = new Map(units.map((unit) => [unit, measure(unit) || 0]));
  return units.toSorted((one, other) => (sizes.get(other) ?? 0) - (sizes.get(one) ?? 0));
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How far each value is from the one before. @param {number[]} values */
function changes(values) {
  return values.slice(1).map((value, i) => Math.abs(value - values[i]));
}

/** Each unit beside the one it goes up and down with: the nearest that is left, from unit 1 on. @param {number[]} units @param {(unit: number) => number[]} of */
function chained(units, of) {
  const directions = new Map(units.map((unit) => [unit, direction(of(unit))]));
  const left = new Set(units.slice(1));
  const chain = units.slice(0, 1);
  while (left.size > 0) {
    const here = directions.get(chain[chain.length - 1]) ?? [];
    const next = by([...left], (unit) => 2 + dot(here, directions.get(unit) ?? []))[0];
    chain.push(next);
    left.delete(next);
  }
  return chain;
}

/** What a unit does around its mean, of length 1. @param {number[]} values */
function direction(values) {
  const middle = mean(values);
  const apart = values.map((value) => value - middle);
  const length = Math.hypot(...apart);
  return length > 0 ? apart.map((value) => value / length) : apart;
}

/** @param {number[]} one @param {number[]} other */
function dot(one, other) {
  return one.reduce((sum, value, i) => sum + value * other[i], 0);
}

/** A unit's name: its number, or the symbol that it stands for. @param {Pass} pass @param {string} name @param {number} unit */
function nameOf(pass, name, unit) {
  const { alphabet } = pass.plan.columns;
  const symbols = rowOf(pass, name).layer === null && alphabet;
  return symbols ? visible(alphabet[unit] ?? "") : String(unit + 1);
}

/**
 * The lines whose saturation is told: where an activation has no bounds no unit is saturated, and the dead are told.
 * @param {Source} source @returns {{ name: string, quantity: string, word: string, shares: number[] }[]}
 */
function saturations({ pass, found }) {
  return pass.plan.rows.flatMap((row) => {
    const names = ["saturation", "dead"].map((what) => `${what}.${row.name}`);
    const quantity = names.find((one) => found(one) !== null);
    const shares = quantity && found(quantity)?.data;
    if (!quantity || !shares) return [];
    return [
      { name: row.name, quantity, word: wordOf(pass, row), shares: Array.from(shares, Number) },
    ];
  });
}

/** @param {string} quantity */
function isDead(quantity) {
  return quantity.startsWith("dead.");
}

/** That what is not finite is red, and from which step on it is. @param {Pass} pass @param {(t: number) => boolean} isOdd @param {string} word */
function redFrom({ sizes }, isOdd, word) {
  const told = firstOdd(sizes.T, isOdd, word);
  return told && `${told.slice(0, -1)}; it is drawn red.`;
}

/** @param {Source} source */
function sharesFigure(source) {
  const found = saturations(source);
  if (found.length === 0) return null;
  const { pass, theme, room } = source;
  const map = mapOf(
    found.map(({ shares }) => shares),
    SHARE_SCALE[theme],
    [0, 1],
  );
  /** @type {Axis} */
  const y = downwards(counted(found.length, room.high, "", (i) => found[i].word));
  const isThere = (/** @type {number} */ _, /** @type {number} */ t) => pass.status(t) !== "over";
  return {
    marks: [map, ...odd(map, theme, isThere)],
    x: counted(pass.sizes.T, room.wide / 3, "step"),
    y,
  };
}

/** @param {Source} source */
function reading(source) {
  const { pass, options } = source;
  if (isShares(source)) return readingOfShares(source);
  const row = rowOf(pass, options.of);
  const shown = unitsOf(pass, options).length;
  const part =
    shown < row.size ? ` Shown is one of every ${Math.ceil(row.size / shown)} units.` : "";
  const isOdd = (/** @type {number} */ t) =>
    (pass.value(row.name, t) ?? []).some((/** @type {number} */ value) => !Number.isFinite(value));
  return `A row a unit, a column a step: orange is −, blue +, full colour ${short(source.tops?.[0] ?? mostOf(pass, options))}. A row of one colour is a unit that stays.${part}${redFrom(pass, isOdd, wordOf(pass, row))}`;
}

/** @param {Source} source */
function readingOfShares(source) {
  const { pass, theme } = source;
  const all = saturations(source);
  const dead = all.filter(({ quantity }) => isDead(quantity)).map(({ word }) => word);
  const isOdd = (/** @type {number} */ t) =>
    pass.status(t) !== "over" && all.some(({ shares }) => !Number.isFinite(shares[t]));
  const told = dead.length
    ? ` Of the ${dead.join(" and the ")}, which has no such end, the units whose slope is exactly 0.`
    : "";
  return `Each cell: the share of units at the end of their activation’s range (beyond 97% of it), where the slope is near 0 and little gradient passes. ${theme === "dark" ? "Dark is none, bright" : "White is none, dark"} all.${told}${redFrom(pass, isOdd, "pass")}`;
}

/** @param {Source} source @param {number} x @param {number} y @returns {import("./catalogue.js").Hit | null} */
function hitValue({ pass, options }, x, y) {
  const t = Math.round(x) - 1;
  const place = Math.round(y) - 1;
  const unit = unitsOf(pass, options)[place];
  const value = pass.value(options.of, t)?.[unit];
  if (value === undefined) return null;
  const row = rowOf(pass, options.of);
  const which = row.layer === null ? `“${nameOf(pass, row.name, unit)}”` : `unit ${unit + 1}`;
  return {
    told: `${wordOf(pass, row)}, ${which}, step ${t + 1}`,
    value,
    region: { x: [t + 0.5, t + 1.5], y: [place + 0.5, place + 1.5] },
    t,
    lit: { name: options.of, t, unit },
  };
}

/** @param {Source} source @param {number} x @param {number} y @returns {import("./catalogue.js").Hit | null} */
function hitShare(source, x, y) {
  const t = Math.round(x) - 1;
  const found = saturations(source)[Math.round(y) - 1];
  if (!found || t < 0 || t >= source.pass.sizes.T) return null;
  const value = found.shares[t];
  return {
    told: `${found.word}, step ${t + 1}: ${short(100 * value)}% of the units ${isDead(found.quantity) ? "let nothing through" : "saturated"}`,
    value,
    region: { x: [t + 0.5, t + 1.5], y: [Math.round(y) - 0.5, Math.round(y) + 0.5] },
    t,
    lit: { name: found.name, t, unit: null },
  };
}

/** @param {Source} source */
function table(source) {
  const { pass, options } = source;
  const steps = Array.from({ length: pass.sizes.T }, (_, t) => t);
  if (isShares(source)) {
    const found = saturations(source);
    const head = ["step", ...found.map(({ quantity }) => quantity)];
    return {
      head,
      rows: steps.map((t) => [t + 1, ...found.map(({ shares }) => shares[t])]),
    };
  }
  const units = unitsOf(pass, options);
  const head = ["step", ...units.map((unit) => `${options.of}[${unit + 1}]`)];
  const rows = steps.map((t) => [
    t + 1,
    ...units.map((unit) => Number(pass.value(options.of, t)?.[unit] ?? Number.NaN)),
  ]);
  return { head, rows };
}
