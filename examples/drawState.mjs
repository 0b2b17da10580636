// A state as a PNG: an automaton is grown from its seeds for 120 steps, and its picture written, eight pixels a cell.
import { startState, stateRaster } from "neoblast";
import { createEngine, loadModel } from "neoblast/node";
import sharp from "sharp";

const [path = "playground/public/gallery/lizard.safetensors", out = "state.png"] = process.argv.slice(2);
const engine = await createEngine();
const model = await loadModel(path);
const { rule, parameters, provenance } = model;
const { grid } = provenance;
const states = [startState(model, grid)];
const { final } = await engine.rollout({ rule, grid, parameters, states, steps: 120, seed: 0 });
const { width, height, data } = stateRaster(await final[0].read(), model, grid, { scale: 8 });
await sharp(data, { raw: { width, height, channels: 4 } })
  .png()
  .toFile(out);
console.log(`${out}: ${width} x ${height} pixels`);
await engine.dispose();
