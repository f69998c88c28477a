import { readFileSync } from "node:fs";
import { type CoreOp, coreOps, type DType, type Equation, sizeOf } from "@ansatz/backend";
import { conformanceGroups, toleranceOf } from "@ansatz/backend/conformance";
import { gpujsAnswer } from "@ansatz/backend-gpujs";
import { tfjsAnswer } from "@ansatz/backend-tfjs";
import { type LoopCosts, loops } from "./loops";

type Answer = "native" | "composed" | "host";
type Column = readonly [name: string, answer: (eq: Equation) => Answer];

const devices: readonly Column[] = [
  ["gpujs (WebGL2)", gpujsAnswer],
  ["tfjs on TensorFlow (CUDA)", (eq) => tfjsAnswer("tensorflow", eq)],
  ["tfjs webgl", (eq) => tfjsAnswer("webgl", eq)],
  ["tfjs wasm", (eq) => tfjsAnswer("wasm", eq)],
  ["tfjs cpu", (eq) => tfjsAnswer("cpu", eq)],
];

const control = new Set(["call", "scan", "while", "cond", "tap"]);

/** Equations that conformance asks of an op in a dtype, on tensors that have elements. */
const equationsOf = (op: string, dtype: DType): Equation[] =>
  conformanceGroups({ dtypes: ["float32", "int32", "uint32", "bool", "key"], ops: [op] })
    .filter((g) => g.dtype === dtype)
    .flatMap((g) => g.cases)
    .map((c) => c.program.equations[0])
    .filter((eq) => eq.op.name === op && [...eq.inputs, ...eq.outputs].every((a) => sizeOf(a.aval.shape) > 0))
    // Conversions to integers are the integers' affair.
    .filter((eq) => op !== "convert" || isDevice(eq.outputs[0].aval.dtype));

const isDevice = (d: DType): boolean => d === "float32" || d === "bool";

/** One word for what all of them get, or two if some shapes go elsewhere. */
export const answerOf = (answer: Column[1], equations: readonly Equation[]): string =>
  [...new Set(equations.map(answer))].sort().join(" or ");

const within = (op: CoreOp): string => {
  const { eps } = toleranceOf(op.name, 1, {});
  const more = toleranceOf(op.name, 2, {}).eps - eps;
  return eps === 0 ? "–" : more > 0 ? `${eps - more} + ${more}n ε` : `${eps} ε`;
};

const tableOf = (dtype: DType): string => {
  const rows = coreOps
    .filter((op) => !control.has(op.name))
    .flatMap((op) => {
      const equations = equationsOf(op.name, dtype);
      if (equations.length === 0) return [];
      const cells = devices.map(([, answer]) => answerOf(answer, equations));
      return [`| \`${op.name}\` | ${cells.join(" | ")} | ${within(op)} |`];
    });
  return [
    `| op | ${devices.map(([name]) => name).join(" | ")} | within |`,
    `|${"---|".repeat(devices.length + 2)}`,
    ...rows,
  ].join("\n");
};

/** Equations on integers and keys that a device answers all the same; there should be none. */
export const integersOnDevice = (): string[] =>
  (["int32", "uint32", "key"] as const).flatMap((dtype) =>
    coreOps.flatMap((op) =>
      equationsOf(op.name, dtype).flatMap((eq) =>
        eq.inputs[0]?.aval.dtype === dtype
          ? devices.flatMap(([name, answer]) => (answer(eq) === "host" ? [] : [`${op.name} ${dtype} on ${name}`]))
          : [],
      ),
    ),
  );

/** One row for each loop and device, from the files that the tests of loops write. */
const loopTable = (): string => {
  const files = ["../loops-on-webgl.json", "../loops-in-node.json"];
  const read = (f: string) =>
    JSON.parse(readFileSync(new URL(f, import.meta.url), "utf8")) as { [d: string]: LoopCosts };
  const costs: { [device: string]: LoopCosts } = Object.assign({}, ...files.map(read));
  const rows = Object.keys(loops).flatMap((loop) =>
    Object.entries(costs).map(([device, c]) => {
      const { dispatches, reads, fallbacks } = c[loop];
      return `| ${loop} | ${device} | ${dispatches} | ${reads} | ${fallbacks} |`;
    }),
  );
  return ["| loop | device | kernels | reads | on the host |", "|---|---|---|---|---|", ...rows].join("\n");
};

/** docs/backends.md */
export const backendsMarkdown = (): string => `# The backends

One program runs on every backend, with answers that agree within the tolerance of each op. This page is generated from the
conformance suite: \`npx vitest run --project conformance -u\` writes it anew, \`npm run conformance -- --backend NAME\` asks a backend
all of it (wasm, tfjs-cpu, tfjs-wasm, tfjs-webgl, tfjs-node, tfjs-node-gpu, gpujs).

| backend | what it is | dtypes on the device | on the host | reads at once |
|---|---|---|---|---|
| \`wasm\` | one WebAssembly module for each program; the default | float64, float32, int32, uint32, bool, key | nothing | yes |
| \`tfjs\` | any TensorFlow.js engine: tfjs-node-gpu (CUDA), tfjs-node, webgl, wasm, cpu | float32, bool | int32, uint32, key | yes |
| \`gpujs\` | gpu.js on WebGL2, each fusion group one fragment program | float32, bool | int32, uint32, key | yes, by stalling the device, unless \`syncRead: false\` |
| \`reference\` | the meaning: plain TypeScript, slow | all | – | yes |

wasm answers every op in every dtype by code of its own. On the other backends integers and random keys live on the host (wasm),
where they are exact: a 32-bit integer does not fit a float beyond 2²⁴. So bits, uniform and integer samplers are equal bit for bit
everywhere. Indices (of \`gather\`, \`scatter\`, \`dynamicSlice\`) come from the host to the device; those that \`argmax\` finds go back.
float64 asked of a GPU is an error that names wasm.

*native*: one op of the engine, or code of ours on the device. *composed*: several ops of the engine. *host*: the operands are read
back, wasm answers, and the result goes up again; this is counted (\`counts()\`), shown by \`explain\`, and warned of once in a loop.
Control flow (\`scan\`, \`while\`, \`cond\`) is driven from the host on these devices: a scan reads nothing back, a \`while\` reads its
predicate at every round unless that depends on counters alone. Tensors without elements are the host's. With \`syncRead: false\`
gpujs and tfjs read by \`await x.data()\` alone, so that nothing stalls; \`dataSync()\` and \`item()\` are then errors.
On TensorFlow the factorizations of \`@ansatz/linalg\`, \`lgamma\` and \`digamma\` are TensorFlow's own ops.
*within* is the tolerance, relative to the result or, for sums of n terms, to the sum of their sizes (docs/ops.md); ε = 2⁻²³.

## float32

${tableOf("float32")}

## bool

${tableOf("bool")}

## What is not promised

- **Subnormal numbers** on WebGL (gpujs, tfjs webgl): they may count as zeros, and results below 2⁻¹²⁶ may be zero. Conformance
  forgives exactly that there (\`subnormals: false\`).
- **NaN and infinities** on WebGL: GLSL does not promise them. Conformance asks for them all the same, and they are right under
  SwiftShader (Chromium's software WebGL2), where these tables are tested; a driver may differ.
- **Correct rounding** of division and square root on WebGL: GLSL ES allows 2.5 ulp for a division; SwiftShader rounds correctly.
- **Subnormal numbers** on TensorFlow: its threads flush them to zero.
- No run on a real GPU, by CUDA or by a graphics driver, has been possible so far: the TensorFlow column was checked on TensorFlow's
  CPU engine through the addon of tfjs-node (cuda.md), and everywhere against a stand-in of its interface.

## What loops cost

Kernels run on the device, values read back to go on, and equations sent to the host, for loops on a few numbers; measured by
\`tools/conformance/src/loops.ts\` on each device (TensorFlow: on the stand-in).

${loopTable()}

A scan and a counted loop enqueue everything at once. A device predicate costs a read a round. A host op in a loop costs two
transfers a step, and is warned of once, with its name and what to do.

## CUDA

[cuda.md](cuda.md): what it needs, a Dockerfile, how to check a machine.
`;
