/** What an engine from outside the package declines. That one passes the published suite is shown in examples/ownEngine. */
import { describe, expect, it } from "vitest";
import { rulePresets } from "../src/index.ts";
import { outsideEngine } from "./outsideEngine.ts";

const declined = {
  graft: "the outside engine runs one parameter set a sample",
  compare: "the outside engine does not compare states",
};

describe("an engine that declines", () => {
  it("is asked by rule and need", () => {
    const engine = outsideEngine(declined);
    expect(engine.declines(rulePresets.distill)).toBeUndefined();
    expect(engine.declines(rulePresets.distill, { record: true, keep: true })).toBeUndefined();
    expect(engine.declines(rulePresets.distill, { graft: true })).toBe(declined.graft);
  });
});
