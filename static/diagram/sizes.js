/** How large the nodes of a diagram are, by what is written on them. */

import { isCarried, isRound, isStrip } from "./circuit.js";

/** @import { Input, Node, Row } from "./circuit.js" */
/** @import { Item, Link } from "./layers.js" */
/** @import { Extent } from "./places.js" */
/** The scale of the type, how tall a strip is, and a parameter in plain text. @typedef {{ scale: number, strip: number, letters: (local: string, readout: boolean) => string }} Look */

/** In pixels at scale 1: a strip's width, a circle's, a row's height, what stands over and under a strip. */
const WIDE = 24;
const ROUND = 22;
const JOINED = 62;
export const ROW = 17;
const LABEL = 19;
const NUMBER = 15;
/** A letter of a word, of a subscript, of an operation's name. */
const LETTER = 6.8;
const SUBSCRIPT = 5.4;
const SIGN = 7;
/** How far from the middle of a round node a second wire comes past it before it turns in. */
const ELBOW = 23;
const WIRE = 4;

/** How the operations are written that have a sign of their own. @type {Record<string, string>} */
const SIGNS = {
  sigmoid: "σ",
  cross_entropy: "−log",
  half_squared_error: "½‖·‖²",
  identity: "id",
};

/** What is written on an operation. @param {Node} node */
export function signOf({ kind, word }) {
  if (kind === "times") return "⊙";
  if (kind === "plus") return "+";
  if (kind === "less") return `${word} −`;
  return SIGNS[word] ?? word.replaceAll("_", " ");
}

/** @param {Node} node @param {Look} look */
export function bodyOf(node, { scale, strip, letters }) {
  if (isStrip(node)) return { width: WIDE * scale, height: strip };
  const flat = { width: 46 * scale, height: 24 * scale };
  if (node.kind === "value" || node.kind === "given") return flat;
  if (node.kind === "next" || node.kind === "up") return { width: 52 * scale, height: 20 * scale };
  if (node.kind === "sum") {
    const width =
      Math.max(...node.rows.map((row) => rowWidth(row, (one) => letters(one, node.readout)))) + 12;
    return { width: width * scale, height: (node.rows.length * ROW + 6) * scale };
  }
  if (isRound(node)) return { width: ROUND * scale, height: ROUND * scale };
  if (node.kind === "join") return { width: JOINED * scale, height: (ROUND + 6) * scale };
  const width = Math.max(ROUND + 2, signOf(node).length * SIGN + 10);
  return { width: width * scale, height: (ROUND + 2) * scale };
}

/** @param {Row} row @param {(local: string) => string} letters */
function rowWidth({ matrix, factors, operand }, letters) {
  const written = [...(matrix ? [matrix] : []), ...factors].map((one) =>
    typeof one === "string" ? letters(one) : String(one),
  );
  const all = written.reduce((sum, one) => sum + parameterWidth(one), 0);
  return 12 + all + (operand?.length === 1 || operand === "h_prev" ? 16 : 8);
}

/** @param {string} name */
function parameterWidth(name) {
  const [head, ...rest] = name.split("_");
  return head.length * 9 + (rest.length ? rest.join(" ").length * SUBSCRIPT + 2 : 0);
}

/** @param {Node} node @param {Look} look */
export function labelWidth(node, { scale }) {
  if (node.name === null || (node.kind !== "value" && node.kind !== "given")) return 0;
  const previous = node.name.endsWith("_prev");
  const stem = (previous ? node.name.slice(0, -"_prev".length) : node.name).replace(
    /_(gate|state)$/,
    "",
  );
  const letters =
    stem.length === 1 || stem === "y_hat" || stem === "loss" ? 10 : stem.length * LETTER;
  return (letters + (previous ? 20 : 7)) * scale;
}

/** @param {Item} item @param {Look} look @returns {Extent} */
export function extentOf({ node, links }, look) {
  const { scale } = look;
  if (!node) return { up: WIRE * scale, down: WIRE * scale, ports: new Map() };
  const { height } = bodyOf(node, look);
  const ports = portsOf(node, links.before, scale);
  const [least, most] = [Math.min(0, ...ports.values()), Math.max(0, ...ports.values())];
  const named = node.kind === "value" || node.kind === "given";
  const told = named || node.kind === "next" || node.kind === "up" || node.kind === "call";
  return {
    up: Math.max(height / 2 + (named ? LABEL * scale : 0), -least + WIRE * scale),
    down: Math.max(height / 2 + (told ? NUMBER * scale : 0), most + WIRE * scale),
    ports,
  };
}

/** How high each input enters, from the middle. @param {Node} node @param {Link[]} before @param {number} scale */
function portsOf(node, before, scale) {
  const sorted = [...before].sort((a, b) => a.from.place - b.from.place);
  const inputs = sorted.map(({ input }) => /** @type {Input} */ (input));
  if (node.kind === "sum") return rowPorts(node, inputs, scale);
  if (isRound(node)) return elbows(sorted, scale);
  const apart = (10 * scale) / Math.max(1, inputs.length - 1);
  return new Map(inputs.map((input, i) => [input, (i - (inputs.length - 1) / 2) * apart]));
}

/** The rows in the order in which their wires come, those without one at the foot. @param {Node} node @param {Input[]} inputs @param {number} scale @returns {Map<Input, number>} */
function rowPorts(node, inputs, scale) {
  const middle = (node.rows.length - 1) / 2;
  return new Map(inputs.map((input, i) => [input, (i - middle) * ROW * scale]));
}

/** The rows of a sum from the top: as their wires come, then those without one. @param {Node} node @param {Map<Input, number>} ports */
export function rowsOf(node, ports) {
  const wired = [...ports].sort(([, a], [, b]) => a - b).map(([{ row }]) => row);
  const bare = node.rows.map((_, i) => i).filter((i) => !wired.includes(i));
  return [...wired, ...bare];
}

/** One wire straight into a round node, the others by its top and its foot. @param {Link[]} sorted @param {number} scale @returns {Map<Input, number>} */
function elbows(sorted, scale) {
  const through = Math.max(
    0,
    sorted.findIndex(({ from }) => isCarried(from.net)),
  );
  return new Map(
    sorted.map(({ input }, i) => {
      const beyond = i - through;
      const far = beyond === 0 ? 0 : ELBOW + 10 * (Math.abs(beyond) - 1);
      return [/** @type {Input} */ (input), Math.sign(beyond) * far * scale];
    }),
  );
}
