import type { LiveExperiment } from "./protocol";

/** What a run answers to a view: everything the page draws for it. */
export type Answer<View, Frame> = (view: View) => Frame;

/** An experiment without steps: what is seen is a function of the configuration and the view. `prepare` may load data. */
export const answers = <Config, View, Frame>(
  prepare: (config: Config) => Answer<View, Frame> | Promise<Answer<View, Frame>>,
): LiveExperiment<Config, View, Frame> => ({
  backends: ["wasm"],
  async start(config) {
    const answer = await prepare(config);
    return {
      backend: "wasm",
      step: 0,
      done: true,
      advance() {},
      frame: (view) => ({ frame: answer(view), transfer: [] }),
      dispose() {},
    };
  },
});
