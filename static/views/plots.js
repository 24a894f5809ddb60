/** The plots of the whole pass: which shows, what can be chosen of it, and its files. */

import { moment } from "../playhead.js";
import { PLOTS } from "../plots/catalogue.js";
import { enlarged, faces, options, pass } from "../store.js";
import { html, render } from "../vendor/lit-html/lit-html.js";
import { files, menu } from "./export.js";
import { Graph } from "./graph.js";
import { larger } from "./larger.js";
import { toolsOf } from "./tabs.js";

/** @import { Choice, Source } from "../plots/catalogue.js" */
/** @import { Given, Shown } from "./graph.js" */

/** @param {HTMLElement} element */
export function mount(element) {
  new Graph(element, given, (now) => render(tools(now), toolsOf("plot")));
}

/** @returns {Given | null} */
function given() {
  const plot = PLOTS.find(({ name }) => name === faces.value.plots);
  const [now, at] = [pass.value, moment.value];
  enlarged.value;
  return plot && now && at ? { plot, pass: now, moment: at } : null;
}

/** What can be chosen, and what can be done with the plot. @param {Shown} now */
function tools({ plot, source }) {
  const choices = plot.choices(source.pass).filter(({ choices: offered }) => offered.length > 1);
  const selects = choices.map((one) => select(plot.name, one, source.options[one.name]));
  // A card has room for the first choice alone; a larger plot has it for all.
  const beside = enlarged.value ? selects.length : 1;
  const saved = {
    ...{ name: plot.name, word: plot.word, id: source.pass.plan.id, theme: source.theme },
    figure: (/** @type {Source["room"]} */ room) => plot.figure({ ...source, room }),
    reading: () => plot.reading(source),
    table: () => plot.table(source),
  };
  return html`${selects.slice(0, beside)}
    ${larger()}
    ${menu("plot-menu", [selects.slice(beside), files(saved)])}`;
}

/** A choice of a plot. @param {string} plot @param {Choice} choice @param {string} value */
export function select(plot, { name, word, choices }, value) {
  const choose = (/** @type {Event} */ { target }) =>
    (options.value = {
      ...options.peek(),
      [`${plot}.${name}`]: /** @type {HTMLSelectElement} */ (target).value,
    });
  return html`<label class="pick"><span>${word}</span>
    <select aria-label=${word} @change=${choose}>${choices.map(([one, said]) => html`<option value=${one} .selected=${one === value}>${said}</option>`)}</select></label>`;
}
