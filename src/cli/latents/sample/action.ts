import { UserError } from "../../../errors.ts";
import { sampleLatents } from "../../../analysis/latents.ts";
import { stripOf } from "../../../render/strip.ts";
import { drawStops, drawWith, growthFilm, picturesOf } from "../draw.ts";
import type { SampleOptions } from "./options.ts";

/** Draws pictures from random latent vectors. */
export async function sample(path: string, options: SampleOptions): Promise<void> {
  const { grid, prior, grow, seed, scale } = options;
  await drawWith(path, options, { picture: "samples.png" }, async (context) => {
    const { model } = context;
    const { latent } = model.provenance;
    if (prior === "fitted" && !latent) {
      throw new UserError(`${path} does not say how its latent vectors are distributed; use --prior normal`);
    }
    const [rows, columns] = grid;
    const inputs = sampleLatents(rows * columns, model.rule.inputSize, {
      seed,
      ...(prior === "fitted" && latent),
    });
    return {
      picture: async () => {
        const drawn = await drawStops(context, inputs, [grow], seed);
        return stripOf(picturesOf(model, drawn.get(grow)!, scale), columns);
      },
      film: () => growthFilm(context, inputs, { steps: grow, columns, scale, seed }),
    };
  });
}
