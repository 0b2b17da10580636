// A visitor's picture is learned in a worker; the page shows what the automaton has learned so far.
import "neoblast/element";

const SIZE = 24;
const automaton = document.querySelector("nca-canvas");
const output = document.querySelector("output");
let worker;

document.querySelector("input").addEventListener("change", async ({ target }) => {
  try {
    learn(await pixelsOf(target.files[0]));
  } catch (error) {
    automaton.fail(error.message);
  }
});

/** The pixels of a picture whose longer side becomes SIZE. */
async function pixelsOf(file) {
  const picture = await createImageBitmap(file);
  const scale = SIZE / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width, picture.height].map((length) => Math.ceil(length * scale));
  const drawing = new OffscreenCanvas(width, height).getContext("2d");
  drawing.imageSmoothingQuality = "high";
  drawing.drawImage(picture, 0, 0, width, height);
  return drawing.getImageData(0, 0, width, height);
}

function learn(pixels) {
  worker?.terminate();
  worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("error", ({ message }) => automaton.fail(message));
  worker.addEventListener("message", ({ data: { model, step, loss } }) => {
    automaton.load(model);
    output.value = `step ${step}: loss ${loss.toFixed(4)}`;
  });
  worker.postMessage({ pixels, size: SIZE });
}
