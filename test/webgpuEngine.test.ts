import { describe, it } from "vitest";
import { conformance } from "../src/conformance/suite.ts";
import { graphicsEngine, noGraphics } from "./graphics.ts";

if (noGraphics === undefined) {
  conformance("webgpu", () => graphicsEngine(), { runs: 20, comparison: { relative: 1e-5, absolute: 0 } });
} else {
  describe("the webgpu engine", () => it.skip(`is not tested here: ${noGraphics}`, () => {}));
}
