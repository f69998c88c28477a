import { digitArrays } from "@ansatz/datasets";
import { distinctPoints, orbit, orbitKind, type PlaneVector, planeMap } from "@ansatz/experiments";
import { tensor } from "@ansatz/tensor";
import type { Answer } from "../../../live/answers";
import type { MapAnswer, MapConfig, MapView } from "./protocol";

const starts: PlaneVector[] = Array.from({ length: 48 }, (_, i) => {
  const angle = (2 * Math.PI * i) / 24;
  const radius = i < 24 ? 1.1 : 2.4;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
});
const portraitSteps = 10;

/** What the page asks of a matrix: its decompositions, and its orbits. */
export const prepareMap = async ({ digit }: MapConfig): Promise<Answer<MapView, MapAnswer>> => {
  const image =
    digit === undefined ? undefined : (await digitArrays({ split: "test", classes: [digit], count: 1 })).images;
  return ({ matrix, orbit: asked }) => {
    const a = tensor(Float64Array.from(matrix)).reshape([2, 2]);
    const map = planeMap(a);
    if (!asked) return { matrix, map, orbit: undefined, digit: image };
    const points = orbit(a, asked.from, asked.steps).toArray() as unknown as PlaneVector[];
    const portrait = orbit(a, starts, portraitSteps).toArray() as unknown as PlaneVector[][];
    return {
      matrix,
      map,
      orbit: { points, portrait, kind: orbitKind(map), distinct: distinctPoints(points) },
      digit: image,
    };
  };
};
