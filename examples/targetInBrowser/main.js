// A picture drawn on a canvas becomes a target; an automaton learns it in the page, and shows what it grows.
import { createWasmEngine, splitRule, stateRaster, targetFromRgba, targetRaster } from "neoblast";
import { createGrowing, fitGrowingConfig, resolveGrowingConfig } from "neoblast/train";

/** Shows pixels on a canvas of the page. */
function show(id, { width, height, data }) {
  const canvas = document.getElementById(id);
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(Uint8ClampedArray.from(data), width, height), 0, 0);
}

const size = 16;
const drawing = new OffscreenCanvas(size, size).getContext("2d");
drawing.fillStyle = "#2a9d8f";
drawing.fillRect(2, 6, 12, 8);
drawing.fillStyle = "#e76f51";
drawing.beginPath();
drawing.moveTo(1, 6);
drawing.lineTo(8, 1);
drawing.lineTo(15, 6);
drawing.fill();

const steps = Number(new URLSearchParams(location.search).get("steps") ?? 600);
const picture = drawing.getImageData(0, 0, size, size);
const choices = resolveGrowingConfig({
  overrides: { target: { size, padding: 6 }, training: { steps, validation: null } },
});
const { premultiplied } = choices.rule.image;
const target = targetFromRgba(picture, { size, padding: 6, premultiplied });
show("picture", targetRaster(target.data, target.grid, premultiplied));

const config = fitGrowingConfig(choices, target);
const engine = await createWasmEngine({ threads: 0 });
const trainer = createGrowing({ engine, config, target });
for await (const { step, loss } of trainer) {
  const [latest] = trainer.latest;
  show("automaton", stateRaster(await latest.read(), splitRule(config.rule), target.grid));
  document.getElementById("status").textContent = `step ${step + 1} of ${steps}: loss ${loss.toFixed(4)}`;
  // Lets the page draw.
  await new Promise(requestAnimationFrame);
}
document.body.dataset.done = String(steps);
