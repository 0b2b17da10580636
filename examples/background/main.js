// A texture paints the background of a page, and is erased where the page is clicked.
import { NcaCanvas } from "../../dist/element/nca-canvas.js";

const SCALE = 3;
// Of a texture's run: `neoblast texture bark`, and then runs/bark-1/model.safetensors.
const model = new URLSearchParams(location.search).get("model") ?? "model.safetensors";
const status = document.querySelector("#status");

try {
  const background = await NcaCanvas.paintBackground(document.documentElement, model, { scale: SCALE });
  const { grid } = background.simulation;
  status.textContent = `${grid[1]} x ${grid[0]} cells, repeated`;
  document.documentElement.addEventListener("click", ({ target, pageX, pageY }) => {
    if (target.closest("main")) return;
    const at = { x: (pageX / SCALE) % grid[1], y: (pageY / SCALE) % grid[0] };
    background.simulation.erase(at, at, 8);
  });
  document.querySelector("#stop").addEventListener("click", () => background.stop());
} catch ({ message }) {
  status.textContent = message;
}
