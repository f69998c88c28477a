export type TokenKind = "comment" | "string" | "number" | "keyword" | "type" | "call" | "plain";
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const keywords = new Set(
  (
    "abstract as async await break case catch class const continue default delete do else enum export extends false finally " +
    "for from function get if implements import in infer instanceof interface is keyof let new null of override private " +
    "protected public readonly return satisfies set static super switch this throw true try type typeof undefined unique " +
    "var void while yield"
  ).split(" "),
);

// In the order of the alternatives: comments, strings (templates whole), numbers, names.
const pattern =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`)|(\b(?:0[xb][\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)n?\b)|([A-Za-z_$][\w$]*)/gi;

/** Splits TypeScript into coloured pieces. Joined, their texts are the source again. */
export const highlight = (source: string): Token[] => {
  const tokens: Token[] = [];
  const push = (kind: TokenKind, text: string): void => {
    if (text === "") return;
    const last = tokens.at(-1);
    if (last?.kind === kind && kind === "plain") tokens[tokens.length - 1] = { kind, text: last.text + text };
    else tokens.push({ kind, text });
  };
  let at = 0;
  for (const match of source.matchAll(pattern)) {
    push("plain", source.slice(at, match.index));
    const [text, comment, string, number, name] = match;
    at = match.index + text.length;
    if (comment !== undefined) push("comment", text);
    else if (string !== undefined) push("string", text);
    else if (number !== undefined) push("number", text);
    else if (name !== undefined) {
      const member = source[match.index - 1] === ".";
      if (keywords.has(name) && !member) push("keyword", text);
      else if (source[at] === "(") push("call", text);
      else if (/^[A-Z][a-z]/.test(name)) push("type", text);
      else push("plain", text);
    }
  }
  push("plain", source.slice(at));
  return tokens;
};
