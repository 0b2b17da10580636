import type { Model } from "../model/model.ts";
import type { EngineAtPlay } from "./engines.ts";
import type { Mark } from "./overlay.ts";
import type { EditKind } from "./simulation.ts";

/**
 * Events of `<nca-canvas>`, by name.
 *
 * @example
 * ```html
 * <script type="module" src="nca-canvas.js"></script>
 * <nca-canvas src="lizard.safetensors"></nca-canvas>
 * <output></output>
 * <script type="module">
 *   document.querySelector("nca-canvas").addEventListener("nca-load", ({ detail }) => {
 *     document.querySelector("output").value = detail.model.provenance.target;
 *   });
 * </script>
 * ```
 */
export interface NcaCanvasEvents {
  /** A model is shown, from its seeds on. */
  "nca-load": CustomEvent<Readonly<{ model: Model }>>;
  /** Another model has taken over the cells as they are, or guest models were exchanged. */
  "nca-exchange": CustomEvent<Readonly<{ model: Model }>>;
  /** Nothing can be shown; the sentence says why, and the element shows it. */
  "nca-error": CustomEvent<Readonly<{ message: string }>>;
  /** Steps since the seeds have changed; at most once a frame. */
  "nca-step": CustomEvent<Readonly<{ steps: number }>>;
  /** Cells were erased, planted, painted or damaged (`cut`). */
  "nca-edit": CustomEvent<Readonly<{ kind: EditKind }>>;
  /** A cell is looked at. */
  "nca-look": CustomEvent<Readonly<{ cell: Mark["cell"] }>>;
  /** The magnification has changed. */
  "nca-zoom": CustomEvent<Readonly<{ zoom: number }>>;
  /** An engine begins to play: the one that is wanted or, as its message says, another; or both were measured. */
  "nca-engine": CustomEvent<EngineAtPlay>;
  "nca-play": CustomEvent<null>;
  "nca-pause": CustomEvent<null>;
}
