import { ternary } from "@ansatz/experiments";
import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, matrix, useKnobs } from "../../../state/params";
import { Sources } from "../../../ui/code-block";
import { ChoiceControl, Controls } from "../../../ui/control";
import { Formula } from "../../../ui/formula";
import { MatrixEditor } from "../../../ui/matrix-editor";
import { Presets } from "../../../ui/presets";
import { Readings } from "../../../ui/status-line";
import meta from "./meta";
import "./page.css";
import type { AttentionAnswer, AttentionView, Stage } from "./protocol";
import { sources } from "./sources";
import { type Operand, StageView } from "./stage-view";

const [one, two] = ternary.model.heads;
const entries = (m: readonly (readonly number[])[]): readonly number[] => m.flat();
const square = (m: readonly (readonly number[])[]) => matrix(entries(m), { rows: 2, bound: 20 });
const schema = {
  x: matrix(entries(ternary.tokens), { rows: 3, bound: 20, grows: { along: "rows", least: 1, most: 6 } }),
  q1: square(one.query),
  k1: square(one.key),
  v1: square(one.value),
  q2: square(two.query),
  k2: square(two.key),
  v2: square(two.value),
  head: choice([1, 2], 1),
  scale: choice(["1", "1/√2"], "1"),
  pass: choice([1, 2, 3], 1),
};

const spawn = (): Worker => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const letters = ["a", "b", "c"];

export default function Attention() {
  const k = useKnobs(schema);
  const { frame, error, retry } = useAnswer<null, AttentionView, AttentionAnswer>({
    spawn,
    config: null,
    view: {
      tokens: k.x.value,
      heads: [
        { query: k.q1.value, key: k.k1.value, value: k.v1.value },
        { query: k.q2.value, key: k.k2.value, value: k.v2.value },
      ],
      scale: k.scale.value === "1" ? 1 : Math.SQRT1_2,
      pass: k.pass.value,
    },
  });
  const answer = frame.value;
  const head = k.head.value;
  const [query, key, value] = head === 1 ? [k.q1, k.k1, k.v1] : [k.q2, k.k2, k.v2];
  const low = head === 1 ? "₁" : "₂";
  const stage = (symbol: string): Stage | undefined => answer?.stages.find((s) => s.symbol === symbol);
  const last = stage("p");
  const token = answer?.stages.at(-2);
  const weights = stage(`α${low}`);
  const reset = (): void => {
    for (const knob of [k.x, k.q1, k.k1, k.v1, k.q2, k.k2, k.v2]) knob.value = knob.param.initial;
  };

  return (
    <>
      <div class="intro">
        <p>
          A token asks, the others answer: by how well their keys match its query. Nothing happens but products summed
          over one index, and one softmax. These are the tokens and weights of Exercise 1.1.4; change any of them, add
          tokens or take some away.
        </p>
        <Formula tex={meta.formula} block />
      </div>
      {error.value && <Failure title="The stages could not be computed" error={error.value} retry={retry} />}
      <div class="attention">
        <div class="attention-inputs">
          <Controls label="Tokens, one a row">
            <MatrixEditor knob={k.x} label="Tokens X" name="X" />
          </Controls>
          <Controls label="Weights">
            <ChoiceControl knob={k.head} label="Head" names={{ 1: "Head 1", 2: "Head 2" }} />
            <MatrixEditor knob={query} label={`Query weights of head ${head}`} name="W_Q" />
            <MatrixEditor knob={key} label={`Key weights of head ${head}`} name="W_K" />
            <MatrixEditor knob={value} label={`Value weights of head ${head}`} name="W_V" />
          </Controls>
          <Controls label="Run">
            <ChoiceControl knob={k.pass} label="Pass" hint="The token that comes out asks again in the next pass." />
            <ChoiceControl knob={k.scale} label="Scale c" />
          </Controls>
          <Presets
            label="Ready-made weights"
            options={[
              { name: "Exercise 1.1.4", value: "exercise" },
              { name: "Equal keys", value: "equal" },
            ]}
            current={() => false}
            choose={(v) => {
              if (v === "exercise") reset();
              else key.value = [0, 0, 0, 0];
            }}
          />
          <div class="facts">
            <Readings
              readings={[
                ...(weights?.values ?? new Array<number>(k.x.value.length / 2).fill(0)).map((v, i) => ({
                  label: `α${low} of token ${i + 1}`,
                  text: weights ? v.toPrecision(4) : "–",
                  value: weights ? v : undefined,
                })),
                ...letters.map((letter, i) => ({
                  label: `p(${letter})`,
                  text: last?.values[i]?.toFixed(5) ?? "–",
                  value: last?.values[i],
                })),
              ]}
            />
          </div>
          <p class="small">
            Whatever the weights do to α, p keeps one of two values: a normalised vector of two entries that differ is
            (1, −1) or (−1, 1), and nothing else is left of z. {answer?.fixed ? "The token is a fixed point." : ""}
          </p>
        </div>
        <div class="stages">
          {answer && (
            <Stages
              stage={stage}
              head={head}
              tokens={k.x.value}
              query={query.value}
              keys={key.value}
              values={value.value}
            />
          )}
          {token && last && (
            <div class="stage-pair">
              <StageView
                stage={token}
                title="Pointwise update"
                tex={[String.raw`\hat t'`, String.raw`\mathrm{LN}(\sigma(W_2\,\sigma(W_1 z) + b))`]}
              />
              <StageView
                stage={last}
                title="Distribution over a, b, c"
                tex={["p", String.raw`\operatorname{softmax}(W_{\mathrm{out}}\,\hat t')`]}
              />
            </div>
          )}
        </div>
      </div>
      <Sources files={sources} />
    </>
  );
}

function Stages({
  stage,
  head,
  tokens,
  query,
  keys,
  values,
}: {
  stage(symbol: string): Stage | undefined;
  head: 1 | 2;
  tokens: readonly number[];
  query: readonly number[];
  keys: readonly number[];
  values: readonly number[];
}) {
  const low = head === 1 ? "₁" : "₂";
  const [t, Q, K, V, s, alpha, z] = ["t̂", `Q${low}`, `K${low}`, `V${low}`, `s${low}`, `α${low}`, `z${low}`].map(stage);
  const joined = stage("z₁ ‖ … ‖ z_H");
  const out = stage("z");
  if (!t || !Q || !K || !V || !s || !alpha || !z || !joined || !out) return null;
  const made = ({ symbol, shape, values: entries }: Stage, tex: string): Operand => ({
    name: symbol,
    tex,
    shape,
    values: entries,
  });
  const weights = (letter: string, entries: readonly number[]): Operand => ({
    name: `W_${letter} of head ${head}`,
    tex: `W_${letter}^${head}`,
    shape: [2, 2],
    values: entries,
  });
  const X: Operand = { name: "X", tex: "X", shape: [tokens.length / 2, 2], values: tokens };
  const WO: Operand = { name: "W_O", tex: "W_O", shape: [4, 2], values: ternary.model.output.flat() };
  const of = (letter: string): string => `${letter}_${head}`;
  return (
    <>
      <StageView
        stage={t}
        title="The token that asks"
        tex={[String.raw`\hat t`, String.raw`\tfrac1n \textstyle\sum_i X_{id}`]}
      />
      <StageView
        stage={Q}
        title="Query"
        tex={[of("Q"), String.raw`\textstyle\sum_d \hat t_d W_{de}`]}
        operands={[made(t, String.raw`\hat t`), weights("Q", query)]}
      />
      <StageView
        stage={K}
        title="Keys"
        tex={[of("K"), String.raw`\textstyle\sum_d X_{id} W_{de}`]}
        operands={[X, weights("K", keys)]}
      />
      <StageView
        stage={V}
        title="Values"
        tex={[of("V"), String.raw`\textstyle\sum_d X_{id} W_{de}`]}
        operands={[X, weights("V", values)]}
      />
      <StageView
        stage={s}
        title="Scores"
        tex={[of("s"), String.raw`\textstyle\sum_e Q_e K_{ie}`]}
        operands={[made(Q, of("Q")), made(K, of("K"))]}
      />
      <StageView
        stage={alpha}
        title="Weights"
        tex={[of(String.raw`\alpha`), String.raw`e^{c s_i} / \textstyle\sum_j e^{c s_j}`]}
        tokens
      />
      <StageView
        stage={z}
        title={`Output of head ${head}`}
        tex={[of("z"), String.raw`\textstyle\sum_i \alpha_i V_{ie}`]}
        operands={[made(alpha, of(String.raw`\alpha`)), made(V, of("V"))]}
      />
      <StageView
        stage={out}
        title="Heads joined"
        tex={["z", String.raw`\textstyle\sum_e (z_1 \Vert z_2)_e W_{ed}`]}
        operands={[made(joined, String.raw`z_1 \Vert z_2`), WO]}
      />
    </>
  );
}
