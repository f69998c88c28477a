import ellipticOrbit from "#experiments/linalg/elliptic-orbit.ts?raw";
import linearMap from "#experiments/linalg/linear-map.ts?raw";
import answer from "./answer.ts?raw";

export const sources = [
  { name: "experiments/linalg/linear-map.ts", source: linearMap },
  { name: "experiments/linalg/elliptic-orbit.ts", source: ellipticOrbit },
  { name: "atlas/linear-maps/answer.ts", source: answer },
];
