import { html, nothing } from "lit";
import { type GrowingConfig, growingRecipes } from "../../../src/experiments/growing.ts";
import type { Grid } from "../../../src/rule/rule.ts";
import type { Choices } from "../choices.ts";
import type { SessionSummary } from "../storage.ts";
import type { TrainingState } from "../training/protocol.ts";
import type { TrainingSession } from "../training/session.ts";
import { whole } from "../ui/format.ts";
import { Part, valueOf } from "../ui/part.ts";

/** What each recipe is for. */
const RECIPES = {
  growing: "Grows from one cell; what comes after is not trained.",
  persistent: "Grows, and stays as it is.",
  regenerating: "Grows, stays, and heals when wounded. Takes longest.",
} as const;
const SIZES = { fewest: 8, most: 64 } as const;

/** Settings of a training, and what starts, pauses and stops it. */
export class TrainPanel extends Part {
  static override properties = {
    choices: { attribute: false },
    config: { attribute: false },
    source: { attribute: false },
    grid: { attribute: false },
    session: { attribute: false },
    state: { attribute: false },
    kept: { attribute: false },
    keptName: { attribute: false },
    fault: { attribute: false },
    shown: { type: Boolean },
  };
  declare choices: Choices;
  declare config: GrowingConfig;
  declare source: string;
  /** That of the picture; undefined while there is none. */
  declare grid: Grid | undefined;
  declare session: TrainingSession | undefined;
  declare state: TrainingState | undefined;
  /** A training that can go on. */
  declare kept: SessionSummary | undefined;
  /** What that is called. */
  declare keptName: string;
  declare fault: string;
  /** Whether what is trained is what is played. */
  declare shown: boolean;

  override render() {
    const { state, fault } = this;
    const busy = isBusy(state);
    return html`
      <h2>Train</h2>
      ${this.#offer(busy)} ${busy ? this.#summary() : this.#settings()}
      ${fault ? html`<p class="fault" role="alert">${fault}</p>` : nothing}
      <div class="row actions">${this.#actions(busy)}</div>
    `;
  }

  #settings() {
    const { choices, config, grid } = this;
    return html`
      <div class="stack">
        <fieldset class="segments">
          <legend>Recipe</legend>
          ${growingRecipes.map(
            (recipe) =>
              html`<label>
                <input
                  type="radio"
                  name="recipe"
                  .checked=${choices.recipe === recipe}
                  @change=${() => this.#change({ recipe, brought: undefined })}
                /><span>${title(recipe)}</span>
              </label>`,
          )}
        </fieldset>
        <p class="hint">${RECIPES[choices.recipe]}</p>
        <div class="pair">
          <label class="slider">
            <span>Size</span><b aria-hidden="true">${choices.size} cells</b>
            <input
              type="range"
              min=${SIZES.fewest}
              max=${SIZES.most}
              aria-valuetext="${choices.size} cells"
              .value=${String(choices.size)}
              @input=${(event: Event) => this.#size(Number(valueOf(event)))}
            />
          </label>
          <label class="field">
            <span>Seed</span>
            <input
              type="number"
              min="0"
              max="4294967295"
              step="1"
              .value=${String(choices.seed)}
              @change=${(event: Event) => this.#seed(valueOf(event))}
            />
          </label>
        </div>
        <p class="hint">
          ${grid ? `${grid[1]} × ${grid[0]} cells in all, ` : nothing}${whole(config.training.steps)} training
          steps. Smaller learns faster.
        </p>
      </div>
      <settings-drawer .choices=${choices} .config=${config} .source=${this.source}></settings-drawer>
    `;
  }

  /** Of what is trained: nothing of it can be changed. */
  #summary() {
    if (!this.session) return nothing;
    const { config, targets } = this.session.job;
    const { recipe, seed, target } = config;
    const [height, width] = targets[0].grid;
    return html`<p class="hint">
      ${title(recipe)}, ${target.size} cells long on a grid of ${width} × ${height}, seed ${seed}.
    </p>`;
  }

  #actions(busy: boolean) {
    const { state, session, shown } = this;
    const paused = state === "paused";
    return html`
      <button type="button" class="first" @click=${this.#goOn}>
        ${!busy ? "Start training" : paused ? "Continue training" : "Pause training"}
      </button>
      ${busy ? html`<button type="button" @click=${this.#stop}>Stop</button>` : nothing}
      ${
        session && !shown
          ? html`<button type="button" @click=${() => this.tell("show", null)}>Show what it learns</button>`
          : nothing
      }
    `;
  }

  readonly #goOn = (): void => {
    const { state, session } = this;
    if (!isBusy(state)) this.tell("start", null);
    else if (state === "paused") session?.resume();
    else session?.pause();
  };

  readonly #stop = (): void => {
    this.session?.stop();
    // The button goes, and the keyboard must not be left without a place.
    this.querySelector<HTMLElement>(".actions .first")?.focus();
  };

  #offer(busy: boolean) {
    const { kept } = this;
    if (!kept || busy) return nothing;
    const { step, steps, picture } = kept;
    return html`<div class="offer">
      <raster-canvas aria-hidden="true" .raster=${picture}></raster-canvas>
      <p>Training (${this.keptName}) was left at step ${whole(step)} of ${whole(steps)}.</p>
      <div class="row">
        <button type="button" class="first" @click=${() => this.tell("continue", kept.id)}>Go on</button>
        <button type="button" @click=${() => this.tell("forget", kept.id)}>Delete</button>
      </div>
    </div>`;
  }

  #size(size: number): void {
    const { brought } = this.choices;
    this.#change({ size, ...(brought && { brought }) });
  }

  #seed(text: string): void {
    const seed = Math.floor(Number(text));
    this.#change({ seed: Math.min(2 ** 32 - 1, Math.max(0, seed || 0)) });
  }

  #change(change: Partial<Choices>): void {
    this.tell("choices", { ...this.choices, ...change });
  }
}

function title(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function isBusy(state: TrainingState | undefined): boolean {
  return state === "starting" || state === "running" || state === "paused";
}
