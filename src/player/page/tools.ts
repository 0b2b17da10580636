/** The choice of the pointer's tool, in a page that carries two models. */
import type { NcaCanvas } from "../../element/ncaCanvas.ts";
import { part } from "./page.ts";

/** Shows the choice. @param host title of the page's model. @param guest title of the other. */
export function connectTools(picture: NcaCanvas, host: string, guest: string): void {
  const hint = part("hint", HTMLElement);
  const hints = {
    erase: hint.textContent,
    plant: "Click or tap to plant a seed.",
    own: "Drag to make cells run this model.",
    grafted: "Drag to make cells run this model.",
  } as const;
  part("ownTitle", HTMLElement).textContent = host;
  part("graftedTitle", HTMLElement).textContent = guest;
  const choose = (tool: keyof typeof hints) => () => {
    picture.tool = tool;
    hint.textContent = hints[tool];
  };
  for (const tool of ["erase", "plant", "own", "grafted"] as const) {
    part(`tool-${tool}`, HTMLInputElement).addEventListener("change", choose(tool));
  }
  part("tools", HTMLFieldSetElement).hidden = false;
}
