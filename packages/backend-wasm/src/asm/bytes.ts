/** A growable byte buffer with the number encodings of the WebAssembly binary format. */
export class Bytes {
  private buffer: Uint8Array;
  private view: DataView;
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  private reserve(extra: number): void {
    const need = this.length + extra;
    if (need <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(need, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }

  u8(byte: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = byte;
  }

  /** Unsigned LEB128 of an integer in [0, 2³²). */
  u32(value: number): void {
    if (value < 128 && value >= 0 && this.length < this.buffer.length) {
      this.buffer[this.length++] = value;
      return;
    }
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.u8(rest);
  }

  /** Signed LEB128 of the low 32 bits of `value`. */
  s32(value: number): void {
    let rest = value | 0;
    while (rest > 63 || rest < -64) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.u8(rest & 0x7f);
  }

  /** Signed LEB128 of the low 64 bits of `value`. */
  s64(value: bigint | number): void {
    let rest = BigInt.asIntN(64, BigInt(value));
    while (rest > 63n || rest < -64n) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.u8(Number(rest & 0x7fn));
  }

  f32(value: number): void {
    this.reserve(4);
    this.view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  append(bytes: ArrayLike<number>): void {
    this.reserve(bytes.length);
    // opcodes are two or three bytes: a call of the engine's own copy would cost more than they do
    if (bytes.length < 8) for (let i = 0; i < bytes.length; i++) this.buffer[this.length + i] = bytes[i] as number;
    else this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A name: its UTF-8 length, then its UTF-8 bytes. */
  name(text: string): void {
    this.sized(new TextEncoder().encode(text));
  }

  /** A length, then the bytes. */
  sized(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.append(bytes);
  }

  /** A view of what was written from `start` to `end`; it is stale after the next write. */
  slice(start = 0, end = this.length): Uint8Array {
    return this.buffer.subarray(start, end);
  }
}
