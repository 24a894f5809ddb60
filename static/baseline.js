/** The baseline: the pass without the overrides, kept from the page where it showed there, else asked for. */

import { isSameBut } from "./changes.js";
import { Pass } from "./pass.js";
import { Socket } from "./socket.js";
import { baseline, experiment, pass } from "./store.js";
import { effect } from "./vendor/signals-core/signals-core.mjs";

/** The connection that asks, while it does, and the pass that comes. @type {{ socket: Socket, coming: Pass | null, of: Pass } | null} */
let asking = null;

/** Let go of the baseline once the page shows a pass that it is not of. */
export function start() {
  effect(() => {
    const now = pass.value;
    if (baseline.peek() && !(now?.plan.spec.overrides.length && isSameBut(now, baseline.peek())))
      baseline.value = null;
  });
}

/** See to the baseline of a pass that has just begun to come. @param {Pass} coming @param {string} url where to ask */
export function follow(coming, url) {
  const shown = pass.peek();
  if (!coming.plan.spec.overrides.length || isSameBut(coming, baseline.peek())) return stop();
  if (shown?.complete && isSameBut(coming, shown) && !shown.plan.spec.overrides.length) {
    baseline.value = shown;
    return stop();
  }
  if (asking && isSameBut(coming, asking.of)) return;
  stop();
  asking = { socket: new Socket(url, listener(), "b"), coming: null, of: coming };
  const { overrides: _, ...rest } = experiment.peek();
  asking.socket.run(rest);
}

/** Ask no more: a connection that nothing is asked of is closed. */
function stop() {
  asking?.socket.close();
  asking = null;
}

/** @returns {import("./socket.js").Listener} */
function listener() {
  return {
    state: () => {},
    plan: (plan) => {
      if (asking) asking.coming = new Pass(plan);
    },
    step: (_, frame) => asking?.coming?.add(frame),
    done: (_, loss) => {
      const made = asking?.coming ?? null;
      if (made) made.meanLoss.value = loss;
      baseline.value = made;
      stop();
    },
    error: stop,
  };
}
