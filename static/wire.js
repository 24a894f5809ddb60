/** A binary frame, safetensors, to its metadata and arrays, without copying an array. */

/** @import { Frame, Numbers, Tensor } from "./types.js" */

/** @type {Record<string, { size: number, view: new (b: ArrayBuffer, o: number, n: number) => Numbers }>} */
const TYPES = {
  F64: { size: 8, view: Float64Array },
  F32: { size: 4, view: Float32Array },
  I64: { size: 8, view: BigInt64Array },
};

const text = new TextDecoder();

/**
 * @param {ArrayBuffer} buffer 8 bytes header length, JSON header, raw little-endian arrays
 * @returns {Frame}
 */
export function decode(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(text.decode(new Uint8Array(buffer, 8, length)));
  /** @type {Map<string, Tensor>} */
  const arrays = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    arrays.set(name, { shape: entry.shape, data: view(buffer, 8 + length, entry) });
  }
  return { metadata: header.__metadata__ ?? {}, arrays };
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} start where the arrays begin
 * @param {{ dtype: string, data_offsets: [number, number] }} entry
 */
function view(buffer, start, entry) {
  const { size, view: View } = TYPES[entry.dtype];
  const [from, to] = entry.data_offsets;
  const offset = start + from;
  // The sender aligns; a file from elsewhere may not, and then a copy is the only way to look at it.
  if (offset % size) return new View(buffer.slice(offset, start + to), 0, (to - from) / size);
  return new View(buffer, offset, (to - from) / size);
}
