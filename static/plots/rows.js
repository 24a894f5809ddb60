/** What of a pass can be plotted over time: its rows, by name, and the states among them. */

/** @import { Pass } from "../pass.js" */
/** @import { Row } from "../types.js" */

/** A row's word, with its layer where there are several. @param {Pass} pass @param {Row} row */
export function wordOf({ sizes }, { word, layer }) {
  return layer !== null && sizes.L > 1 ? `${word}, layer ${layer + 1}` : word;
}

/** The rows of a kind, or all, to choose from: the hidden state of the top layer first. @param {Pass} pass @param {(row: Row) => boolean} [of] @returns {[string, string][]} */
export function offered(pass, of = () => true) {
  const top = `layer${pass.sizes.L - 1}.h`;
  const rows = pass.plan.rows.filter(of);
  const first = rows.filter(({ name }) => name === top);
  return [...first, ...rows.filter(({ name }) => name !== top)].map((row) => [
    row.name,
    wordOf(pass, row),
  ]);
}

/** @param {Pass} pass */
export function states(pass) {
  return offered(pass, ({ kind }) => kind === "state");
}

/** @param {Pass} pass @param {string} name @returns {Row} */
export function rowOf(pass, name) {
  return pass.plan.rows.find((row) => row.name === name) ?? pass.plan.rows[0];
}
