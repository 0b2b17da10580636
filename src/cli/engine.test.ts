import { expect, it } from "vitest";
import { rulePresets } from "../rule/presets.ts";
import { outsideEngine } from "../../test/outsideEngine.ts";
import { checkEngine } from "./engine.ts";

it("says in one sentence, with exit status 2, why an engine cannot run something", () => {
  const engine = outsideEngine({ record: "it runs forward only" });
  const sentence = "the outside engine cannot run this: it runs forward only; choose another with --engine";
  const check = (need: object) => () => checkEngine(engine, rulePresets.distill, need);
  expect(check({ record: true, keep: true })).toThrow(
    expect.objectContaining({ message: sentence, exitCode: 2 }),
  );
  expect(check({ compare: true })).not.toThrow();
});
