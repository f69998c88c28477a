import { useCallback } from "preact/hooks";
import { Failure } from "../../../app/error-boundary";
import { useAnswer } from "../../../live/answer";
import { choice, flag, matrix, number, type Point, point, useKnobs } from "../../../state/params";
import { Canvas, type Surface } from "../../../ui/canvas";
import { Sources } from "../../../ui/code-block";
import { ChoiceControl, Controls, SelectControl, SliderControl, ToggleControl } from "../../../ui/control";
import { Figure } from "../../../ui/figure";
import { Formula } from "../../../ui/formula";
import { MatrixEditor } from "../../../ui/matrix-editor";
import { Presets } from "../../../ui/presets";
import { type Reading, Readings } from "../../../ui/status-line";
import { Tabs } from "../../../ui/tabs";
import meta from "./meta";
import { mapPresets, orbitPresets } from "./presets";
import type { Entries, MapAnswer, MapConfig, MapView } from "./protocol";
import { sources } from "./sources";
import { bound, drawMap, drawOrbit } from "./view";

const schema = {
  part: choice(["map", "orbit"], "map"),
  a: matrix([1.2, 0.6, 0.3, 1.4], { rows: 2, bound: 3 }),
  o: matrix(orbitPresets[0]?.value as Entries, { rows: 2, bound: 3 }),
  shape: choice(["square", "letter", "digit", "none"], "letter"),
  digit: choice([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4),
  circle: flag(true),
  eigen: flag(true),
  s: number({ min: 0, max: 1, initial: 1, step: 0.01 }),
  x0: point([2, 0], bound),
  steps: number({ min: 1, max: 200, initial: 60 }),
};

const spawn = (): Worker => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const same = (a: Entries, b: Entries): boolean => a.every((v, i) => Math.abs(v - (b[i] as number)) < 1e-5);
const fixed = (v: number, digits = 3): string =>
  v
    .toFixed(digits)
    .replace(/^-(0\.?0*)$/, "$1")
    .replace("-", "−");
const complex = (re: number, im: number): string =>
  im === 0 ? fixed(re) : `${fixed(re)} ${im < 0 ? "−" : "+"} ${fixed(Math.abs(im))} i`;

const factsOf = (answer: MapAnswer | undefined): Reading[] => {
  const map = answer?.map;
  const [first, second] = map?.singular ?? [];
  const [p, q] = map?.eigen ?? [];
  const value = (label: string, v: number | undefined, text = v === undefined ? "–" : fixed(v)): Reading => ({
    label,
    text,
    value: v,
  });
  return [
    value("determinant", map?.determinant),
    value("rank", map?.rank, String(map?.rank ?? "–")),
    value("σ₁", first?.sigma),
    value("σ₂", second?.sigma),
    value("λ₁", p?.re, p ? complex(p.re, p.im) : "–"),
    value("λ₂", q?.re, q ? complex(q.re, q.im) : "–"),
  ];
};

/** What the determinant and the directions say, in words. */
const verdictOf = ({ map }: MapAnswer): string => {
  if (map.rank === 0) return "Everything goes to the origin.";
  if (map.rank === 1) return "The plane is flattened to a line: area 0, no way back.";
  const turned = map.determinant < 0 ? "The plane is turned over" : "Orientation is kept";
  return `${turned}; every area becomes ${fixed(Math.abs(map.determinant), 2)} times as large.`;
};

export default function LinearMaps() {
  const k = useKnobs(schema);
  const orbits = k.part.value === "orbit";
  const knob = orbits ? k.o : k.a;
  const target = knob.value;
  const s = orbits ? 1 : k.s.value;
  const seen = target.map((v, i) => (1 - s) * (i % 3 === 0 ? 1 : 0) + s * v);
  const { frame, error, retry } = useAnswer<MapConfig, MapView, MapAnswer>({
    spawn,
    config: { digit: !orbits && k.shape.value === "digit" ? k.digit.value : undefined },
    view: { matrix: seen, orbit: orbits ? { from: k.x0.value, steps: k.steps.value } : undefined },
  });
  const answer = frame.value;
  const draw = useCallback(
    (surface: Surface) =>
      orbits
        ? drawOrbit(frame.value, surface)
        : drawMap(frame.value, { shape: k.shape.value, circle: k.circle.value, eigen: k.eigen.value }, surface),
    [orbits, k, frame],
  );
  const column = (j: 0 | 1): Point => [target[j] as number, target[j + 2] as number];
  const setColumn = (j: 0 | 1, [x, y]: Point): void => {
    const snap = (v: number): number => Math.round(v * 50) / 50;
    knob.value = target.map((v, i) => (i === j ? snap(x) : i === j + 2 ? snap(y) : v));
  };
  const presets = orbits ? orbitPresets : mapPresets;

  return (
    <>
      <div class="intro">
        <p>
          A linear map of the plane is known once you know where it sends the two unit vectors: these images are the
          columns of its matrix. Everything else follows.
        </p>
        <Formula tex={meta.formula} block />
      </div>
      <Tabs knob={k.part} names={{ map: "One map", orbit: "Again and again" }}>
        <Presets
          label="Ready-made matrices"
          options={presets}
          current={(value) => same(value, target)}
          choose={(value) => (knob.value = value)}
        />
        {error.value && <Failure title="The map could not be computed" error={error.value} retry={retry} />}
        <div class="workbench">
          <Figure
            caption={
              orbits ? (
                <>
                  The points <Formula tex="x_0, Ax_0, A^2x_0, \dots" />, fading with time; drag the ring. In grey, other
                  starts on two circles. Dotted: the real eigenvectors, lines that the map keeps.
                </>
              ) : (
                <>
                  Drag the rings: they are the columns <Formula tex="a_1" /> and <Formula tex="a_2" />. Blue: the image
                  of the grid and of the unit square. The dashed unit circle becomes the ellipse with half axes{" "}
                  <Formula tex="\sigma_i u_i" />; dotted lines are eigenvectors.
                </>
              )
            }
          >
            <div class="plate">
              <Canvas
                label={orbits ? "An orbit of the map" : "The plane and its image"}
                summary={answer ? (answer.orbit ? answer.orbit.kind : verdictOf(answer)) : "Computing."}
                draw={draw}
                bound={bound}
                handles={
                  orbits
                    ? [{ label: "Start of the orbit", at: k.x0.value, move: (to) => (k.x0.value = to) }]
                    : [
                        { label: "First column", at: column(0), move: (to) => setColumn(0, to) },
                        { label: "Second column", at: column(1), move: (to) => setColumn(1, to) },
                      ]
                }
              />
            </div>
          </Figure>
          <div class="workbench-side">
            <MatrixEditor knob={knob} label="Matrix A" name="A" />
            {orbits ? (
              <>
                <p class="verdict" aria-live="polite">
                  {answer?.orbit ? `${answer.orbit.kind[0]?.toUpperCase()}${answer.orbit.kind.slice(1)}.` : " "}
                </p>
                <OrbitFacts answer={answer} />
                <Controls label="Orbit">
                  <SliderControl knob={k.steps} label="Steps" />
                </Controls>
                <p class="small">
                  A turn by a rational part of the circle comes back; by an irrational part the orbit is dense in its
                  ellipse, and covers it never: it is countable.
                </p>
              </>
            ) : (
              <>
                <p class="verdict" aria-live="polite">
                  {answer ? verdictOf(answer) : " "}
                </p>
                <div class="facts">
                  <Readings readings={factsOf(answer)} />
                </div>
                <Controls label="Show">
                  <SliderControl
                    knob={k.s}
                    label="From I to A"
                    hint="(1 − s) I + s A. A map that turns the plane over has to flatten it on the way."
                    show={(v) => v.toFixed(2)}
                  />
                  <ChoiceControl
                    knob={k.shape}
                    label="Shape"
                    names={{ square: "Square", letter: "Letter", digit: "Digit", none: "None" }}
                  />
                  {k.shape.value === "digit" && <SelectControl knob={k.digit} label="Digit" />}
                  <ToggleControl knob={k.circle} label="Unit circle and singular vectors" />
                  <ToggleControl knob={k.eigen} label="Eigenvectors" />
                </Controls>
              </>
            )}
          </div>
        </div>
      </Tabs>
      <Sources files={sources} />
    </>
  );
}

function OrbitFacts({ answer }: { answer: MapAnswer | undefined }) {
  const p = answer?.map.eigen[0];
  const modulus = p && Math.hypot(p.re, p.im);
  const angle = p && Math.abs(Math.atan2(p.im, p.re)) / (2 * Math.PI);
  const next = answer?.orbit?.points[1];
  return (
    <div class="facts">
      <Readings
        readings={[
          { label: "determinant", text: answer ? fixed(answer.map.determinant) : "–", value: answer?.map.determinant },
          { label: "λ₁", text: p ? complex(p.re, p.im) : "–", value: p?.re },
          { label: "|λ₁|", text: modulus === undefined ? "–" : fixed(modulus), value: modulus },
          { label: "turn", text: angle === undefined ? "–" : `${fixed(angle, 4)} of a circle`, value: angle },
          { label: "x₁", text: next ? `(${fixed(next[0], 4)}, ${fixed(next[1], 4)})` : "–", value: next?.[0] },
          { label: "different points", text: String(answer?.orbit?.distinct ?? "–"), value: answer?.orbit?.distinct },
        ]}
      />
    </div>
  );
}
