/** `neoblast/element` for Svelte 5, with the types of `<nca-canvas>` in components. */
import type { HTMLAttributes } from "svelte/elements";
import type { NcaCanvas, NcaCanvasListeners, NcaCanvasProps } from "./index.js";

export * from "./index.js";

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "nca-canvas": Omit<HTMLAttributes<NcaCanvas>, keyof NcaCanvasProps> & NcaCanvasProps & NcaCanvasListeners;
  }
}
