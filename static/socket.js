/** The connection: sends experiments, hands on what comes back, and comes back by itself. */

import { decode } from "./wire.js";

/** @import { Change, Frame, Plan } from "./types.js" */

/**
 * What a connection tells.
 * @typedef {{
 *   state: (state: "connecting" | "open" | "lost") => void,
 *   plan: (plan: Plan) => void,
 *   step: (run: string, frame: Frame) => void,
 *   done: (run: string, loss: number | null) => void,
 *   error: (message: string, field: string | null, run: string | null) => void,
 * }} Listener
 * @typedef {{ type: "run" | "find", spec: Change, what?: string, dtype: string }} Request
 */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
/** Above this many values a state, float32 is enough to look at and half the bytes to wait for. */
const EXACT_VALUES = 4096;

export class Socket {
  /** @type {WebSocket | null} */
  #socket = null;
  #wait = FIRST_WAIT;
  #runs = 0;
  /** @type {string | null} the run whose frames are wanted */
  #current = null;
  /** @type {Request | null} what is asked and not answered in full */
  #pending = null;
  #closing = false;

  /** @param {string} url @param {Listener} listener @param {string} [letter] begins the names of its runs */
  constructor(url, listener, letter = "r") {
    this.url = url;
    this.listener = listener;
    this.letter = letter;
    this.#connect();
  }

  /** Run an experiment; the one before is no longer wanted. @param {Change} spec */
  run(spec) {
    this.#ask({ type: "run", spec, dtype: dtypeOf(spec) });
  }

  /** Find something out of an experiment's pass; what was asked before is no longer wanted. @param {Change} spec @param {string} what */
  find(spec, what) {
    this.#ask({ type: "find", spec, what, dtype: "float64" });
  }

  /** @param {Request} request */
  #ask(request) {
    if (this.#current !== null && this.#pending) this.#send({ type: "cancel", run: this.#current });
    this.#pending = request;
    this.#runs += 1;
    this.#current = `${this.letter}${this.#runs}`;
    this.#send({ ...request, run: this.#current });
  }

  /** Try to connect now, not when the wait is over. */
  retry() {
    if (this.#socket === null && !this.#closing) this.#connect();
  }

  /** Ask and tell no more. */
  close() {
    this.#closing = true;
    this.#current = null;
    // A browser complains of a connection that is closed before it is open.
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.close();
  }

  #connect() {
    this.listener.state("connecting");
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = () => this.#closed();
    this.#socket = socket;
  }

  #opened() {
    if (this.#closing) return this.close();
    this.#wait = FIRST_WAIT;
    this.listener.state("open");
    // What was asked for and not finished is asked for again: a pass is a function of its spec.
    const unfinished = this.#pending;
    this.#pending = null;
    if (unfinished) this.#ask(unfinished);
  }

  #closed() {
    this.#socket = null;
    if (this.#closing) return;
    this.listener.state("lost");
    setTimeout(() => this.retry(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  /** @param {ArrayBuffer | string} data */
  #received(data) {
    if (this.#closing) return;
    if (typeof data !== "string") {
      const frame = decode(data);
      if (frame.metadata.run === this.#current) this.listener.step(frame.metadata.run, frame);
      return;
    }
    const message = JSON.parse(data);
    if (message.run !== undefined && message.run !== this.#current) return;
    if (message.type === "plan") this.listener.plan(message);
    if (message.type === "done")
      this.#finished(() => this.listener.done(message.run, message.loss));
    if (message.type === "error")
      this.#finished(() =>
        this.listener.error(message.message, message.field ?? null, message.run ?? null),
      );
  }

  /** @param {() => void} tell */
  #finished(tell) {
    this.#pending = null;
    tell();
  }

  /** @param {object} message */
  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** @param {Change} spec */
function dtypeOf(spec) {
  const units = Number(spec.hidden_size ?? 8) * Number(spec.layers ?? 1);
  return stepsOf(spec) * units <= EXACT_VALUES ? "float64" : "float32";
}

/** About how many steps of how many sequences a task has. @param {Change} spec */
function stepsOf(spec) {
  const task = /** @type {Partial<import("./types.js").Task>} */ (spec.task ?? {});
  const { text, values, gap = 0, length = 0, most = 0, batch = 1 } = task;
  return (text?.length ?? values?.length ?? gap + length + 2 * most) * batch;
}
