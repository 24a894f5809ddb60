/** The line of the moment, large, with the numbers of one unit under its symbols. */

import { plainName } from "../letters.js";
import { written } from "../notation.js";
import { full } from "../number.js";
import { copies, pass } from "../store.js";
import { writtenNumber } from "../terms.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";

/** @import { Part, Term } from "../terms.js" */
/** @import { Formula } from "./formula.js" */

/** Fractions that reach lower than others: with something above a letter in them, or at their foot. */
const DEEP = /frac.*(\^|\\right\|_)/;
const HIGH = /\\d?frac|\\sum/;
/** More terms than this are set smaller: of high ones, and of others. */
const MANY = { high: 8, low: 13 };

/** The formula's rows; each breaks before a sign where it has no room. @param {Formula} formula */
export function current({ rows, of }) {
  return rows.map((row, i) => line(row, i === rows.length - 1 ? of : ""));
}

/** Whether a formula is set smaller: of several rows, or long. @param {Formula} formula */
export function isLong({ rows }) {
  return rows.length > 1 || rows.some((row) => row.length > MANY[isHigh(row) ? "high" : "low"]);
}

/** @param {Term[]} row */
function isHigh(row) {
  return row.some(({ parts }) => parts.some(({ tex }) => HIGH.test(tex)));
}

/** @param {Term[]} row @param {string} of */
function line(row, of) {
  const left = row.findIndex(({ relation }) => relation) + 1;
  const braced = row.some(({ brace }) => brace);
  const high = isHigh(row);
  const deep = row.some(({ parts }) => parts.some(({ tex }) => DEEP.test(tex)));
  return html`<div class="written ${high ? "high" : ""} ${deep ? "deep" : ""}">
    <span class="run">${row.slice(0, left).map((term, i) => column(term, row[i - 1], braced))}</span>
    <span class="side">
      ${groups(row, left).map((group) => html`<span class="run">${group.map((i) => column(row[i], row[i - 1], braced))}</span>`)}
      ${of ? html`<span class="of-unit">${of}</span>` : nothing}
    </span>
  </div>`;
}

/** The places of the terms that stay together, from `start` on. @param {Term[]} row @param {number} start */
function groups(row, start) {
  /** @type {number[][]} */
  const found = [[]];
  for (let i = start; i < row.length; i++) {
    if (row[i].breaks || row[i].note) found.push([]);
    found[found.length - 1].push(i);
  }
  return found;
}

/** A term with what stands under it. @param {Term} term @param {Term | undefined} before @param {boolean} braced whether any term of the row has a brace */
function column(term, before, braced) {
  const { parts, value, under, gradient, brace, note, bare } = term;
  const kind = note ? "note" : value !== undefined ? "" : bare ? "bare" : "sign";
  return html`<span class="term ${kind} ${gradient ? "gradient" : ""}">
    <span class="top">${parts.map(symbol)}</span>
    ${braced ? html`<span class="brace ${brace ? "" : "none"}">${brace ?? "\u200b"}</span>` : nothing}
    ${
      value === undefined
        ? html`<span class="live">${under ?? ""}</span>`
        : html`<span class="live" title=${full(value)}>${writtenNumber(term, before)}${under ?? ""}</span>`
    }
  </span>`;
}

/** @param {Part} part */
function symbol({ tex, name, t }) {
  const large = `\\displaystyle ${tex}`;
  if (!name) return html`<span data-tex=${large}></span>`;
  if (!pass.peek()?.parameters.has(name))
    return html`<span data-tex=${large} data-name=${name} data-t=${t ?? nothing}></span>`;
  const said = plainName(name);
  return html`<button class="parameter" data-name=${name} aria-pressed=${copies.peek() === name}
    title="${said}: choose it, and light its copies at every step">${written(large, said)}</button>`;
}
