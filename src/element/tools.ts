/** The choice of the pointer's tool, in a page that carries two models. */
import { part } from "./page.ts";
import { type SimulationView, type Tool, tools } from "./view.ts";

/** Shows the choice. @param own what the model's tissue is called. @param grafted and the other's. */
export function connectTools(view: SimulationView, own: string, grafted: string): void {
  const hint = part("hint", HTMLElement);
  const hints: Readonly<Record<Tool, string>> = {
    erase: hint.textContent,
    plant: "Click or tap to plant a seed.",
    own: "Drag to turn cells into this tissue.",
    grafted: "Drag to turn cells into this tissue.",
  };
  part("ownTitle", HTMLElement).textContent = own;
  part("graftedTitle", HTMLElement).textContent = grafted;
  for (const tool of tools) {
    part(`tool-${tool}`, HTMLInputElement).addEventListener("change", () => {
      view.tool = tool;
      hint.textContent = hints[tool];
    });
  }
  const picture = document.querySelector("canvas");
  picture?.setAttribute(
    "aria-label",
    "The growing picture. Arrow keys move the brush, Delete erases, Enter plants a seed or paints the chosen tissue.",
  );
  part("tools", HTMLFieldSetElement).hidden = false;
}
