/** `neoblast/element` for React 19 and what is built on it, with the types of `<nca-canvas>` in JSX. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { NcaCanvas, NcaCanvasListeners, NcaCanvasProps } from "./index.js";

export * from "./index.js";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "nca-canvas": Omit<DetailedHTMLProps<HTMLAttributes<NcaCanvas>, NcaCanvas>, keyof NcaCanvasProps> &
        NcaCanvasProps &
        NcaCanvasListeners;
    }
  }
}
