/** The findings: what an open plot needs beyond its pass is asked of the server while it is open, and kept. */

import { Finding, keyOf } from "./finding.js";
import { Socket } from "./socket.js";
import { findings } from "./store.js";

/** @import { Pass } from "./pass.js" */
/** @import { What } from "./finding.js" */

/** How many findings are kept: going back to a plot asks nothing again. */
const MOST = 12;

/** The connections that are asked now, by what they are asked. @type {Map<string, Socket>} */
const asking = new Map();

/** What is wanted from now on: the rest is asked for no more. @param {string} url @param {{ pass: Pass, what: What }[]} wanted */
export function want(url, wanted) {
  const keys = new Set(wanted.map(({ pass, what }) => keyOf(pass, what)));
  for (const [key, socket] of asking) if (!keys.has(key)) stop(key, socket);
  for (const { pass, what } of wanted) {
    const key = keyOf(pass, what);
    if (!asking.has(key) && !findings.peek().get(key)?.complete.peek()) ask(url, key, pass, what);
  }
}

/** @param {string} key @param {Socket} socket */
function stop(key, socket) {
  socket.close();
  asking.delete(key);
  if (!findings.peek().get(key)?.complete.peek()) put(key, null);
}

/** @param {string} url @param {string} key @param {Pass} pass @param {What} what */
function ask(url, key, pass, what) {
  const fresh = () =>
    new Finding(what, pass.sizes.T, (name) => pass.shared && pass.parameters.has(name));
  const socket = new Socket(
    url,
    {
      state: (state) => {
        // A lost connection begins anew: parts of two answers would not be one.
        if (state === "open") put(key, fresh());
      },
      plan: () => {},
      step: (_, frame) => findings.peek().get(key)?.add(frame),
      done: () => {
        findings.peek().get(key)?.end();
        end(key);
      },
      error: (message) => {
        findings.peek().get(key)?.fail(message);
        end(key);
      },
    },
    "f",
  );
  asking.set(key, socket);
  socket.find(pass.plan.spec, what);
}

/** @param {string} key */
function end(key) {
  asking.get(key)?.close();
  asking.delete(key);
}

/** Keep a finding, and of all only the newest. @param {string} key @param {Finding | null} finding */
function put(key, finding) {
  const kept = [...findings.peek()].filter(([other]) => other !== key);
  findings.value = new Map(finding ? [...kept.slice(1 - MOST), [key, finding]] : kept);
}
