import { expect, it } from "vitest";
import { referenceEngine } from "../engine/reference/engine.ts";
import { asDrawer } from "../analysis/latents.ts";
import { handwriting } from "../data/handwriting.ts";
import { splitRule } from "../model/pictureRule.ts";
import { decodeModel, encodeModel } from "../model/model.ts";
import { discTarget } from "../../test/drawnPictures.ts";
import { resolveDigitsConfig } from "./digits/config.ts";
import { createDigits } from "./digits/digits.ts";
import { createEvolution, resolveEvolutionConfig } from "./evolution/evolution.ts";
import { resolveGrowingConfig } from "./growing/config.ts";
import { createGrowing } from "./growing/growing.ts";
import { createReinforcement } from "./reinforcement/reinforcement.ts";
import { resolveReinforcementConfig } from "./reinforcement/presets.ts";
import { modelNamed } from "./trained.ts";

const engine = referenceEngine();
const shape = { source: "🦋", size: 8, padding: 4 };
const config = resolveGrowingConfig({ overrides: { seed: 3, target: shape } });
const target = discTarget(config);

it("trainers that grow a picture hand out a model that says where it starts and what it grows", async () => {
  const overrides = { seed: 3, target: shape };
  const trainers = [
    createGrowing({ engine, config, target }),
    createEvolution({ engine, config: resolveEvolutionConfig({ overrides }), target }),
    await createReinforcement({ engine, config: resolveReinforcementConfig({ overrides }), target }),
  ];
  for (const trainer of trainers) {
    const model = trainer.toModel();
    expect(model.parameters).toEqual(trainer.model);
    expect(model.start.seeds).toEqual([[0, 0]]);
    expect(model.provenance).toEqual({
      grid: [16, 16],
      target: "🦋",
      picture: shape,
      steps: 0,
      seed: 3,
      build: engine.build,
    });
    expect(decodeModel(encodeModel(model)).provenance).toEqual(model.provenance);
  }
});

it("of several pictures, it says what each input calls for", () => {
  const source = ["🦋", "-"];
  const several = resolveGrowingConfig({ overrides: { target: { ...shape, source } } });
  const { provenance } = createGrowing({ engine, config: several, target: [target, target] }).toModel();
  // What came by standard input cannot be loaded again.
  expect(provenance.goals).toEqual([{ target: "🦋", picture: shape }, { target: "-" }]);
  const parts = ["a butterfly", "a disc"].map((description) => ({ name: "part", description }));
  const model = { ...splitRule(several.rule), parameters: new Float32Array(0), provenance };
  const named = modelNamed(model, { name: "two", description: "both", parts });
  expect(named.provenance.target).toBe("both");
  expect(named.provenance.goals?.map((goal) => goal.target)).toEqual(["a butterfly", "a disc"]);
});

it("that of a trainer with an encoder draws", async () => {
  const digits = resolveDigitsConfig({
    overrides: { data: { size: 8 }, encoder: { features: [2] }, rule: { hidden: [8] } },
  });
  const pictures = handwriting({ seed: 1, count: 4, size: 8 });
  const trainer = await createDigits({ engine, config: digits, pictures });
  const { encoder, provenance } = asDrawer(trainer.toModel());
  expect(encoder.parameters).toEqual(trainer.network);
  expect(provenance.latent?.mean).toHaveLength(digits.rule.inputSize);
});
