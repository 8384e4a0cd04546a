// Arrays in the page: base64, deflated, laid out plane by plane; see report/data/block.py.

export type Numbers = Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Float32Array;

const KINDS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
} as const;

export interface Listed {
  name: string;
  type: keyof typeof KINDS;
  shape: number[];
}

export type Manifest = Record<string, Listed[]>;

/** The groups of arrays of a page; a group is unpacked when it is first asked for. */
export class Block {
  private groups = new Map<string, Promise<void>>();
  private arrays = new Map<string, Numbers>();

  constructor(
    private manifest: Manifest,
    private textOf: (group: string) => string,
  ) {}

  has(group: string): boolean {
    return group in this.manifest;
  }

  /** Unpack a group; its arrays can then be taken with `get`. */
  load(group: string): Promise<void> {
    let loading = this.groups.get(group);
    if (!loading) {
      loading = this.unpack(group);
      this.groups.set(group, loading);
    }
    return loading;
  }

  /** An array of a group that is loaded. */
  get<T extends Numbers = Numbers>(group: string, name: string): T {
    const found = this.arrays.get(`${group}/${name}`);
    if (!found) throw new Error(`the page has no array ${group}/${name}`);
    return found as T;
  }

  find<T extends Numbers = Numbers>(group: string, name: string): T | null {
    return (this.arrays.get(`${group}/${name}`) as T | undefined) ?? null;
  }

  private async unpack(group: string): Promise<void> {
    const bytes = await inflated(fromBase64(this.textOf(group)));
    let at = 0;
    for (const { name, type, shape } of this.manifest[group] ?? []) {
      const count = shape.reduce((product, length) => product * length, 1);
      const size = KINDS[type].BYTES_PER_ELEMENT * count;
      this.arrays.set(`${group}/${name}`, fromPlanes(bytes.subarray(at, at + size), type, count));
      at += size;
    }
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** All first bytes, then all second ones; whole numbers wider than a byte are folded as well. */
function fromPlanes(planes: Uint8Array, type: keyof typeof KINDS, count: number): Numbers {
  const kind = KINDS[type];
  const wide = kind.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(count * wide);
  for (let plane = 0; plane < wide; plane++) {
    const start = plane * count;
    for (let i = 0, to = plane; i < count; i++, to += wide) bytes[to] = planes[start + i];
  }
  const values = new kind(bytes.buffer);
  if (type === "int16" || type === "int32") {
    for (let i = 0; i < count; i++) {
      const folded = values[i];
      values[i] = (type === "int16" ? (folded & 0xffff) >>> 1 : folded >>> 1) ^ -(folded & 1);
    }
  }
  return values;
}

/** Bit `at` of row `row` of bits packed as numpy's packbits does. */
export function bit(packed: Uint8Array, rowBytes: number, row: number, at: number): boolean {
  return ((packed[row * rowBytes + (at >> 3)] >> (7 - (at & 7))) & 1) === 1;
}
