/** A circuit in layers from left to right: the column of every node, and the order in it that crosses fewest wires. */

/** @import { Circuit, Input, Node } from "./circuit.js" */

/**
 * What has a place in a column: a node, or a wire on its way past (then `node` is null). `net` is
 * the node whose value a wire carries.
 * @typedef {{ node: Node | null, net: Node, column: number, place: number, links: { before: Link[], after: Link[] } }} Item
 */
/** A piece of a wire from one column to the next; `input` is where it ends, null for a wire on its way. @typedef {{ from: Item, to: Item, input: Input | null }} Link */
/** @typedef {{ columns: Item[][], links: Link[][] }} Layers */

/** How often the columns are put in order anew, from how many starts; fewer where there is much to do. */
const SWEEPS = 12;
const STARTS = 12;
const MUCH = 400;
/** In a cell of more nodes states come in and go out where they are used and made: their wires would be too long. */
const LARGE = 90;
/** What is at the foot of the first column. */
const LOWEST = ["y_prev", "x"];

/** @param {Circuit} circuit @returns {Layers} */
export function layers(circuit) {
  const column = columnsOf(circuit.nodes);
  const items = new Map(circuit.nodes.map((node) => [node, itemOf(node, node, column.get(node))]));
  const columns = Array.from(
    { length: Math.max(...column.values()) + 1 },
    () => /** @type {Item[]} */ ([]),
  );
  const links = columns.slice(1).map(() => /** @type {Link[]} */ ([]));
  for (const item of items.values()) columns[item.column].push(item);
  for (const item of items.values()) lay(item, items, columns, links);
  columns[0].sort((a, b) => firstKey(a) - firstKey(b));
  place(columns);
  return order({ columns, links });
}

/** @param {Node | null} node @param {Node} net @param {number} [column] @returns {Item} */
function itemOf(node, net, column = 0) {
  return { node, net, column, place: 0, links: { before: [], after: [] } };
}

/** The state's other values at the top, then h, then what is read. @param {Item} item */
function firstKey({ node }) {
  if (node?.name === "h_prev") return 1;
  return 2 * (LOWEST.indexOf(node?.name ?? "") + 1);
}

/** The column of every node: behind all that it needs; what is given to it alone, right before it. @param {Node[]} nodes */
function columnsOf(nodes) {
  /** @type {Map<Node, number>} */
  const known = new Map();
  /** @param {Node} node @returns {number} */
  const find = (node) => {
    const found = known.get(node) ?? 1 + Math.max(-1, ...node.inputs.map(({ from }) => find(from)));
    known.set(node, found);
    return found;
  };
  nodes.forEach(find);
  afterTheCell(nodes, known);
  const last = Math.max(...known.values());
  const large = nodes.length > LARGE;
  for (const node of nodes) if (isExit(node) && !large) known.set(node, last);
  for (const node of nodes.filter((one) => isLate(one, large)))
    known.set(node, Math.min(...node.to.map((to) => known.get(to) ?? 1)) - 1);
  return known;
}

/** @param {Node} node */
function isExit({ kind }) {
  return kind === "next" || kind === "up";
}

/** Whether a node waits for its use: what is not given from the left, in a large cell all but x. @param {Node} node @param {boolean} large */
function isLate({ kind, name, inputs }, large) {
  if (inputs.length > 0) return false;
  return kind !== "given" || name === "y" || (large && name !== "x");
}

/** The readout begins where the cell ends. @param {Node[]} nodes @param {Map<Node, number>} known */
function afterTheCell(nodes, known) {
  const readout = nodes.filter((node) => node.readout);
  if (readout.length === 0) return;
  const at = (/** @type {Node} */ node) => known.get(node) ?? 0;
  const rest = nodes.filter((node) => !node.readout && !isExit(node));
  const begin = Math.min(...readout.filter(({ inputs }) => inputs.length > 0).map(at));
  const shift = Math.max(...rest.map(at)) + 1 - begin;
  for (const node of readout) known.set(node, at(node) + shift);
}

/** A value's one wire to all that use it, a place in every column that it passes. @param {Item} item @param {Map<Node, Item>} items @param {Item[][]} columns @param {Link[][]} links */
function lay(item, items, columns, links) {
  const net = /** @type {Node} */ (item.node);
  const targets = net.uses.map((input, i) => ({ input, to: itemAt(items, net.to[i]) }));
  const last = Math.max(item.column, ...targets.map(({ to }) => to.column));
  let from = item;
  for (let column = item.column + 1; column <= last; column++) {
    for (const { input, to } of targets)
      if (to.column === column) join(links[column - 1], { from, to, input });
    if (column === last) break;
    const passing = itemOf(null, net, column);
    columns[column].push(passing);
    join(links[column - 1], { from, to: passing, input: null });
    from = passing;
  }
}

/** @param {Map<Node, Item>} items @param {Node} node */
function itemAt(items, node) {
  return /** @type {Item} */ (items.get(node));
}

/** @param {Link[]} links @param {Link} link */
function join(links, link) {
  links.push(link);
  link.from.links.after.push(link);
  link.to.links.before.push(link);
}

/** @param {Item[][]} columns */
function place(columns) {
  for (const column of columns) for (const [i, item] of column.entries()) item.place = i;
}

/** The best of several starts. @param {Layers} given @returns {Layers} */
function order(given) {
  const random = randomizer();
  const much = given.columns.flat().length > MUCH;
  let best = given.columns.map((column) => [...column]);
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start < (much ? 2 : STARTS); start++) {
    if (start > 0) shuffle(given.columns, random);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      turn(given.columns, sweep % 2 === 0);
      switchNeighbours(given);
      const found = cost(given);
      if (found >= least) continue;
      least = found;
      best = given.columns.map((column) => [...column]);
    }
  }
  place(best);
  return { columns: best, links: given.links };
}

/** Numbers that are the same every time, so that a cell always looks the same. */
function randomizer() {
  let state = 7;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

/** @param {Item[][]} columns @param {() => number} random */
function shuffle(columns, random) {
  for (const column of columns) {
    const keys = new Map(column.map((item) => [item, random()]));
    arrange(column, (item) => keys.get(item) ?? 0);
  }
}

/** Every item at the mean place of what it is linked to, column by column. @param {Item[][]} columns @param {boolean} onwards */
function turn(columns, onwards) {
  for (const column of onwards ? columns : [...columns].reverse())
    arrange(column, (item) => {
      const near = onwards
        ? item.links.before.map(({ from }) => from.place)
        : item.links.after.map(({ to }) => to.place);
      return near.length ? near.reduce((sum, one) => sum + one, 0) / near.length : item.place;
    });
}

/** @param {Item[]} column @param {(item: Item) => number} key */
function arrange(column, key) {
  const low = (/** @type {Item} */ { node, column: at }) =>
    at === 0 ? 1000 * (LOWEST.indexOf(node?.name ?? "") + 1) : 0;
  const keys = new Map(column.map((item) => [item, key(item) + low(item)]));
  column.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
  for (const [i, item] of column.entries()) item.place = i;
}

/** Neighbours change places as long as that uncrosses wires. @param {Layers} given */
function switchNeighbours({ columns }) {
  for (const column of columns)
    for (let i = 0; i + 1 < column.length; i++) {
      const [upper, lower] = [column[i], column[i + 1]];
      if (column === columns[0] && LOWEST.includes(lower.node?.name ?? "")) continue;
      if (crossed(upper, lower) <= crossed(lower, upper)) continue;
      [column[i], column[i + 1]] = [lower, upper];
      [upper.place, lower.place] = [i + 1, i];
    }
}

/** How many wires cross where one item is right over the other. @param {Item} upper @param {Item} lower */
function crossed(upper, lower) {
  let found = 0;
  for (const a of upper.links.before)
    for (const b of lower.links.before) found += Number(a.from.place > b.from.place);
  for (const a of upper.links.after)
    for (const b of lower.links.after) found += Number(a.to.place > b.to.place);
  return found;
}

/** Crossings above all, then how far wires go up and down. @param {Layers} given */
function cost({ links }) {
  let found = 0;
  for (const gap of links)
    for (const [i, a] of gap.entries()) {
      found += 0.02 * Math.abs(a.from.place - a.to.place);
      for (let j = 0; j < i; j++) {
        const b = gap[j];
        found += Number((a.from.place - b.from.place) * (a.to.place - b.to.place) < 0);
      }
    }
  return found;
}
