import { html, nothing } from "lit";
import type { Grid } from "../../../src/rule/rule.ts";
import { type Ground, largestScale, SCALES, SEEDS } from "../page/ground.ts";
import { segments } from "../ui/controls.ts";
import { Part } from "../ui/part.ts";

/** How large a grid, and how many seeds. Tells `ground`. */
export class GridPanel extends Part {
  static override properties = { ground: { attribute: false }, trained: { attribute: false } };
  declare ground: Ground;
  /** The grid that the model was trained on. */
  declare trained: Grid;

  override render() {
    const { ground, trained } = this;
    const largest = largestScale(trained);
    const scale = Math.min(ground.scale, largest);
    const changed = [
      ...(scale > 1 ? [`${scale} × ${scale}`] : []),
      ...(ground.seeds > 1 ? [`${ground.seeds} seeds`] : []),
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
                value === 1 ? "1×: as large as in training" : `${value}×: so many times as large each way`,
              disabled: value > largest,
            })),
            chosen: scale,
            choose: (value) => this.tell("ground", { ...ground, scale: value }),
          })}
          ${segments({
            legend: "Seeds",
            name: "seeds",
            options: SEEDS.map((value) => ({ value, text: String(value) })),
            chosen: ground.seeds,
            choose: (value) => this.tell("ground", { ...ground, seeds: value }),
          })}
        </div>
        <p class="hint">
          A change begins
          anew.${largest < SCALES[SCALES.length - 1] ? " Larger grids would be too slow here." : ""}
        </p>
      </div>
    </details>`;
  }
}
