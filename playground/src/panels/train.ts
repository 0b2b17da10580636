import { html, nothing } from "lit";
import { fieldAt } from "../../../src/config/config.ts";
import type { Experiment, ExperimentConfig } from "../../../src/experiments/experiment.ts";
import { growthReportSchema, relativeText } from "../../../src/experiments/growing/report.ts";
import type { Plane } from "../../../src/rule/grid.ts";
import { type Choices, choicesFor, choicesOf, hasQualities, sizeIn } from "../choices.ts";
import type { SessionSummary } from "../storage.ts";
import type { TrainingPlace, TrainingState } from "../training/protocol.ts";
import type { TrainingSession } from "../training/session.ts";
import { experimentNamed, offeredExperiments } from "../training/subjects.ts";
import { segments } from "../ui/controls.ts";
import { whole } from "../ui/format.ts";
import { Part, valueOf } from "../ui/part.ts";
import { verdictOf } from "../ui/verdict.ts";

type Words = Readonly<Record<string, string>>;

/** What each recipe is for. */
const RECIPES: Words = {
  growing: "Grows from one cell; what happens after that is not trained.",
  persistent: "Grows, and then stays as it is.",
  regenerating: "Grows, stays, and heals when damaged. Takes longest.",
};
/** What each quality is for; their limits of work are in the ratio 1 : 5 : 12. */
const QUALITIES: Words = {
  draft: "Rough but quick: at most a fifth of the time of Good.",
  good: "Close to the picture.",
  best: "As close as possible: up to two and a half times the time of Good.",
};
const SIZES = { fewest: 8, most: 64 } as const;

/** Settings of a training, and buttons that start, pause and stop it. */
export class TrainPanel extends Part {
  static override properties = {
    choices: { attribute: false },
    config: { attribute: false },
    source: { attribute: false },
    grid: { attribute: false },
    most: { attribute: false },
    session: { attribute: false },
    state: { attribute: false },
    report: { attribute: false },
    further: { attribute: false },
    kept: { attribute: false },
    keptName: { attribute: false },
    fault: { attribute: false },
    shown: { type: Boolean },
    place: { attribute: false },
  };
  declare choices: Choices;
  declare config: ExperimentConfig;
  declare source: string;
  /** That of the picture; undefined while there is none. */
  declare grid: Plane | undefined;
  /** Training steps at most; undefined while there is no picture. */
  declare most: number | undefined;
  declare session: TrainingSession | undefined;
  declare state: TrainingState | undefined;
  /** How good the trained model is; undefined before, and where that is not measured. */
  declare report: object | undefined;
  /** Steps after which a training that has ended will end again if it is trained further. */
  declare further: number | undefined;
  /** A training that was left, or has ended. */
  declare kept: SessionSummary | undefined;
  /** Its name. */
  declare keptName: string;
  declare fault: string;
  /** Whether what is trained is what is played. */
  declare shown: boolean;
  /** Where training will compute; undefined where there is no choice. */
  declare place: TrainingPlace | undefined;

  override render() {
    const { state, fault } = this;
    const busy = isBusy(state);
    return html`
      <h2>Train</h2>
      <div role="status" class="outcome">${this.#outcome()}</div>
      ${this.#further()} ${this.#offer(busy)} ${busy ? this.#summary() : this.#settings()}
      ${fault ? html`<p class="fault" role="alert">${fault}</p>` : nothing}
      <div class="row actions">${this.#actions(busy)}</div>
    `;
  }

  #settings() {
    const { choices, grid } = this;
    return html`
      <div class="stack">
        ${this.#experiment()} ${this.#preset("recipe", RECIPES)}
        ${hasQualities(choices) ? this.#preset("quality", QUALITIES, this.#aim()) : nothing}
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
          ${grid ? `${grid[1]} × ${grid[0]} cells in all, ` : nothing}${this.#steps()}. Smaller learns faster.
        </p>
      </div>
      ${this.#where()}
      <settings-drawer .choices=${choices} .config=${this.config} .source=${this.source}></settings-drawer>
    `;
  }

  #where() {
    if (!this.place) return nothing;
    return html`${segments({
        legend: "Computed by",
        name: "place",
        options: [
          { value: "wasm" as const, text: "Processor" },
          { value: "webgpu" as const, text: "Graphics card" },
        ],
        chosen: this.place,
        choose: (value) => this.emit("place", value),
      })}
      <p class="hint">
        ${
          this.place === "wasm"
            ? "The same numbers on every machine."
            : "The same numbers on this card only. How fast it is depends on the card."
        }
      </p>`;
  }

  get #chosen(): Experiment {
    return experimentNamed(this.choices.experiment);
  }

  /** The choice of ways to train. */
  #experiment() {
    const { choices } = this;
    return html`<label class="field">
        <span>Way of training</span>
        <select
          @change=${(event: Event) =>
            this.emit("choices", choicesFor(experimentNamed(valueOf(event)), choices))}
        >
          ${offeredExperiments().map(
            ({ name }) =>
              html`<option value=${name} ?selected=${name === choices.experiment}>${title(name)}</option>`,
          )}
        </select>
      </label>
      <p class="hint">${title(this.#chosen.summary)}.</p>`;
  }

  /** The choice of a preset by its name; nothing where the experiment has none of that name. */
  #preset(name: string, texts: Words, more = "") {
    const { presets } = this.choices;
    const own = this.#chosen.presets;
    if (!Object.hasOwn(own, name)) return nothing;
    const chosen = presets[name] ?? textAt(this.config, name);
    return html`
      ${segments({
        legend: title(name),
        name,
        options: own[name].names.map((value) => ({ value, text: title(value) })),
        chosen,
        choose: (value) => this.#change({ presets: { ...presets, [name]: value }, imported: undefined }),
      })}
      <p class="hint">${texts[chosen] ?? nothing} ${more || nothing}</p>
    `;
  }

  /** Relative error that ends training; 0: none does. */
  get #aimed(): number {
    const aim = fieldAt(this.config.training, "validation", "aim");
    return typeof aim === "number" ? aim : 0;
  }

  #aim(): string {
    return this.#aimed > 0 ? `Ends as soon as it is within ${relativeText(this.#aimed)} of the picture.` : "";
  }

  #steps(): string {
    const experiment = this.#chosen;
    const unit = experiment.unit === "step" ? "training step" : experiment.unit;
    const steps = `${whole(this.most ?? experiment.total(this.config))} ${unit}s`;
    return this.#aimed > 0 ? `at most ${steps}` : steps;
  }

  /** How good the trained model is. */
  #outcome() {
    const { state, report, session } = this;
    const reporting = session?.experiment.report;
    if (state !== "done" || !reporting) return nothing;
    if (!report) return html`<p class="hint">Measuring how good the model is …</p>`;
    const growth = growthReportSchema.safeParse(report).data;
    const { config, experiment } = session.job;
    if (!growth) return reporting.text(report, "", config).map((sentence) => html`<p>${sentence}</p>`);
    const { title: word, text, advice } = verdictOf(growth, hasQualities(choicesOf(config, experiment)));
    return html`<p><b>${word}:</b> ${text}</p>
      ${advice ? html`<p>${advice}</p>` : nothing}`;
  }

  #further() {
    const { state, session, further } = this;
    const made = session?.progress?.step ?? 0;
    if (state !== "done" || further === undefined || further <= made) return nothing;
    return html`<div class="row further">
      <button type="button" @click=${this.#trainOn}>Train on</button>
      <p class="hint">Up to ${whole(further - made)} more steps; the best model is kept.</p>
    </div>`;
  }

  readonly #trainOn = (): void => {
    this.session?.trainOn();
    // As in #stop.
    this.querySelector<HTMLElement>(".actions .first")?.focus();
  };

  /** The settings of the training under way, which cannot be changed. */
  #summary() {
    if (!this.session) return nothing;
    const { job, experiment } = this.session;
    const { config, targets } = job;
    const [height, width] = targets[0].grid;
    return html`<p class="hint">
      ${title(experiment.title(config) || experiment.name)}, ${sizeIn(config)} cells on its longest side, on a
      grid of ${width} × ${height}, seed ${config.seed}.
    </p>`;
  }

  #actions(busy: boolean) {
    const { state, session, shown } = this;
    const paused = state === "paused";
    return html`
      <button type="button" class="first" @click=${this.#toggle}>
        ${!busy ? "Start training" : paused ? "Continue training" : "Pause training"}
      </button>
      ${busy ? html`<button type="button" @click=${this.#stop}>Stop</button>` : nothing}
      ${
        session && !shown
          ? html`<button type="button" @click=${() => this.emit("show", null)}>Show what it learns</button>`
          : nothing
      }
    `;
  }

  readonly #toggle = (): void => {
    const { state, session } = this;
    if (!isBusy(state)) this.emit("start", null);
    else if (state === "paused") session?.resume();
    else session?.pause();
  };

  readonly #stop = (): void => {
    this.session?.stop();
    // The button disappears, so the focus moves to another control.
    this.querySelector<HTMLElement>(".actions .first")?.focus();
  };

  #offer(busy: boolean) {
    const { kept } = this;
    if (!kept || busy) return nothing;
    const { step, steps, picture, unfinished } = kept;
    const where = `at step ${whole(step)} of ${whole(steps)}`;
    return html`<div class="offer">
      <raster-canvas aria-hidden="true" .raster=${picture}></raster-canvas>
      <p>
        The training of ${this.keptName}
        ${unfinished ? `was left ${where}` : `is saved, with all of its ${whole(step)} steps`}.
      </p>
      <div class="row">
        <button type="button" class="first" @click=${() => this.emit("continue", kept.id)}>
          ${unfinished ? "Continue" : "Open"}
        </button>
        <button type="button" @click=${() => this.emit("forget", kept.id)}>Delete</button>
      </div>
    </div>`;
  }

  #size(size: number): void {
    const { imported } = this.choices;
    this.#change({ size, ...(imported && { imported }) });
  }

  #seed(text: string): void {
    const seed = Math.floor(Number(text));
    this.#change({ seed: Math.min(2 ** 32 - 1, Math.max(0, seed || 0)) });
  }

  #change(change: Partial<Choices>): void {
    this.emit("choices", { ...this.choices, ...change });
  }
}

function title(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function isBusy(state: TrainingState | undefined): boolean {
  return state === "starting" || state === "running" || state === "paused";
}

function textAt(config: ExperimentConfig, name: string): string {
  const value = fieldAt(config, name);
  return typeof value === "string" ? value : "";
}
