/** A plot as a file: a picture for a projector, or its numbers. */

import { pictureOf } from "../plot.js";

/** @import { Plot, Source, Table } from "../plots/catalogue.js" */

const PAPER = { light: "#ffffff", dark: "#0d1117" };

/** Save what a plot shows. @param {"png" | "svg" | "csv"} kind @param {Plot} plot @param {Source} source */
export async function save(kind, plot, source) {
  const name = `unroll-${plot.name}-${source.pass.plan.id.slice(0, 8)}.${kind}`;
  if (kind === "csv") return download(name, csvAddress(plot.table(source)));
  const room = { wide: 1920 / 28, high: 800 / 28 };
  const figure = plot.figure({ ...source, room });
  if (!figure) return;
  const words = { title: plot.word, reading: plot.reading(source), paper: PAPER[source.theme] };
  download(name, await pictureOf(figure, kind, source.theme, words));
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
