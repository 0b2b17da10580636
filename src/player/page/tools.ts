/** The choice of the pointer's tool, in a page that carries two models, or one whose cells people draw for. */
import type { NcaCanvas } from "../../element/ncaCanvas.ts";
import { part } from "./page.ts";

const HINTS = {
  colour: "Drag to draw.",
  plant: "Click or tap to plant a seed.",
  own: "Drag to make cells run this model.",
  grafted: "Drag to make cells run this model.",
} as const;

type Offered = keyof typeof HINTS | "erase";

/**
 * Shows the choice between cells of the page's model and of another.
 *
 * @param host title of the page's model. @param guest title of the other.
 */
export function connectTools(picture: NcaCanvas, host: string, guest: string): void {
  part("ownTitle", HTMLElement).textContent = host;
  part("graftedTitle", HTMLElement).textContent = guest;
  offer(picture, ["erase", "plant", "own", "grafted"]);
}

/** Shows the choice between drawing, in white, and erasing; at first, the pointer draws. */
export function connectDrawing(picture: NcaCanvas): void {
  picture.colour = "#ffffff";
  offer(picture, ["colour", "erase"]);
}

/** Shows some tools, of which the first is chosen. */
function offer(picture: NcaCanvas, tools: readonly Offered[]): void {
  const hint = part("hint", HTMLElement);
  const hints = { ...HINTS, erase: hint.textContent };
  const choose = (tool: Offered) => {
    picture.tool = tool;
    hint.textContent = hints[tool];
  };
  for (const tool of tools) {
    const button = part(`tool-${tool}`, HTMLInputElement);
    button.closest("label")!.hidden = false;
    button.addEventListener("change", () => choose(tool));
  }
  part(`tool-${tools[0]}`, HTMLInputElement).checked = true;
  choose(tools[0]);
  part("tools", HTMLFieldSetElement).hidden = false;
}
