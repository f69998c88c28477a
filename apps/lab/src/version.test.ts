import { expect, test } from "vitest";
import manifest from "../package.json";
import { version } from "./version";

test("the version written into checkpoints is the package's", () => expect(version).toBe(manifest.version));
