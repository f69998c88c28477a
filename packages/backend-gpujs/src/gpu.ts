import { BackendError } from "@ansatz/backend";
import * as module from "gpu.js";
import type { Fold } from "./fold";
import { glslOf, inputName, keyOf, type Shader } from "./shader";

/**
 * The one door to gpu.js. What is used beyond its documented face is listed here and belongs to the pinned version 2.24.1:
 * kernel.build/run called directly (the shortcut re-checks argument types at every call), kernel.texture and _textureSwitched (an
 * output texture of ours takes the place of its own, which it would keep alive and re-render), kernel.framebuffer, textureCache.
 * `openGpu` draws once with a known answer, so a gpu.js that differs is refused at once.
 */
interface Kernel {
  program: WebGLProgram;
  framebuffer: WebGLFramebuffer;
  texture: Handle;
  textureCache: WebGLTexture[];
  TextureConstructor: new (settings: object) => Handle;
  _textureSwitched: boolean;
  fallbackRequested?: boolean;
  build(...args: unknown[]): unknown;
  run(...args: unknown[]): unknown;
  destroy(): void;
}
type Shortcut = ((...args: unknown[]) => unknown) & { kernel: Kernel };
interface Gpu {
  createKernel(source: string, settings: object): Shortcut;
}
type GpuClass = new (settings: object) => Gpu;
/** gpu.js's Texture. */
interface Handle {
  texture: WebGLTexture;
}

/** A texture of a fold, shared by those who hold it; `alive` is false once its context was lost. */
export interface Texture {
  readonly fold: Fold;
  readonly handle: Handle;
  readonly epoch: number;
  refs: number;
}

interface Compiled {
  readonly kernel: Kernel;
  readonly vertices: WebGLVertexArrayObject;
}

export interface GpuOptions {
  /** A canvas or OffscreenCanvas to take the context from; by default one of its own that is never shown. */
  readonly canvas?: HTMLCanvasElement | OffscreenCanvas;
  /** Bytes of textures kept for reuse. */
  readonly poolBytes?: number;
  /** Compiled kernels kept. */
  readonly kernels?: number;
  readonly onLost?: () => void;
  readonly onRestored?: () => void;
}

const ownCanvas = (): HTMLCanvasElement | OffscreenCanvas | undefined => {
  if (typeof OffscreenCanvas !== "undefined") return new OffscreenCanvas(1, 1);
  return typeof document !== "undefined" ? document.createElement("canvas") : undefined;
};

const unavailable = (law: string, advice: string): BackendError =>
  new BackendError("gpujsBackend", law, undefined, advice, "unavailable");

/** gpu.js puts itself in the place of the browser's own GPU interface; that is put back. */
const restoreGlobal = (): void => {
  const native = (globalThis as { navigator?: { gpu?: object } }).navigator?.gpu?.constructor;
  if (native && native !== Object)
    Object.defineProperty(globalThis, "GPU", { value: native, configurable: true, writable: true, enumerable: false });
};

const gpuClass = (): GpuClass => {
  type Shape = { GPU?: GpuClass; default?: GpuClass & { GPU?: GpuClass } };
  const m = module as unknown as Shape;
  const found = m.GPU ?? m.default?.GPU ?? m.default;
  if (!found) throw unavailable("gpu.js exports no GPU class", "use gpu.js 2.24.1");
  return found;
};

export class Device {
  readonly gl: WebGL2RenderingContext;
  readonly maxSide: number;
  /** Counts contexts: textures of an earlier one are dead. */
  epoch = 0;
  lost = false;
  draws = 0;
  compiles = 0;
  private readonly gpu: () => Gpu;
  private engine: Gpu | undefined;
  private framebuffer: WebGLFramebuffer | null = null;
  private readonly compiled = new Map<string, Compiled>();
  private readonly pool = new Map<string, Handle[]>();
  private pooled = 0;
  private allocated = 0;
  private makeHandle: ((texture: WebGLTexture, fold: Fold) => Handle) | undefined;
  private readonly options: Required<Pick<GpuOptions, "poolBytes" | "kernels">>;

  constructor(options: GpuOptions) {
    this.options = { poolBytes: options.poolBytes ?? 2 ** 28, kernels: options.kernels ?? 1000 };
    const canvas = options.canvas ?? ownCanvas();
    const gl = canvas?.getContext("webgl2", { alpha: false, depth: false, antialias: false }) as
      | WebGL2RenderingContext
      | null
      | undefined;
    if (!canvas || !gl) throw unavailable("there is no WebGL2 here", "use the wasm backend");
    if (!gl.getExtension("EXT_color_buffer_float"))
      throw unavailable("WebGL2 cannot render floats here (EXT_color_buffer_float)", "use the wasm backend");
    this.gl = gl;
    this.maxSide = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.lost = true;
      this.forget();
      options.onLost?.();
    });
    canvas.addEventListener("webglcontextrestored", () => {
      gl.getExtension("EXT_color_buffer_float");
      this.lost = false;
      options.onRestored?.();
    });
    restoreGlobal();
    const GPU = gpuClass();
    // gpu.js would resize the canvas to the largest texture at every compilation: it is given a stand-in.
    this.gpu = () => new GPU({ canvas: { width: 1, height: 1 }, context: gl });
    this.checkItself();
  }

  /** After a loss nothing made before exists any more. */
  private forget(): void {
    this.epoch++;
    this.compiled.clear();
    this.pool.clear();
    this.pooled = 0;
    this.allocated = 0;
    this.engine = undefined;
    this.framebuffer = null;
    this.makeHandle = undefined;
  }

  private open(): void {
    if (this.lost || this.gl.isContextLost())
      throw new BackendError(
        "gpujs",
        "the WebGL context is lost",
        undefined,
        "wait for it to be restored; programs recompile by themselves, tensors are made anew",
        "lost",
      );
  }

  private checkItself(): void {
    const one: Fold = { size: 4, width: 1, height: 1, shift: 0 };
    const shader: Shader = {
      inputs: [one],
      ints: ["s"],
      out: one,
      vector: [],
      scalar: [],
      body: "return x0(o) * 2.0 + float(user_s);",
    };
    const x = this.upload(Float32Array.of(1, 2, 3, 4), one);
    const y = this.draw(shader, [x], [10]);
    const seen = [...this.readSync(y)];
    this.free(x);
    this.free(y);
    if (seen.join() !== "12,14,16,18")
      throw unavailable(`gpu.js answers ${seen} for 12,14,16,18`, "use gpu.js 2.24.1, or the wasm backend");
    this.draws = 0;
    this.compiles = 0;
  }

  /** A texture with undefined contents. */
  private take(fold: Fold): Handle {
    const { gl } = this;
    const key = `${fold.width}x${fold.height}`;
    const free = this.pool.get(key);
    const bytes = fold.width * fold.height * 16;
    if (free && free.length > 0) {
      this.pooled -= bytes;
      return free.pop()!;
    }
    const texture = gl.createTexture();
    if (!texture) throw this.outOfMemory(fold);
    gl.activeTexture(gl.TEXTURE15);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const [name, value] of [
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
      [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    ])
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, fold.width, fold.height);
    // Asking for errors waits for the driver, so only what is large is asked about.
    if (bytes >= 2 ** 26 && gl.getError() === gl.OUT_OF_MEMORY) {
      gl.deleteTexture(texture);
      throw this.outOfMemory(fold);
    }
    gl.bindTexture(gl.TEXTURE_2D, null);
    this.allocated += bytes;
    return this.wrap(texture, fold);
  }

  private outOfMemory(fold: Fold): BackendError {
    return new BackendError("gpujs", "out of texture memory", { bytes: 4 * fold.size }, "free tensors", "memory");
  }

  /** gpu.js takes only Texture objects of its own class, which a kernel that returns vectors knows. */
  private wrap(texture: WebGLTexture, fold: Fold): Handle {
    this.makeHandle ??= this.textureClass();
    return this.makeHandle(texture, fold);
  }

  private textureClass(): (texture: WebGLTexture, fold: Fold) => Handle {
    const { gl } = this;
    const { kernel } = this.create(
      "function (s) { return body(1.0); }",
      ["Integer"],
      [2, 2],
      "vec4 body(float unused) { return vec4(0.0); }",
    );
    kernel.build(0);
    this.dropOutput(kernel);
    const Texture = kernel.TextureConstructor;
    return (handle, { width, height }) =>
      new Texture({
        texture: handle,
        size: [width, height],
        dimensions: [width, height, 1],
        output: [width, height],
        context: gl,
        kernel,
        internalFormat: gl.RGBA32F,
        textureFormat: gl.RGBA,
      });
  }

  private dropOutput(kernel: Kernel): void {
    this.gl.deleteTexture(kernel.texture.texture);
    kernel.textureCache.length = 0;
  }

  private create(source: string, argumentTypes: string[], output: number[], native: string): Shortcut {
    this.engine ??= this.gpu();
    return this.engine.createKernel(source, {
      output,
      argumentTypes,
      nativeFunctions: [
        {
          name: "body",
          source: native,
          settings: undefined,
          argumentTypes: { unused: "Number" },
          returnType: "Array(4)",
        },
      ],
      returnType: "Array(4)",
      pipeline: true,
      immutable: true,
      precision: "single",
      tactic: "precision",
      dynamicArguments: false,
      dynamicOutput: false,
      optimizeFloatMemory: false,
      fixIntegerDivisionAccuracy: false,
    });
  }

  private compile(shader: Shader, args: unknown[]): Compiled {
    const key = keyOf(shader);
    const known = this.compiled.get(key);
    if (known) {
      // Least recently used first.
      this.compiled.delete(key);
      this.compiled.set(key, known);
      return known;
    }
    const { gl } = this;
    const names = [...shader.inputs.map((_, k) => inputName(k)), ...shader.ints];
    const types = [...shader.inputs.map(() => "ArrayTexture(4)"), ...shader.ints.map(() => "Integer")];
    const { width, height } = shader.out;
    // gpu.js binds vertices once, at its last compilation; every kernel here has its own binding.
    const vertices = gl.createVertexArray()!;
    gl.bindVertexArray(vertices);
    const source = `function (${names.join(", ")}) { return body(1.0); }`;
    const { kernel } = this.create(source, types, height > 1 ? [width, height] : [width], glslOf(shader));
    kernel.build(...args);
    if (kernel.fallbackRequested) throw new BackendError("gpujs", "gpu.js would fall back to its CPU mode");
    this.compiles++;
    this.dropOutput(kernel);
    gl.deleteFramebuffer(kernel.framebuffer);
    // One framebuffer for all: each would keep the last texture it drew to alive.
    this.framebuffer ??= gl.createFramebuffer();
    kernel.framebuffer = this.framebuffer!;
    const made = { kernel, vertices };
    this.compiled.set(key, made);
    if (this.compiled.size > this.options.kernels) this.evict();
    return made;
  }

  private evict(): void {
    const [key, { kernel, vertices }] = this.compiled.entries().next().value!;
    this.compiled.delete(key);
    this.gl.deleteVertexArray(vertices);
    this.gl.deleteProgram(kernel.program);
  }

  /** Runs a shader; the result is a texture with one owner. */
  draw(shader: Shader, inputs: readonly Texture[], ints: readonly number[] = []): Texture {
    this.open();
    for (const t of inputs) this.checkAlive(t);
    const args = [...inputs.map((t) => t.handle), ...ints];
    const { kernel, vertices } = this.compile(shader, args);
    const handle = this.take(shader.out);
    this.gl.bindVertexArray(vertices);
    kernel.texture = handle;
    kernel._textureSwitched = true;
    kernel.run(...args);
    this.draws++;
    return { fold: shader.out, handle, epoch: this.epoch, refs: 1 };
  }

  checkAlive(t: Texture): void {
    if (t.epoch !== this.epoch)
      throw new BackendError(
        "gpujs",
        "a tensor was lost with its WebGL context",
        { elements: t.fold.size },
        "make it anew from host data",
        "lost",
      );
  }

  upload(data: Float32Array, fold: Fold): Texture {
    this.open();
    const { gl } = this;
    const handle = this.take(fold);
    const room = fold.width * fold.height * 4;
    let padded = data;
    if (data.length !== room) {
      padded = new Float32Array(room);
      padded.set(data);
    }
    gl.activeTexture(gl.TEXTURE15);
    gl.bindTexture(gl.TEXTURE_2D, handle.texture);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, fold.width, fold.height, gl.RGBA, gl.FLOAT, padded);
    gl.bindTexture(gl.TEXTURE_2D, null);
    return { fold, handle, epoch: this.epoch, refs: 1 };
  }

  private attach(t: Texture): void {
    this.open();
    this.checkAlive(t);
    const { gl } = this;
    this.framebuffer ??= gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, t.handle.texture, 0);
  }

  readSync(t: Texture): Float32Array {
    this.attach(t);
    const { gl } = this;
    const { width, height, size } = t.fold;
    const all = new Float32Array(width * height * 4);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, all);
    return all.subarray(0, size);
  }

  /** Through a pixel buffer and a fence, so that the page is free while the device works. */
  async read(t: Texture): Promise<Float32Array> {
    this.attach(t);
    const { gl, epoch } = this;
    const { width, height, size } = t.fold;
    const all = new Float32Array(width * height * 4);
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, all.byteLength, gl.STREAM_READ);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    try {
      if (fence) await this.signalled(fence);
      if (epoch !== this.epoch) this.checkAlive(t);
      this.open();
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, all);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    } finally {
      gl.deleteSync(fence);
      gl.deleteBuffer(buffer);
    }
    return all.subarray(0, size);
  }

  private async signalled(fence: WebGLSync): Promise<void> {
    const { gl } = this;
    for (let tries = 0; !gl.isContextLost(); tries++) {
      const status = gl.clientWaitSync(fence, 0, 0);
      if (status === gl.ALREADY_SIGNALED || status === gl.CONDITION_SATISFIED) return;
      if (status === gl.WAIT_FAILED) throw new BackendError("gpujs", "waiting for the device failed");
      await nextTask(tries < 50 ? 0 : 2);
    }
  }

  share(t: Texture): Texture {
    t.refs++;
    return t;
  }

  free(t: Texture): void {
    if (--t.refs > 0 || t.epoch !== this.epoch || this.lost) return;
    const bytes = t.fold.width * t.fold.height * 16;
    if (this.pooled + bytes > this.options.poolBytes) {
      this.gl.deleteTexture(t.handle.texture);
      this.allocated -= bytes;
      return;
    }
    const key = `${t.fold.width}x${t.fold.height}`;
    const free = this.pool.get(key);
    if (free) free.push(t.handle);
    else this.pool.set(key, [t.handle]);
    this.pooled += bytes;
  }

  /** Bytes of textures: those in use, and those kept for reuse. */
  memory(): { used: number; pooled: number } {
    return { used: this.allocated - this.pooled, pooled: this.pooled };
  }

  dispose(): void {
    for (const free of this.pool.values()) for (const h of free) this.gl.deleteTexture(h.texture);
    for (const { kernel, vertices } of this.compiled.values()) {
      this.gl.deleteProgram(kernel.program);
      this.gl.deleteVertexArray(vertices);
    }
    this.forget();
  }
}

/** A turn of the event loop; a message is not held back as nested timers are. */
const nextTask = (delay: number): Promise<void> =>
  new Promise((done) => {
    if (delay > 0 || typeof MessageChannel === "undefined") {
      setTimeout(done, delay);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(0);
  });
