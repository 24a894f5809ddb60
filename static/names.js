/** The names in a line, which know no layer, to the names of the trace. */

const READOUT = new Set(["o", "y_hat", "y", "loss", "V", "c", "grad.o", "N"]);
/** What every layer is given alike. */
const FED_BACK = new Set(["y_prev", "grad.y_prev"]);

/**
 * The trace's name of what a line calls `local`. A line of the readout has layer null, and its `h`
 * is the top layer's.
 * @param {string} local @param {number | null} layer @param {number} layers
 */
export function traceName(local, layer, layers) {
  if (FED_BACK.has(local)) return local;
  if (layer === null) return READOUT.has(local) ? local : `layer${layers - 1}.${local}`;
  if (local === "x") return layer === 0 ? "x" : `layer${layer - 1}.h`;
  if (local === "grad.x") return layer === 0 ? "grad.x" : `grad.layer${layer - 1}.h.from_above`;
  if (local.startsWith("grad.")) return `grad.layer${layer}.${local.slice("grad.".length)}`;
  return `layer${layer}.${local}`;
}

/** The row that a value, its gradient and what arrives of it belong to. @param {string} name the trace's */
export function rowNamed(name) {
  return name.replace(/^grad\./, "").replace(/\.(from_above|from_future|from_loss|a)$/, "");
}
