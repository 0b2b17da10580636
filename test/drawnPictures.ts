/** Small pictures to grow, made from formulas. */
import type { PictureTarget } from "../src/experiments/picture.ts";
import type { Target } from "../src/data/image.ts";

/** A disc, orange left and blue right, that fills the picture; premultiplied. */
export function discTarget(config: Readonly<{ target: Pick<PictureTarget, "size" | "padding"> }>): Target {
  const height = config.target.size + 2 * config.target.padding;
  const width = height;
  const radius = config.target.size / 2;
  const target = new Float32Array(height * width * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dy, dx] = [y + 0.5 - height / 2, x + 0.5 - width / 2];
      if (dx * dx + dy * dy > radius * radius) continue;
      target.set(dx < 0 ? [0.95, 0.55, 0.1, 1] : [0.1, 0.35, 0.8, 1], (y * width + x) * 4);
    }
  }
  return { grid: [height, width], data: target };
}
