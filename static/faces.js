/** What the page can show in the same place: the faces of each card, the pictures of the network, the letters of books. */

import { NAMES } from "./plots/names.js";
import { bare, book, faces, front, picture, presenting } from "./store.js";

/** @import { Book, Faces, Picture } from "./types.js" */
/** A face: its name, its word, the element it is drawn in, and the key that shows it. @typedef {{ name: string, word: string, panel: string, key?: string }} Face */

/** The faces of every card, in order. @type {Record<keyof Faces, Face[]>} */
export const FACES = {
  meaning: [
    { name: "equation", word: "Equation", panel: "equation" },
    { name: "numbers", word: "Numbers", panel: "numbers" },
  ],
  code: [
    { name: "numpy", word: "NumPy", panel: "code" },
    { name: "torch", word: "PyTorch", panel: "code" },
  ],
  plots: [
    { name: "shares", word: "Gradient by timestep", panel: "shares", key: "1" },
    { name: "weight", word: "One weight", panel: "weight", key: "2" },
    ...NAMES.map(([name, word], i) => ({ name, word, panel: "plot", key: String(i + 3) })),
  ],
};

/** @type {Picture[]} */
export const PICTURES = ["unrolled", "rolled", "cell"];

/** Whose letters the parameters may have, each with its name. @type {[Book, string][]} */
export const BOOKS = [
  ["goodfellow", "Goodfellow"],
  ["pytorch", "PyTorch"],
  ["karpathy", "Karpathy"],
];

/** @param {keyof Faces} card @param {string} name */
export function show(card, name) {
  faces.value = { ...faces.peek(), [card]: name };
  front.value = card;
  bare.value = false;
}

/** The face after the one that shows, or before it; of a card that is not on the screen the face it has. @param {keyof Faces} card @param {number} [by] */
export function showNext(card, by = 1) {
  const away = presenting.peek() && (bare.peek() || front.peek() !== card);
  if (away) return show(card, faces.peek()[card]);
  const names = FACES[card].map(({ name }) => name);
  show(card, turned(names, faces.peek()[card], by));
}

export function showNextPicture() {
  picture.value = turned(PICTURES, picture.peek(), 1);
}

export function showNextBook() {
  const names = BOOKS.map(([name]) => name);
  book.value = turned(names, book.peek(), 1);
}

/** @template T @param {T[]} all @param {T} current @param {number} by */
function turned(all, current, by) {
  return all[(all.indexOf(current) + by + all.length) % all.length];
}
