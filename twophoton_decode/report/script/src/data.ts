// Groups of arrays: deflated, laid out plane by plane; see report/data/block.py. A group stands
// in the page, in base64, or is fetched from the server of the page.

export type Numbers = Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Float32Array;

const KINDS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
} as const;

interface Head {
  arrays: { name: string; type: keyof typeof KINDS; shape: number[] }[];
  facts: object;
}

/** The groups of a page; a group is unpacked when it is first asked for. */
export class Block {
  private readonly groups = new Map<string, Promise<void>>();
  private readonly arrays = new Map<string, Numbers>();
  private readonly known = new Map<string, object>();

  /** `names` are the groups there are; `served` is where the server has them, if there is one. */
  constructor(
    private readonly names: string[],
    private readonly served: string,
  ) {}

  has(group: string): boolean {
    return this.names.includes(group);
  }

  /** Unpack a group; its arrays can then be taken with `get`. */
  load(group: string): Promise<void> {
    let loading = this.groups.get(group);
    if (!loading) {
      loading = this.unpack(group);
      this.groups.set(group, loading);
      // What failed can be tried again.
      loading.catch(() => this.groups.delete(group));
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

  /** What the page must know of a group's arrays; nothing of one that is not loaded. */
  facts<T extends object>(group: string): T | undefined {
    return this.known.get(group) as T | undefined;
  }

  /** Forget the arrays of a group that were copied elsewhere. */
  drop(group: string): void {
    for (const key of this.arrays.keys()) if (key.startsWith(`${group}/`)) this.arrays.delete(key);
  }

  private async unpack(group: string): Promise<void> {
    const bytes = await inflated(await this.bytesOf(group));
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Head;
    let at = 4 + length;
    for (const { name, type, shape } of head.arrays) {
      const count = shape.reduce((product, side) => product * side, 1);
      const size = KINDS[type].BYTES_PER_ELEMENT * count;
      this.arrays.set(`${group}/${name}`, fromPlanes(bytes.subarray(at, at + size), type, count));
      at += size;
    }
    this.known.set(group, head.facts);
  }

  private async bytesOf(group: string): Promise<Uint8Array<ArrayBuffer>> {
    const embedded = document.getElementById(`data-${group}`);
    if (embedded || !this.served) return fromBase64(embedded?.textContent ?? "");
    const response = await fetch(`${this.served}/${group}`).catch(() => {
      throw new Error("tpdecode view was ended: start it again, and open the address that it prints.");
    });
    if (!response.ok) throw new Error(`This session was run again, or is being run: reload the page.`);
    return new Uint8Array(await response.arrayBuffer());
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
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
