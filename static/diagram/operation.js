/** Which nodes of a diagram a moment works on, and what it reads and makes. */

import { gradientOf } from "./gradients.js";

/** @import { Circuit, Node } from "./circuit.js" */
/** @import { Moment, Tree } from "../types.js" */
/**
 * `nodes` are lit whole, `rows` of a sum one by one, each as NODE.ROW; `values` are those whose
 * vectors are read or made.
 * @typedef {{ nodes: Set<Node>, rows: Set<string>, values: Set<Node> }} Operation
 */

/** @param {Circuit} circuit @param {Moment} moment @returns {Operation} */
export function operation(circuit, moment) {
  /** @type {Operation} */
  const found = { nodes: new Set(), rows: new Set(), values: new Set() };
  if (moment.layer !== null ? moment.layer !== circuit.layer : !circuit.top && moment.t !== null)
    return found;
  const target = moment.line?.target ?? "";
  if (moment.phase === "forward") forward(circuit, target, moment.layer === null, found);
  else if (moment.kind === "output") output(circuit, found);
  else if (moment.line === null) everyRow(circuit, found);
  else if (moment.kind === "share")
    share(circuit, target.slice("grad.".length), moment.line.tree, found);
  else backward(circuit, moment.kind, target.slice("grad.".length), found);
  return found;
}

/** A line with what it reads. @param {Circuit} circuit @param {string} target @param {boolean} readout @param {Operation} found */
function forward({ nodes }, target, readout, found) {
  for (const node of nodes) {
    if (node.line !== target || node.readout !== readout) continue;
    found.nodes.add(node);
    if (node.kind === "value") found.values.add(node);
    for (const { from } of node.inputs) if (from.line !== target) found.values.add(from);
  }
}

/** From the loss to the output in one go. @param {Circuit} circuit @param {Operation} found */
function output({ nodes, top }, found) {
  if (!top) return;
  for (const node of nodes) {
    if (!node.readout) continue;
    if (node.kind === "call") found.nodes.add(node);
    else if (node.kind !== "sum" && node.name !== "loss") found.values.add(node);
  }
}

/** Sum, clipping and update are of all parameters. @param {Circuit} circuit @param {Operation} found */
function everyRow({ nodes }, found) {
  for (const node of nodes)
    for (const [i, { matrix, factors }] of node.rows.entries())
      if (matrix !== null || factors.some((one) => typeof one === "string"))
        found.rows.add(`${node.id}.${i}`);
}

/** A parameter's share: the rows where it is used, of several those with this gradient and this input. @param {Circuit} circuit @param {string} parameter @param {Tree} tree @param {Operation} found */
function share({ nodes }, parameter, tree, found) {
  const rows = nodes.flatMap((node) =>
    node.rows.flatMap((row, i) =>
      node.readout
        ? []
        : row.matrix === parameter || row.factors.includes(parameter)
          ? [{ node, row, i }]
          : [],
    ),
  );
  const written = JSON.stringify(tree);
  const has = (/** @type {Tree | null} */ part) =>
    part !== null && written.includes(JSON.stringify(part));
  const same = rows.filter(({ node, row, i }) => {
    const input = node.inputs.find((one) => one.row === i);
    const bias = row.matrix === null && !input && row.factors.length === 1;
    return (
      has(gradientOf(node)) &&
      (bias ? !Array.isArray(tree) || tree[0] === "neg" : !input || has(input.tree))
    );
  });
  for (const { node, i } of same.length > 0 ? same : rows) {
    found.rows.add(`${node.id}.${i}`);
    for (const input of node.inputs) if (input.row === i) found.values.add(input.from);
  }
}

/** A gradient with the operations that it comes back through. @param {Circuit} circuit @param {string} kind @param {string} reached @param {Operation} found */
function backward({ nodes }, kind, reached, found) {
  const name = reached.replace(/\.(from_above|from_future)$/, "");
  const net = nodes.findLast(
    (node) => node.name === name && !node.readout && node.kind !== "next" && node.kind !== "up",
  );
  if (!net) return;
  found.values.add(net);
  if (kind === "merge") found.nodes.add(net);
  else through(net, found);
}

/** A plus lets gradients through as they are: it is lit only where it is all there is on the way. @param {Node} net @param {Operation} found @param {boolean} [first] */
function through(net, found, first = true) {
  for (const [i, to] of net.to.entries()) {
    if (to.kind === "next" || to.kind === "up" || to.readout) continue;
    if (to.kind === "sum") found.rows.add(`${to.id}.${net.uses[i].row}`);
    else if (to.kind !== "value" && (first || to.kind !== "plus")) found.nodes.add(to);
    const source = to.kind === "value" ? to : resultNode(to);
    if (source) found.values.add(source);
    else through(to, found, false);
  }
}

/** The value whose gradient an operation gets: what its output is called. @param {Node} node @returns {Node | null} */
function resultNode(node) {
  if (node.name === null) return null;
  return node.to.find(({ kind, name }) => kind === "value" && name === node.name) ?? node;
}
