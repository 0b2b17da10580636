/** The choice of the pointer's tool, in a page that carries two models. */
import type { NcaCanvas } from "../../element/ncaCanvas.ts";
import { part } from "./page.ts";

/** Shows the choice. @param own what the model's tissue is called. @param grafted and the other's. */
export function connectTools(picture: NcaCanvas, own: string, grafted: string): void {
  const hint = part("hint", HTMLElement);
  const hints = {
    erase: hint.textContent,
    plant: "Click or tap to plant a seed.",
    own: "Drag to turn cells into this tissue.",
    grafted: "Drag to turn cells into this tissue.",
  } as const;
  part("ownTitle", HTMLElement).textContent = own;
  part("graftedTitle", HTMLElement).textContent = grafted;
  const choose = (tool: keyof typeof hints) => () => {
    picture.tool = tool;
    hint.textContent = hints[tool];
  };
  for (const tool of ["erase", "plant", "own", "grafted"] as const) {
    part(`tool-${tool}`, HTMLInputElement).addEventListener("change", choose(tool));
  }
  part("tools", HTMLFieldSetElement).hidden = false;
}
