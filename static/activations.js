/** The activations in the page's own arithmetic: each one's value and its slope, by which numbers that came are checked. */

/** Both of an argument. @typedef {{ value: (a: number) => number, slope: (a: number) => number }} Activation */

/** PyTorch's default, as in the engine. */
const LEAK = 0.01;

/** @param {number} a */
const sigmoid = (a) => 1 / (1 + Math.exp(-a));

/** At a kink the slope is the engine's, and PyTorch's. @type {Record<string, Activation>} */
export const ACTIVATIONS = {
  tanh: { value: Math.tanh, slope: (a) => 1 - Math.tanh(a) ** 2 },
  sigmoid: { value: sigmoid, slope: (a) => sigmoid(a) * (1 - sigmoid(a)) },
  hard_sigmoid: {
    value: (a) => Math.min(1, Math.max(0, a / 6 + 0.5)),
    slope: (a) => (a > -3 && a < 3 ? 1 / 6 : 0),
  },
  relu: { value: (a) => Math.max(a, 0), slope: (a) => Number(a > 0) },
  leaky_relu: { value: (a) => (a > 0 ? a : LEAK * a), slope: (a) => (a > 0 ? 1 : LEAK) },
  elu: {
    value: (a) => (a > 0 ? a : Math.expm1(a)),
    slope: (a) => Math.exp(Math.min(a, 0)),
  },
  isrlu: {
    value: (a) => (a < 0 ? a / Math.sqrt(1 + a * a) : a),
    slope: (a) => (a < 0 ? (1 + a * a) ** -1.5 : 1),
  },
  softplus: {
    value: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    slope: sigmoid,
  },
  identity: { value: (a) => a, slope: () => 1 },
};
