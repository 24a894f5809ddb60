/** A plot as a file: a picture for a projector, or its numbers. */

import { pictureOf } from "../plot.js";
import { html } from "../vendor/lit-html/lit-html.js";

/** @import { Figure } from "../figure.js" */
/** @import { Table } from "../plots/catalogue.js" */

const PAPER = { light: "#ffffff", dark: "#0d1117" };

/** @typedef {{ name: string, word: string, id: string, theme: "light" | "dark", figure: (room: { wide: number, high: number }) => Figure | null, reading: () => string, table: () => Table }} Saved */

/** The buttons that save a plot. @param {Saved} what */
export function files(what) {
  const kinds = /** @type {const} */ (["png", "svg", "csv"]);
  return html`<div class="plot-files">${kinds.map((kind) => html`<button class="button" @click=${() => void save(kind, what)}>${kind.toUpperCase()}</button>`)}</div>`;
}

/** A menu over its button. @param {string} id @param {unknown} content */
export function menu(id, content) {
  const place = (/** @type {Event} */ { currentTarget }) => {
    const button = document.querySelector(`[popovertarget=${id}]`)?.getBoundingClientRect();
    const { style } = /** @type {HTMLElement} */ (currentTarget);
    style.right = `${innerWidth - (button?.right ?? 0)}px`;
    style.bottom = `${innerHeight - (button?.top ?? 0) + 6}px`;
  };
  return html`<button class="icon" popovertarget=${id} title="choices, and the plot as a file" aria-label="more of this plot">⋯</button>
    <div id=${id} class="panel plot-menu" popover @toggle=${place}>${content}</div>`;
}

/** The room of a projector, in letters of the picture. */
const ROOM = { wide: 1920 / 28, high: 800 / 28 };

/** @param {"png" | "svg" | "csv"} kind @param {Saved} what */
async function save(kind, { name, word, id, theme, figure, reading, table }) {
  const file = `unroll-${name}-${id.slice(0, 8)}.${kind}`;
  if (kind === "csv") return download(file, csvAddress(table()));
  const drawn = figure(ROOM);
  if (!drawn) return;
  const words = { title: word, reading: reading(), paper: PAPER[theme] };
  download(file, await pictureOf(drawn, kind, theme, words));
}

/** @param {Table} table */
function csvAddress({ head, rows }) {
  const lines = [head, ...rows].map((row) => row.map(cell).join(","));
  return URL.createObjectURL(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" }));
}

/** Quoted where it needs to be. @param {string | number} value */
function cell(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {string} name @param {string} address */
function download(name, address) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  if (address.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
