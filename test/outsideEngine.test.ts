/** An engine from outside the package passes the published suite, or is skipped where it declines. */
import { describe, expect, it } from "vitest";
import { conformance } from "../src/conformance/index.ts";
import { rulePresets } from "../src/index.ts";
import { outsideEngine } from "./outsideEngine.ts";

const declined = {
  graft: "the outside engine runs one parameter set a sample",
  compare: "the outside engine does not compare states",
};

conformance("an engine from outside", async () => outsideEngine(declined), { runs: 20 });

describe("an engine that declines", () => {
  it("is asked by rule and need", () => {
    const engine = outsideEngine(declined);
    expect(engine.declines(rulePresets.distill)).toBeUndefined();
    expect(engine.declines(rulePresets.distill, { record: true, keep: true })).toBeUndefined();
    expect(engine.declines(rulePresets.distill, { graft: true })).toBe(declined.graft);
  });
});
