/** What `grow` makes of pictures of all kinds by default, in small: a change of the recipe that makes one worse fails here. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RECOVERY_DAMAGE } from "../src/analysis/evaluation.ts";
import type { Engine } from "../src/engine.ts";
import { createGrowing, finalValidation } from "../src/experiments/growing/growing.ts";
import { resolveGrowingConfig } from "../src/experiments/growing/config.ts";
import { growthReport } from "../src/experiments/growing/report.ts";
import { createEngine } from "../src/node/engine.ts";
import { loadTarget } from "../src/node/images.ts";

let engine: Engine;
// Strict kernels round alike everywhere, so that a figure is one for all machines.
beforeAll(async () => void (engine = await createEngine({ kernels: "strict" })));
afterAll(() => engine.dispose());

describe("the default recipe", () => {
  it.each([
    ["🐙", 250, 0.000160259],
    ["😀", 250, 0.000330581],
    ["bench/pictures/landscape.png", 250, 0.00011544017],
    ["bench/pictures/banner.svg", 250, 0.000266914],
  ])(
    "grows and holds %s on 8 cells",
    async (source, steps, known) => {
      const place = { size: 8, padding: 4 };
      const config = resolveGrowingConfig({ overrides: { target: { source, ...place } } });
      const target = await loadTarget(source, { ...place, premultiplied: true });
      const trainer = createGrowing({ engine, config, target });
      for await (const { skipped } of trainer) expect(skipped).toBeUndefined();
      const validation = await finalValidation({ engine, config, target }, trainer.model);
      const report = growthReport(validation, config, trainer);
      expect(report).toMatchObject({ good: true, holds: true, steps, returns: 0 });
      const [, at200] = report.validation.errors;
      // The same operations in the same order: eight digits leave room for nothing but a change of what is computed.
      expect(at200.relative).toBeCloseTo(known, 8);
    },
    240_000,
  );

  it("heals 🐙 on 8 cells, where it is to", async () => {
    const place = { size: 8, padding: 4 };
    const config = resolveGrowingConfig({
      recipe: "regenerating",
      overrides: { target: { source: "🐙", ...place } },
      sets: [
        "training.validation.every=250",
        "training.validation.enough=1000",
        "training.validation.runs=8",
      ],
    });
    const target = await loadTarget("🐙", { ...place, premultiplied: true });
    const trainer = createGrowing({ engine, config, target });
    for await (const { skipped } of trainer) expect(skipped).toBeUndefined();
    const validation = await finalValidation({ engine, config, target }, trainer.model);
    expect(growthReport(validation, config, trainer)).toMatchObject({ good: true, steps: 1000, returns: 0 });
    const { errors, healed = [] } = validation;
    expect(healed.map(({ damage }) => damage)).toEqual(RECOVERY_DAMAGE);
    for (const { relative } of healed) expect(relative).toBeLessThan(2 * errors[0].relative);
    expect(1000 * errors[0].relative).toBeCloseTo(0.00148576545, 8);
  }, 240_000);
});
