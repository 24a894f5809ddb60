/** The nodes of an opened cell: strips of values with their symbols, operations with their signs, parameters to click. */

import { ROW, signOf } from "../diagram/diagram.js";
import { joinedInput, symbol } from "../notation.js";
import { full, short, shortFromLog } from "../number.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { visible, word } from "../words.js";
import { letter } from "./letter.js";
import { isKnown, placeOf } from "./open.js";

/** @import { Placed } from "../diagram/diagram.js" */
/** @import { Node, Row } from "../diagram/circuit.js" */
/** @import { Opened } from "./open.js" */

/** @param {Opened} now */
export function nodes(now) {
  return now.d.nodes.map((placed) => node(now, placed));
}

/** @param {Opened} now @param {Placed} placed */
function node(now, placed) {
  const { node: of } = placed;
  if (of.kind === "sum") return box(now, placed);
  if (of.kind === "value" || of.kind === "given") return value(now, placed);
  if (of.kind === "next" || of.kind === "up") return exit(now, placed);
  const text = of.kind === "join" ? joined(now) : signOf(of);
  return html`<div class=${`cell-sign ${of.kind}${state(now, of)}`} data-node=${of.id} style=${place(placed)}>${text}</div>${told(now, placed)}`;
}

/** @param {Opened} now */
function joined(now) {
  return html`<span data-tex=${joinedInput(now.t)}></span>`;
}

/** @param {Opened} now @param {Node} of */
function state(now, of) {
  return `${now.work.nodes.has(of) ? " works" : ""}${isKnown(now, of) ? "" : " ahead"}`;
}

/** @param {Placed} placed */
function place({ x, y, width, height }) {
  return `left:${(x - width / 2).toFixed(1)}px;top:${(y - height / 2).toFixed(1)}px;width:${width.toFixed(1)}px;height:${height.toFixed(1)}px`;
}

/** A named value: its symbol, its strip or its number, and what of it the moment tells. @param {Opened} now @param {Placed} placed */
function value(now, placed) {
  const { node: of, x, y, height } = placed;
  const at = /** @type {{ name: string, t: number }} */ (placeOf(now, of));
  const kind = `${of.kind}${state(now, of)}${now.work.values.has(of) ? " read" : ""}`;
  const above = `left:${x.toFixed(1)}px;top:${(y - height / 2).toFixed(1)}px`;
  const local = of.name === "loss" && of.readout ? "L" : (of.name ?? "");
  return html`<div class="cell-symbol" style=${above} data-tex=${symbol(local, now.t)}></div>
    <div class=${`cell-value ${kind}`} data-node=${of.id} data-name=${at.name} data-t=${at.t} style=${place(placed)} title=${title(now, of)}>${number(now, of)}</div>
    ${told(now, placed)}`;
}

/** What stands in a box instead of bands: the loss, the target. @param {Opened} now @param {Node} of */
function number(now, of) {
  if (!of.readout || (of.name !== "loss" && of.kind !== "given")) return nothing;
  if (of.name === "loss") {
    const loss = isKnown(now, of) ? now.pass.loss(now.t) : null;
    return loss === null ? nothing : html`<span title=${full(loss)}>${short(loss)}</span>`;
  }
  if (now.pass.status(now.t) !== "target") return "–";
  const { alphabet, target } = now.pass.plan.columns;
  if (target) return visible(target[now.t]);
  const truth = now.pass.truth(now.t);
  if (!truth) return nothing;
  return alphabet
    ? ""
    : html`<span title=${Array.from(truth, full).join(", ")}>${truth.length === 1 ? short(truth[0], { digits: 2 }) : `${truth.length} numbers`}</span>`;
}

/** @param {Opened} now @param {Node} of */
function title(now, of) {
  const at = placeOf(now, of);
  if (!at || of.name === null) return "";
  const what = `${word(of.name)}, step ${of.name.endsWith("_prev") ? now.t : now.t + 1}`;
  const values = isKnown(now, of) ? vectorOf(now, of) : null;
  const unit = Math.min(now.selected.unit, (values?.length ?? 1) - 1);
  const lines = values ? [`${what}: entry ${unit + 1} is ${full(Number(values[unit]))}`] : [what];
  const place = now.branches.whole(of, now.t);
  if (place && now.moment.index >= now.line.earned(place.name, place.t)) {
    const log = now.branches.logAt(place);
    if (log !== null) lines.push(`its gradient has norm ${shortFromLog(log)}`);
  }
  return lines.join("\n");
}

/** The vector of a value in the first sequence; before the first step there is none but zeros. @param {Opened} now @param {Node} of */
export function vectorOf(now, of) {
  const at = placeOf(now, of);
  if (!at) return null;
  if (
    at.t < 0 ||
    (of.kind === "given" && of.name?.endsWith("_prev") && of.name !== "y_prev" && !now.pass.carries)
  )
    return new Float64Array(now.pass.sizes.H);
  return now.pass.value(at.name, at.t);
}

/** Under a node of the moment its number: on the way forward the pinned unit's, on the way back the norm. @param {Opened} now @param {Placed} placed */
function told(now, { node: of, x, y, height }) {
  const found = now.moment.phase === "forward" ? forwardTold(now, of) : backTold(now, of);
  if (!found) return nothing;
  const under = `left:${x.toFixed(1)}px;top:${(y + height / 2).toFixed(1)}px`;
  return html`<div class=${`cell-told ${found.kind}`} style=${under} title=${found.exact}>${found.text}</div>`;
}

/** @param {Opened} now @param {Node} of */
function forwardTold(now, of) {
  if (
    !now.work.values.has(of) ||
    (of.name === "loss" && of.readout) ||
    (of.kind === "given" && of.readout)
  )
    return null;
  if (of.kind !== "value" && of.kind !== "given") return null;
  const values = isKnown(now, of) ? vectorOf(now, of) : null;
  if (!values || values.length !== now.pass.sizes.H || of.name === "x" || of.readout) return null;
  const one = Number(values[now.selected.unit]);
  return {
    text: short(one, { signed: true }),
    exact: `unit ${now.selected.unit + 1}: ${full(one)}`,
    kind: "",
  };
}

/** @param {Opened} now @param {Node} of */
function backTold(now, of) {
  const net = of.kind === "call" ? of.inputs[0]?.from : of;
  const named = of.kind === "value" || of.kind === "given";
  if (of.kind === "next" || of.kind === "up") return exitTold(now, of);
  // The gradient before an activation has no strip: it stands under the activation.
  if (!net || (!named && !(net.kind === "sum" && net.name !== null))) return null;
  if (!now.work.values.has(net) || now.moment.kind === "share") return null;
  return normAt(now, reached(now, net) ?? now.branches.whole(net, now.t));
}

/** Of a state whose gradient comes in two, the one that the moment makes. @param {Opened} now @param {Node} net */
function reached({ moment: at, layer, t }, net) {
  const target = (at.line?.target ?? "").slice("grad.".length);
  const part = /\.from_(above|future)$/.test(target) && net.kind === "value";
  return part && target.startsWith(`${net.name}.from`)
    ? { name: `grad.layer${layer}.${target}`, t }
    : null;
}

/** What comes in from the step after, as it is merged. @param {Opened} now @param {Node} of */
function exitTold(now, of) {
  const state = of.inputs[0].from;
  if (now.moment.kind !== "merge" || !now.work.nodes.has(state)) return null;
  const cut = of.kind === "next" ? now.pass.cut(now.t) : null;
  if (cut && !cut.rest)
    return { text: "cut", exact: "what this step would be sent is cut", kind: "gradient" };
  return normAt(now, now.branches.part(state, of.inputs[0], now.t));
}

/** @param {Opened} now @param {{ name: string, t: number } | null} at */
function normAt(now, at) {
  if (!at || now.moment.index < now.line.earned(at.name, at.t)) return null;
  const log = now.branches.logAt(at);
  return log === null
    ? null
    : { text: shortFromLog(log), exact: `norm 10^${log}`, kind: "gradient" };
}

/** Where a state goes on: to the next step, to the layer above. @param {Opened} now @param {Placed} placed */
function exit(now, placed) {
  const { node: of } = placed;
  const { T } = now.pass.sizes;
  const end = now.t === T - 1;
  const text = of.kind === "up" ? `layer ${now.layer + 2}` : end ? "end" : `step ${now.t + 2}`;
  return html`<div class=${`cell-exit${isKnown(now, of.inputs[0].from) ? "" : " ahead"}`} data-node=${of.id} style=${place(placed)}>${text}</div>${told(now, placed)}`;
}

/** A sum of products: a row a term, its parameter to be clicked. @param {Opened} now @param {Placed} placed */
function box(now, placed) {
  const { node: of, rows } = placed;
  const high = ROW * now.d.scale;
  return html`<div class=${`cell-box${state(now, of)}`} data-node=${of.id} style=${`${place(placed)};--row:${high}px`}>
    ${rows.map((i, at) => row(now, of, of.rows[i], i, at === 0))}
  </div>`;
}

/** @param {Opened} now @param {Node} of @param {Row} term @param {number} i @param {boolean} first */
function row(now, of, { sign, matrix, factors, operand }, i, first) {
  const all = [...factors, ...(matrix === null ? [] : [matrix])];
  const lit = now.work.rows.has(`${of.id}.${i}`) ? " works" : "";
  const mark = sign === -1 ? "−" : first ? "" : "+";
  const plain = operand !== null && (operand.length === 1 || /^[a-z]_prev$/.test(operand));
  const bare = all.length === 0 ? html`<span class="cell-operand">(·)</span>` : nothing;
  return html`<div class=${`cell-row${lit}`} data-row=${i}><span class="cell-mark">${mark}</span>${all.map(
    (one) => (typeof one === "number" ? html`<span>${one}</span>` : parameterOf(now, of, one)),
  )}${plain && all.length > 0 ? html`<span class="cell-operand" data-tex=${symbol(operand, now.t)}></span>` : bare}</div>`;
}

/** @param {Opened} now @param {Node} of @param {string} local */
function parameterOf(now, of, local) {
  const name = of.readout ? local : `layer${now.layer}.${local}`;
  const shared = now.moment.index >= now.line.earned(`share.${name}`, now.t);
  const norm = shared ? now.pass.logNorm(`contribution.${name}`, now.t) : null;
  const more =
    norm === null ? undefined : `its share of step ${now.t + 1} has norm ${shortFromLog(norm)}`;
  const step = now.pass.shared ? null : now.t;
  return letter(name, { step, pressed: now.copies === name, more, kind: shared ? " shared" : "" });
}
