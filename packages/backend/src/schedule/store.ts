import { type Aval, byteSize, sizeOf } from "../aval";
import type { TypedArray } from "../dtype";
import type { Device } from "./device";

/** A tensor on its way through a program: on the device, on the host, or on both. Never written to, so it may be shared. */
export class Value<B> {
  /** Owners: variables of running programs, and buffers. */
  refs = 1;
  device: B | undefined;
  host: TypedArray | undefined;
  constructor(
    readonly aval: Aval,
    /** Literals belong to an executable and are not counted as live. */
    readonly counted = true,
  ) {}
}

/** Host copies beyond this many elements are not kept beside a device's own. */
const keepBoth = 4096;

/** Holds the values of one device and knows which are alive. */
export class Store<B> {
  private readonly alive = new Set<Value<B>>();
  reads = 0;
  constructor(readonly device: Device<B>) {}

  onHost(aval: Aval, data: TypedArray, counted = true): Value<B> {
    const v = new Value<B>(aval, counted);
    v.host = data;
    this.alive.add(v);
    return v;
  }
  onDevice(aval: Aval, b: B): Value<B> {
    const v = new Value<B>(aval);
    v.device = b;
    this.alive.add(v);
    return v;
  }
  release(v: Value<B>): void {
    if (--v.refs > 0) return;
    if (v.device !== undefined) this.device.free(v.device);
    v.device = undefined;
    v.host = undefined;
    this.alive.delete(v);
  }
  /** The device's storage of a value, uploaded if need be. */
  toDevice(v: Value<B>): B {
    if (v.device !== undefined && v.host && this.device.isLost?.(v.device)) v.device = undefined;
    if (v.device === undefined) {
      v.device = this.device.upload(v.host as TypedArray, v.aval);
      if (sizeOf(v.aval.shape) > keepBoth) v.host = undefined;
    }
    return v.device;
  }
  /** The elements of a value; waits only if the device cannot read at once. Not to be written to. */
  *toHost(v: Value<B>): Generator<Promise<unknown>, TypedArray, unknown> {
    if (v.host) return v.host;
    this.reads++;
    const b = v.device as B;
    const data = this.device.readSync
      ? this.device.readSync(b, v.aval)
      : ((yield this.device.read(b, v.aval)) as TypedArray);
    if (sizeOf(v.aval.shape) <= keepBoth) v.host = data;
    return data;
  }
  live(): { buffers: number; bytes: number } {
    let buffers = 0;
    let bytes = 0;
    for (const v of this.alive)
      if (v.counted) {
        buffers++;
        bytes += byteSize(v.aval);
      }
    return { buffers, bytes };
  }
  clear(): void {
    for (const v of this.alive) if (v.device !== undefined) this.device.free(v.device);
    this.alive.clear();
  }
}
