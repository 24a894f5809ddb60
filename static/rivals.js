/** The rivals: the passes of the experiments beside the page's, each computed as the page's own is. */

import { Pass } from "./pass.js";
import { Socket } from "./socket.js";
import { experiment, pass, rivalPasses, rivals } from "./store.js";
import { specOf } from "./things.js";
import { effect, untracked } from "./vendor/signals-core/signals-core.mjs";

/** The connections, one for each rival, and what each was asked last. @type {{ socket: Socket, asked: string }[]} */
const asking = [];

/** Keep their passes to what is asked for. @param {string} url where to ask */
export function start(url) {
  effect(() => {
    const [wanted, base, own] = [rivals.value, experiment.value, pass.value];
    untracked(() => {
      while (asking.length > wanted.length) asking.pop()?.socket.close();
      if (rivalPasses.peek().length !== wanted.length)
        rivalPasses.value = wanted.map((_, i) => rivalPasses.peek()[i] ?? null);
      if (!own) return;
      for (const [i, rival] of wanted.entries()) ask(url, i, specOf(base, own.plan.spec, rival));
    });
  });
}

/** @param {string} url @param {number} i @param {import("./types.js").Change} spec */
function ask(url, i, spec) {
  const asked = JSON.stringify(spec);
  if (asking[i]?.asked === asked) return;
  asking[i] ??= { socket: new Socket(url, listener(i), `v${i}`), asked };
  asking[i].asked = asked;
  asking[i].socket.run(spec);
}

/** @param {number} i @returns {import("./socket.js").Listener} */
function listener(i) {
  /** @type {Pass | null} */
  let coming = null;
  return {
    state: () => {},
    plan: (plan) => {
      coming = new Pass(plan);
    },
    step: (_, frame) => {
      coming?.add(frame);
      // The one before stays until all of the next is here: what is dragged does not flicker.
      if (coming?.complete) put(i, coming);
    },
    done: (_, loss) => {
      if (coming) coming.meanLoss.value = loss;
    },
    error: (message) => put(i, null, message),
  };
}

/** @param {number} i @param {Pass | null} made @param {string} [problem] */
function put(i, made, problem) {
  const all = rivalPasses.peek();
  if (i >= all.length) return;
  rivalPasses.value = all.with(i, made ?? (problem ? { problem } : null));
}
