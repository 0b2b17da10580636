import type { NcaCanvasEvents } from "./events.ts";
import type { NcaCanvas } from "./ncaCanvas.ts";

/**
 * What a template of React, Vue, Svelte or another framework may give `<nca-canvas>`: its attributes by their names, and
 * its properties without an attribute.
 */
export type NcaCanvasProps = {
  [
    name in
      | "src"
      | "loading"
      | "engine"
      | "tool"
      | "colour"
      | "background"
      | "view"
      | "label"
      | "model"
      | "centre"
      | "marked"
  ]?: NcaCanvas[name] | undefined;
} & {
  [name in "size" | "zoom" | "brush" | "angle" | "goal" | "seed" | "fire-rate" | "step-size"]?:
    | number
    // Its digits, as in an attribute.
    | `${number}`
    | undefined;
} & {
  speed?: number | `${number}` | "fastest" | undefined;
  paused?: boolean | undefined;
  input?: ArrayLike<number> | undefined;
};

/** Listeners for the events of `<nca-canvas>`, by the names that JSX and Svelte have for them: `onnca-step`. */
export type NcaCanvasListeners = {
  [name in keyof NcaCanvasEvents as `on${name}`]?:
    | ((event: NcaCanvasEvents[name] & { readonly currentTarget: NcaCanvas }) => void)
    | undefined;
};
