import { planeOf } from "../../rule/grid.ts";
import type { State } from "../../engine.ts";
import { splitRule } from "../../model/pictureRule.ts";
import { stateRaster } from "../../render/rgba.ts";
import type { Progress } from "../../train/trainer.ts";
import { fieldAt } from "../../config/config.ts";
import type { ExperimentConfig } from "../../experiments/experiment.ts";
import type { Kind } from "./kind.ts";
import { LiveArea, type Terminal } from "../terminal/liveArea.ts";
import { DRAW_INTERVAL, progressLine } from "../terminal/progressBar.ts";
import { beside, halfBlocks, reduce, trim } from "../terminal/preview.ts";
import { LineReporter, type Milestone } from "./report.ts";

/** Empty cells around the picture that the preview shows. */
const MARGIN = 3;
const GAP = "  ";

/** Whether a terminal says that it knows 24-bit colours. */
export function hasTrueColour(env: NodeJS.ProcessEnv): boolean {
  return /^(truecolor|24bit)$/i.test(env.COLORTERM ?? "") && !env.NO_COLOR;
}

/** A bar on a terminal and, above it, states of the latest step, as many as fit. */
export class LiveReporter extends LineReporter {
  readonly #area: LiveArea;
  readonly #preview: boolean;
  #drawn = -Infinity;

  constructor(kind: Kind, terminal: Terminal, { preview }: { preview: boolean }) {
    super(kind);
    this.#area = new LiveArea(terminal);
    this.#preview = preview;
  }

  override report(milestone: Milestone): void {
    super.report(milestone);
    if (milestone.event === "config" && this.#preview) this.print("");
  }

  override async step(event: Progress, latest: readonly State[]): Promise<void> {
    const now = performance.now();
    const count = event.step + 1;
    this.pace.mark(count, now);
    this.notify(event);
    if (now - this.#drawn < DRAW_INTERVAL && count < this.total) return;
    this.#drawn = now;
    const pictures = this.#preview && this.config ? await this.#pictures(latest, this.config) : [];
    this.#area.draw([
      ...pictures,
      progressLine(count / this.total, this.#status(event), this.#area.columns - 1),
    ]);
  }

  protected override print(...lines: readonly string[]): void {
    this.#area.keep();
    // Over the ^C that a terminal shows.
    this.#area.wipeLine();
    super.print(...lines);
  }

  #status(event: Progress): string[] {
    return [`${event.step + 1}/${this.total}`, ...this.measures(event)];
  }

  async #pictures(latest: readonly State[], config: ExperimentConfig): Promise<string[]> {
    const { columns, rows } = this.#area;
    const border = Math.max(0, paddingOf(config) - MARGIN);
    const across = Math.max(0, ...latest.map(({ grid }) => planeOf(grid)[1]));
    const height = 2 * Math.max(2, rows - 4);
    const width = Math.min(across - 2 * border, columns - 1, height);
    const count = Math.max(
      1,
      Math.min(latest.length, Math.floor((columns - 1 + GAP.length) / (width + GAP.length))),
    );
    const blocks = latest.slice(0, count).map(async (state) => {
      const picture = stateRaster(await state.read(), splitRule(config.rule), planeOf(state.grid));
      return halfBlocks(reduce(trim(picture, border), width, height));
    });
    return beside(await Promise.all(blocks), GAP);
  }
}

/** Empty cells around what grows on the grid. */
function paddingOf(config: ExperimentConfig): number {
  const padding = fieldAt(config, "target", "padding");
  return typeof padding === "number" ? padding : 0;
}
