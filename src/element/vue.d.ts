/** `neoblast/element` for Vue 3, with the types of `<nca-canvas>` in templates. */
import type { EmitFn, HTMLAttributes, PublicProps } from "vue";
import type { NcaCanvas, NcaCanvasEvents, NcaCanvasProps } from "./index.js";

export * from "./index.js";

type Emits = { [name in keyof NcaCanvasEvents]: (event: NcaCanvasEvents[name]) => void };

declare module "vue" {
  interface GlobalComponents {
    "nca-canvas": new () => NcaCanvas & {
      /** @deprecated for templates only: the element has no such property */
      $props: Omit<HTMLAttributes, keyof NcaCanvasProps> & NcaCanvasProps & PublicProps;
      /** @deprecated for templates only: the element has no such property */
      $emit: EmitFn<Emits>;
    };
  }
}
