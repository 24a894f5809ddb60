/**
 * The shapes of what travels: a spec, a plan, its lines, a moment. Types only.
 *
 * @typedef {Float64Array | Float32Array | BigInt64Array} Numbers
 * @typedef {{ shape: number[], data: Numbers }} Tensor an array as it came, row by row
 * @typedef {{ metadata: Record<string, string>, arrays: Map<string, Tensor> }} Frame
 *
 * @typedef {{ name: string, equations: string }} OwnCell
 * @typedef {{
 *   name: string, title: string, source: string, equations: string,
 *   presets: Record<string, Record<string, number>>,
 * }} Cell a built-in; its presets hold lines at values
 * @typedef {{ type?: string, default: any, range: [number, number] }} Range what a field may hold
 * @typedef {{
 *   name: string, title: string, sentence: string, parameters: Record<string, Range>,
 *   measure: string | null, baseline: number | null, solved: number | null,
 * }} TaskOffer a task as it is offered; its sentence and scores are those of the defaults
 * @typedef {{
 *   cell: string | OwnCell, activation: string, gate_activation: string, bias: boolean,
 *   hidden_size: number, layers: number, recurrence: string, weights_shared: boolean,
 *   feedback: { source: string, mode: string, probability: number }, readout: string,
 *   loss_at: string, clip_norm: number | null, task: Task, algorithm: Algorithm,
 *   optimizer: Optimizer, dtype: string, seed: number, overrides: Override[],
 *   initialization: { kind: string, forget_bias: number, scale: number, radius: number },
 * }} Spec one experiment with every field
 * @typedef {{
 *   kind: string, text?: string, values?: number[], gap?: number, length?: number, most?: number,
 *   symbols?: number, period?: number, days?: number, batch?: number,
 * }} Task
 * @typedef {{ kind: string, k1?: number, k2?: number }} Algorithm
 * @typedef {{
 *   kind: string, learning_rate: number, momentum?: number, decay?: number, beta1?: number,
 *   beta2?: number, epsilon?: number,
 * }} Optimizer
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
 *   task: Pick<TaskOffer, "title" | "sentence" | "baseline" | "solved" | "measure">,
 *   sizes: { T: number, B: number, I: number, H: number, O: number, L: number }, total: number,
 *   code: { numpy: CodeLine[], torch: CodeLine[] },
 * }} Plan
 *
 * @typedef {"forward" | "loss" | "backward" | "sum" | "update"} Phase
 * @typedef {{
 *   index: number, phase: Phase, t: number | null, layer: number | null, kind: string,
 *   line: Line | null,
 * }} Moment one thing that happens in a pass; `t` and `layer` count from 0
 * @typedef {"pass" | "timestep" | "equation"} Granularity
 *
 * @typedef {{ parameter: string, row: number, column: number, unit: number, pins: number[] }} Selection
 * @typedef {Selection} Chosen the selection, kept within the pass that is shown
 * @typedef {{ message: string, field: string | null }} Problem
 *
 * @typedef {{ meaning: "equation" | "numbers", code: "numpy" | "torch", plots: PlotName }} Faces
 * @typedef {"shares" | "weight" | "states" | "triangle" | "signal" | "spectrum" | "inputs" | "trajectory"} PlotName
 * @typedef {{ thing: string, value: string }} Rival an experiment beside the page's, by the one thing it differs in
 * @typedef {{ from: number, to: number, name: string }} Reach a gradient's way: from the loss of one step to a quantity of another
 * @typedef {"unrolled" | "rolled" | "cell"} Picture
 * @typedef {"goodfellow" | "pytorch" | "karpathy"} Book
 * @typedef {{ name: string, t: number | null, unit: number | null }} Lit a quantity by the trace's name, of
 *   one step or of all, one unit of it or the whole; of a parameter t and unit are null
 * @typedef {{ name: string, index?: number[], value: number }} Override an entry, a slice or a held line
 * @typedef {{ text: string, marks: string[] }} CodeLine a line of a listing and the moments it is
 *   current in, each as PHASE.KIND.TARGET
 */

export {};
