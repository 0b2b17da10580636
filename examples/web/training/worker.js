import { createWasmEngine, targetFromRgba } from "neoblast";
import { createGrowing, fitGrowingConfig, resolveGrowingConfig } from "neoblast/train";

/** Training steps from one look at what is learned to the next. */
const EVERY = 25;

addEventListener("message", async ({ data: { pixels, size } }) => {
  const choices = resolveGrowingConfig({ overrides: { target: { size, padding: 8 } } });
  const { premultiplied } = choices.rule.image;
  const target = targetFromRgba(pixels, { size, padding: 8, premultiplied });
  const config = fitGrowingConfig(choices, target);
  const engine = await createWasmEngine({ threads: 0 });
  const trainer = createGrowing({ engine, config, target });
  for await (const { step, loss } of trainer) {
    if (step % EVERY === 0) postMessage({ model: trainer.toModel(), step, loss });
  }
});
