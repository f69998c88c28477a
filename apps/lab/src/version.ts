/** The version of this package, written into checkpoints and metrics; a test holds it to package.json. */
export const version = "0.1.0";
