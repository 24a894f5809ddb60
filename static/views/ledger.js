/** A ledger: operations in rows, what they give in a column, and under them what that adds up to. */

import { functionName, typesetAll, written } from "../notation.js";
import { count, full } from "../number.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { decimalsOf, litKey, operand, result, told } from "./figures.js";
import { linesOf, resultLines, turn } from "./folds.js";

/** @import { Step } from "../arithmetic/steps.js" */
/** @import { Group, Row } from "../arithmetic/terms.js" */
/** @import { Decimals } from "./figures.js" */
/** @import { Line } from "./folds.js" */

/** Functions that are no activations. @type {Record<string, string>} */
const SIGNS = { "−log": "-\\log", "√": "\\surd" };

/** Draw the sums of a moment; the last one's result stays in view. @param {HTMLElement} box @param {Step[]} steps */
export function drawLedger(box, steps) {
  const bodies = steps.map(linesOf);
  const results = steps.map(resultLines);
  const most = decimalsOf([...bodies, ...results].flat());
  const last = results.pop() ?? [];
  render(
    html`<table class="ledger">
      <colgroup><col /></colgroup>
      ${bodies.map(
        (lines, i) => html`<tbody class=${steps[i].entries.length > 0 ? "each" : ""}>
          ${[...lines, ...(results[i] ?? [])].map((line) => lineRow(line, most))}
        </tbody>`,
      )}
      <tfoot>${last.map((line) => lineRow(line, most))}</tfoot>
    </table>`,
    box,
  );
  typesetAll(box);
}

/** @param {Line} line @param {Decimals} most */
function lineRow(line, most) {
  switch (line.kind) {
    case "title":
      return titleRow(line.step);
    case "head":
      return headRow(line, most);
    case "row":
      return operationRow(line, most);
    case "fold":
      return foldRow(line, most);
    case "entry":
      return entryRow(line, most);
    case "note":
      return html`<tr class="quiet note"><td colspan="7">${line.text}</td></tr>`;
    case "result":
      return line.row ? functionRow(line.step, line.row, most) : resultRow(line.step, most);
    case "aside":
      return asideRow(line.row, most);
  }
}

/** @param {number} number @param {string} noun */
function several(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** The rows that are left out, as they come to nothing. @param {Group} group */
function zeros({ zeros: number, noun }) {
  return number === 0 ? "" : `${several(number, noun)} with 0`;
}

/** What the lines under it make, where several sums follow each other. @param {Step} step */
function titleRow({ result: made, entries }) {
  const each = entries.length > 0 ? of(`each of ${entries.length}`) : nothing;
  return html`<tr class="title"><th scope="rowgroup" colspan="7">${written(made.tex, made.words)} ${each}</th></tr>`;
}

/** A product of a row and a vector, and what it comes to. @param {Extract<Line, { kind: "head" }>} line @param {Decimals} most */
function headRow({ group, id, hidden }, most) {
  const { head, from, closed, rows, value } = group;
  const gradient = rows.some((row) => row.gradient);
  const fold = closed
    ? html`<button class="fold" aria-expanded=${hidden === 0} @click=${() => turn(id)}>${several(rows.length, "product")}</button>`
    : nothing;
  return html`<tr class="head" tabindex="-1" data-lit=${litKey(head?.lit ?? null)}>
    <th scope="row" colspan="6">${written(head?.tex ?? "", head?.words ?? "")} ${of(from)} ${fold} ${of(zeros(group))}</th>
    ${result(value, most.sum, gradient, "sum")}
  </tr>`;
}

/** @param {string | undefined} words */
function of(words) {
  return words ? html`<span class="of">${words}</span>` : nothing;
}

/** @param {Extract<Line, { kind: "row" }>} line @param {Decimals} most */
function operationRow({ row, under, product, sum }, most) {
  return html`<tr class=${under ? "under" : ""} tabindex="-1" data-lit=${litKey(row.lit)}>
    <th scope="row">${name(row)}</th>${operands(row, most)}
    ${result(product, most.product, row.gradient, "product")} ${result(sum, most.sum, row.gradient, "sum")}
  </tr>`;
}

/** @param {Row} row */
function name({ mark, tex, words }) {
  if (tex) return html`${mark} ${written(tex, words)}`;
  return mark || words;
}

/** The two numbers and what is done with them. @param {Row} row @param {Decimals} most */
function operands(row, most) {
  const { left, op, right } = row;
  const isFunction = left === null && right !== null;
  return html`${isFunction ? html`<td class="function">${row.tex ? nothing : op}</td>` : operand(left, most.left)}
    <td class="op">${isFunction ? nothing : op}</td>
    ${operand(right, most.right)}<td class="op">${right ? "=" : nothing}</td>`;
}

/** @param {Extract<Line, { kind: "fold" }>} line @param {Decimals} most */
function foldRow({ id, hidden, product, sum }, most) {
  const words =
    hidden > 0
      ? `+ ${count(hidden)} more${product === null && sum === null ? "" : ", together"}`
      : "fold";
  return html`<tr class="quiet"><th></th>
    <td colspan="4"><button class="fold" aria-expanded=${hidden === 0} @click=${() => turn(id)}>${words}</button></td>
    ${result(product, most.product, false, "product")} ${result(sum, most.sum, false, "sum")}
  </tr>`;
}

/** @param {Extract<Line, { kind: "entry" }>} line @param {Decimals} most */
function entryRow({ entry, id, isOpen }, most) {
  return html`<tr class="under entry" tabindex="-1">
    <th scope="row">${entry.mark}</th>
    <td colspan="5"><button class="fold" aria-expanded=${isOpen} @click=${() => turn(id)}>its products</button></td>
    ${result(entry.engine, most.sum, false, "sum")}
  </tr>`;
}

/** What it all comes to, and whether that is what the pass has. @param {Step} step @param {Decimals} most */
function resultRow(step, most) {
  const { result: made, groups } = step;
  const [first] = groups;
  const terms = first.list ? several(first.rows.length, first.noun) : `${groups.length} terms`;
  const adds = groups.length > 1 || (first.list && first.rows.length > 1);
  return html`<tr class="result" tabindex="-1" data-lit=${litKey(made.lit)}>
    <th scope="row" colspan="6">${adds ? `These ${terms} add up to` : "That is"}
      ${written(made.tex, made.words)} ${verdict(step)}</th>
    ${result(made.value, most.sum, made.gradient, "sum")}
  </tr>`;
}

/** A result that is a function of what came before: "h = tanh(0.534)". @param {Step} step @param {Row} row @param {Decimals} most */
function functionRow(step, { op, right }, most) {
  const made = step.result;
  const argument = right?.value ?? Number.NaN;
  return html`<tr class="result" tabindex="-1" data-lit=${litKey(made.lit)}>
    <th scope="row" colspan="6">${written(`${made.tex} = ${SIGNS[op] ?? functionName(op)}`, `${made.words} is ${op}`)}(<span class="figure" title=${full(argument)}>${told(argument)}</span>) ${verdict(step)}</th>
    ${result(made.value, most.sum, made.gradient, "sum")}
  </tr>`;
}

/** @param {Step} step */
function verdict({ engine, same, apart }) {
  if (engine === null) return nothing;
  if (same)
    return html`<span class="same" title="the pass has ${full(engine)}">✓<span class="hidden-text">, as the pass has it</span></span>`;
  return html`<span class="differs">the pass has <span class="figure" title=${full(engine)}>${told(engine, true)}</span>, apart by <span class="figure" title=${full(apart)}>${told(apart)}</span></span>`;
}

/** What follows from the result and will be needed. @param {Row} row @param {Decimals} most */
function asideRow(row, most) {
  return html`<tr class="aside" tabindex="-1" data-lit=${litKey(row.lit)}>
    <th scope="row">${name(row)}</th>${operands(row, most)}
    ${result(row.right ? row.value : null, most.product, row.gradient, "product")}
    ${result(row.right ? null : row.value, most.sum, row.gradient, "sum")}
  </tr>`;
}
