import * as Comlink from "comlink";
import { LiveHost, messageBreath } from "./host";
import type { LiveExperiment } from "./protocol";

/** The whole of a page's Worker: `serve({ backends, start })`. */
export const serve = <Config, View, Frame>(experiment: LiveExperiment<Config, View, Frame>): void => {
  // A rejection nobody waits for would stay in the Worker's console; thrown, it reaches the page's `onerror`.
  self.addEventListener("unhandledrejection", ({ reason }) => {
    setTimeout(() => {
      throw reason;
    });
  });
  Comlink.expose(new LiveHost(experiment, Comlink.transfer, messageBreath()));
};
