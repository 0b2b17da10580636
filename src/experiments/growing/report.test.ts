import { describe, expect, it } from "vitest";
import { resolveGrowingConfig } from "./config.ts";
import { grow } from "./experiment.ts";
import { growthReport } from "./report.ts";

const healed = [
  { damage: "hole" as const, relative: 0.0021, undamaged: 0.002 },
  { damage: "circle" as const, relative: 0.034, undamaged: 0.002 },
];
const validation = { errors: [{ step: 96, relative: 0.002 }], died: 0, overgrown: 0 };

/** What the command says of a model. */
function said(recipe: "persistent" | "regenerating", damaged: boolean): string[] {
  const config = resolveGrowingConfig({ recipe, sets: ["target.coordinates=learned"] });
  const report = growthReport({ ...validation, ...(damaged && { healed }) }, config, { step: 500 });
  return grow.report!.text(report, "grow --resume x", config);
}

describe("the report", () => {
  it("says what heals least, and falls short where that is off", () => {
    const [, after, short, advice] = said("regenerating", true);
    expect(after).toBe("200 steps after damage: at most 3.4% (circle), where it is 0.2% without");
    expect(short).toMatch("at most 1% at every step and after damage");
    expect(advice).toBe(
      "Try --coordinates given, a smaller --size, or go on with more steps: grow --resume x --steps 1000",
    );
  });

  it("compares models by what all are measured by, not by how long they were looked at", () => {
    const config = resolveGrowingConfig();
    const looked = { ...validation, errors: [...validation.errors, { step: 4000, relative: 0.7 }] };
    const report = growthReport(looked, config, { step: 500 });
    expect([report.holds, report.good, grow.report!.error(report)]).toEqual([false, false, 0.002]);
    const { error: _, ...older } = report;
    expect(grow.report!.error(older)).toBe(0.7);
  });

  it("says nothing of damage where none was dealt", () => {
    expect(said("persistent", false)).toHaveLength(1);
  });

  it("advises a higher quality where there is one", () => {
    expect(said("persistent", true).at(-1)).toMatch(
      /^Try --quality best, --coordinates given, a smaller --size/,
    );
  });
});
