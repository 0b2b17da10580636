import { html, nothing } from "lit";
import type { Plane } from "../../../src/rule/grid.ts";
import { type GridSetup, largestScale, SCALES, SEEDS } from "../page/gridSetup.ts";
import { segments } from "../ui/controls.ts";
import { Part } from "../ui/part.ts";

/** Chooses the size of the grid and the number of seeds. Fires `setup`. */
export class GridPanel extends Part {
  static override properties = { setup: { attribute: false }, trained: { attribute: false } };
  declare setup: GridSetup;
  /** The grid that the model was trained on. */
  declare trained: Plane;

  override render() {
    const { setup, trained } = this;
    const largest = largestScale(trained);
    const scale = Math.min(setup.scale, largest);
    const changed = [
      ...(scale > 1 ? [`${scale} × ${scale}`] : []),
      ...(setup.seeds > 1 ? [`${setup.seeds} seeds`] : []),
    ];
    return html`<details class="drawer">
      <summary>
        Grid and seeds${changed.length > 0 ? html`<span class="count">${changed.join(", ")}</span>` : nothing}
      </summary>
      <div class="stack">
        <div class="halves">
          ${segments({
            legend: "Grid",
            name: "scale",
            options: SCALES.map((value) => ({
              value,
              text: `${value}×`,
              called:
                value === 1 ? "1×: as large as in training" : `${value}×: ${value} times as high and as wide`,
              disabled: value > largest,
            })),
            chosen: scale,
            choose: (value) => this.emit("setup", { ...setup, scale: value }),
          })}
          ${segments({
            legend: "Seeds",
            name: "seeds",
            options: SEEDS.map((value) => ({ value, text: String(value) })),
            chosen: setup.seeds,
            choose: (value) => this.emit("setup", { ...setup, seeds: value }),
          })}
        </div>
        <p class="hint">
          A change starts the model
          again.${largest < SCALES[SCALES.length - 1] ? " Larger grids would be too slow here." : ""}
        </p>
      </div>
    </details>`;
  }
}
