// A visitor's picture is learned in a worker; the page shows what the automaton can do by now.
import "neoblast/element";

const automaton = document.querySelector("nca-canvas");
const output = document.querySelector("output");
let worker;

document.querySelector("input").addEventListener("change", async ({ target }) => {
  const bitmap = await createImageBitmap(target.files[0]);
  const drawing = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  drawing.drawImage(bitmap, 0, 0);
  worker?.terminate();
  worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data: { model, step, loss } }) => {
    automaton.load(model);
    output.value = `step ${step}: loss ${loss.toFixed(4)}`;
  });
  worker.postMessage(drawing.getImageData(0, 0, bitmap.width, bitmap.height));
});
