import { functions } from "./functions";

/** Lanes of a value: one float, or the four of a vec4. */
export type Width = 1 | 4;

const words: Readonly<Record<Width, { readonly [token: string]: string }>> = {
  1: { F: "float", I: "int", U: "uint", B: "bool" },
  4: { F: "vec4", I: "ivec4", U: "uvec4", B: "bvec4" },
};

const lanes = ["x", "y", "z", "w"];

/** Macros whose text differs between a number and a vector; their arguments hold no commas of their own. */
const macros: Readonly<Record<Width, { readonly [name: string]: (...args: string[]) => string }>> = {
  1: {
    LESS: (a, b) => `((${a}) < (${b}))`,
    LESSEQUAL: (a, b) => `((${a}) <= (${b}))`,
    EQUAL: (a, b) => `((${a}) == (${b}))`,
    AND: (a, b) => `(${a} && ${b})`,
    OR: (a, b) => `(${a} || ${b})`,
    NOT: (a) => `(!${a})`,
    EACH: (f, a, b) => `${f}(${a}, ${b})`,
    FAR: (x, r, q) =>
      `if (abs(${x}) >= 8192.0 && abs(${x}) < intBitsToFloat(0x7f800000)) ${r} = reduceFar(${x}, ${q});`,
  },
  4: {
    LESS: (a, b) => `lessThan(${a}, ${b})`,
    LESSEQUAL: (a, b) => `lessThanEqual(${a}, ${b})`,
    EQUAL: (a, b) => `equal(${a}, ${b})`,
    AND: (a, b) => `bvec4(${lanes.map((l) => `${a}.${l} && ${b}.${l}`).join(", ")})`,
    OR: (a, b) => `bvec4(${lanes.map((l) => `${a}.${l} || ${b}.${l}`).join(", ")})`,
    NOT: (a) => `not(${a})`,
    EACH: (f, a, b) => `vec4(${lanes.map((l) => `${f}(${a}.${l}, ${b}.${l})`).join(", ")})`,
    FAR: (x, r, q) =>
      lanes
        .map((l) => {
          const far = `abs(${x}.${l}) >= 8192.0 && abs(${x}.${l}) < intBitsToFloat(0x7f800000)`;
          return `if (${far}) { int q_; ${r}.${l} = reduceFar(${x}.${l}, q_); ${q}.${l} = q_; }`;
        })
        .join(" "),
  },
};

/** Written for one number only; functions of vectors call them lane by lane. */
const scalarOnly = new Set(["umulh", "reduceFar", "remainder"]);

const expand = (text: string, width: Width): string => {
  const table = macros[width];
  let out = text
    .replaceAll("infinity()", "intBitsToFloat(I(0x7f800000))")
    .replaceAll("notANumber()", "intBitsToFloat(I(0x7fc00000))");
  out = out.replace(/\b([A-Z]{2,})\(/g, (all, name: string) => (name in table ? `@${name}(` : all));
  for (let at = out.indexOf("@"); at >= 0; at = out.indexOf("@")) {
    const open = out.indexOf("(", at);
    const args: string[] = [];
    let depth = 1;
    let from = open + 1;
    let i = from;
    for (; depth > 0; i++) {
      if (out[i] === "(") depth++;
      else if (out[i] === ")") depth--;
      if ((depth === 1 && out[i] === ",") || depth === 0) {
        args.push(out.slice(from, i).trim());
        from = i + 1;
      }
    }
    out = out.slice(0, at) + table[out.slice(at + 1, open)](...args) + out.slice(i);
  }
  return out.replace(/\b[FIUB]\b/g, (token) => words[width][token]);
};

const calls = (text: string): string[] =>
  [...new Set(text.match(/\b\w+(?=\()/g) ?? [])].filter((name) => Object.hasOwn(functions, name));

/**
 * GLSL ES 3.00 source of the named functions and all they call, each once, in an order that declares before use. Names end in an
 * underscore where GLSL has a function of that name: `exp_`, `max_`, …
 */
export const glslSource = (names: Partial<Record<"scalar" | "vector", readonly string[]>>): string => {
  const done = new Set<string>();
  const out: string[] = [];
  const visit = (name: string, w: Width): void => {
    const lanes: Width = scalarOnly.has(name) ? 1 : w;
    const id = `${name} ${lanes}`;
    if (done.has(id)) return;
    done.add(id);
    const text = expand(functions[name], lanes);
    for (const callee of calls(text)) if (callee !== name) visit(callee, lanes);
    out.push(text);
  };
  for (const name of names.scalar ?? []) visit(name, 1);
  for (const name of names.vector ?? []) visit(name, 4);
  return out.join("\n");
};

/** Whether there is such a function. */
export const hasGlsl = (name: string): boolean => Object.hasOwn(functions, name);
