import { createWasmEngine, targetFromRgba } from "neoblast";
import { createGrowing, fitGrowingConfig, resolveGrowingConfig } from "neoblast/train";

addEventListener("message", async ({ data: picture }) => {
  const size = { size: 24, padding: 8 };
  const choices = resolveGrowingConfig({ overrides: { target: size } });
  const target = targetFromRgba(picture, { ...size, premultiplied: choices.rule.image.premultiplied });
  const config = fitGrowingConfig(choices, target);
  const trainer = createGrowing({ engine: await createWasmEngine({ threads: 0 }), config, target });
  for await (const { step, loss } of trainer) {
    if (step % 25 === 0) postMessage({ model: trainer.toModel(), step, loss });
  }
});
