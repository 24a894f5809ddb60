/**
 * The shapes of what travels: a spec, a plan, its lines, a moment. Types only.
 *
 * @typedef {Float64Array | Float32Array | BigInt64Array} Numbers
 * @typedef {{ shape: number[], data: Numbers }} Tensor an array as it came, row by row
 * @typedef {{ metadata: Record<string, string>, arrays: Map<string, Tensor> }} Frame
 *
 * @typedef {{ name: string, equations: string }} OwnCell
 * @typedef {{
 *   cell: string | OwnCell, activation: string, gate_activation: string, bias: boolean,
 *   hidden_size: number, layers: number, readout: string, loss_at: string, clip_norm: number | null,
 *   task: { kind: string, text: string }, optimizer: { kind: string, learning_rate: number },
 *   initialization: { kind: string, forget_bias: number, scale: number, radius: number },
 *   dtype: string, seed: number,
 * }} Spec one experiment with every field
 * @typedef {{ [field: string]: unknown }} Change what a spec says other than the defaults
 *
 * @typedef {string | number | TreeList} Tree
 * @typedef {[string, ...any[]]} TreeList an operator and what it is applied to
 * @typedef {{ target: string, text: string, tree: Tree, kind: string }} Line
 *
 * @typedef {{
 *   name: string, layer: number | null, role: "matrix" | "bias" | "scale", shape: number[],
 *   count: number, input: string | null,
 * }} Parameter
 * @typedef {{
 *   name: string, local: string, word: string, kind: string, layer: number | null, size: number,
 *   bounds: [number, number] | null,
 * }} Row
 * @typedef {{
 *   run: string, id: string, spec: Spec, parameters: Parameter[], rows: Row[], norms: string[][],
 *   equations: { forward: Line[], parts: Line[], readout: Line[], output: Line[], backward: Line[] },
 *   columns: { alphabet: string[] | null, input: string[] | null, target: string[] | null },
 *   sizes: { T: number, B: number, I: number, H: number, O: number, L: number }, total: number,
 * }} Plan
 *
 * @typedef {"forward" | "loss" | "backward" | "sum" | "update"} Phase
 * @typedef {{
 *   index: number, phase: Phase, t: number | null, layer: number | null, kind: string,
 *   line: Line | null,
 * }} Moment one thing that happens in a pass; `t` and `layer` count from 0
 * @typedef {"pass" | "timestep" | "equation"} Granularity
 *
 * @typedef {{ parameter: string, row: number, column: number, unit: number }} Selection
 * @typedef {Selection} Chosen the selection, kept within the pass that is shown
 * @typedef {{ message: string, field: string | null }} Problem
 */

export {};
