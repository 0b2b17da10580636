import { html, nothing, type PropertyValues } from "lit";
import { relativeText } from "../../../src/experiments/growing/report.ts";
import { fieldAt } from "../../../src/config/config.ts";
import type { BatchDetail, PoolDetail, ProgressDetail, TrainingState } from "../training/protocol.ts";
import type { TrainingSession } from "../training/session.ts";
import { asSentence, duration, lossText, short, whole } from "../ui/format.ts";
import { Part } from "../ui/part.ts";

/** For screen readers. */
const STATES: Readonly<Record<TrainingState, string>> = {
  starting: "Training starts.",
  running: "Training is running.",
  paused: "Training is paused.",
  done: "Training is done.",
  failed: "Training has stopped.",
};

/** The progress of training: the loss, figures, the pool and the batch. */
export class WatchPanel extends Part {
  static override properties = {
    session: { attribute: false },
    state: { attribute: false },
    name: { attribute: false },
    progress: { state: true },
    losses: { state: true },
    pool: { state: true },
    batch: { state: true },
    trouble: { state: true },
    noticed: { state: true },
  };
  declare session: TrainingSession | undefined;
  declare state: TrainingState | undefined;
  /** The name of the picture. */
  declare name: string;
  declare progress: ProgressDetail | undefined;
  declare losses: Float64Array;
  declare pool: PoolDetail | undefined;
  declare batch: BatchDetail | undefined;
  /** Why training cannot be saved, or cannot continue. */
  declare trouble: string;
  /** What was last to know of a step: when and why training went back to its best model, for example. */
  declare noticed: string;
  #leave: (() => void)[] = [];

  constructor() {
    super();
    this.losses = new Float64Array();
    this.trouble = "";
    this.noticed = "";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopListening();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("session")) this.#follow(this.session);
  }

  override render() {
    const { session, progress } = this;
    if (!session) return nothing;
    const { config } = session.job;
    const { step = 0, steps: most = session.experiment.total(config) } = progress ?? {};
    const steps = this.state === "done" ? step : most;
    const pooled = Boolean(fieldAt(config.training, "pool") ?? fieldAt(config.training, "memory"));
    return html`
      <h2>Learning: ${this.name}</h2>
      <p class="unseen" role="status">${STATES[this.state ?? "starting"]}</p>
      <progress max=${steps} .value=${step} aria-label="Training steps made"></progress>
      <dl class="figures">
        ${figure("Step", `${whole(step)} of ${whole(steps)}`)}
        ${figure("Loss", progress ? lossText(this.losses.findLast(Number.isFinite) ?? NaN) : "–")}
        ${session.experiment.report ? figure("Off by / best", this.#errors()) : this.#measures()}
        ${figure("Steps a second", progress?.stepsPerSecond === undefined ? "–" : short(progress.stepsPerSecond))}
        ${figure("Time left", this.#timeLeft())}
        ${
          session.ready?.place === "webgpu"
            ? figure("Trained on", "graphics card")
            : figure("Threads", session.ready ? String(session.ready.threads) : "–")
        }
      </dl>
      <p class="hint" role="status" ?hidden=${this.noticed === ""}>${this.noticed}</p>
      ${this.trouble ? html`<p class="fault" role="alert">${this.trouble}</p>` : nothing}
      <loss-chart .losses=${this.losses}></loss-chart>
      <div class="views">${pooled ? this.#poolView() : nothing} ${this.#batchView()}</div>
    `;
  }

  /** Errors of the latest model that was grown from its seed, and of the best. */
  #errors(): string {
    const { validated } = this.progress ?? {};
    if (!validated) return "–";
    const [latest, best] = [validated.latest, validated.best].map(relativeText);
    return `${latest.replace("%", "")} / ${best}`;
  }

  /** What a step measured beside the loss. */
  #measures() {
    return (this.progress?.measures ?? []).slice(1).map((text) => {
      const [name, ...words] = text.split(" ");
      return figure(name.charAt(0).toUpperCase() + name.slice(1), words.join(" "));
    });
  }

  #timeLeft(): string {
    const { state, progress } = this;
    if (state === "done" || state === "paused") return state;
    if (state === "failed") return "stopped";
    return progress?.secondsLeft === undefined ? "–" : `≤ ${duration(progress.secondsLeft)}`;
  }

  #poolView() {
    const { pool } = this;
    return html`<figure>
      <raster-canvas
        class="pool"
        role="img"
        aria-label="States of the pool, from which training continues"
        .raster=${pool?.raster}
      ></raster-canvas>
      <figcaption class="hint">
        Pool: ${pool ? `${pool.count} of its states` : "states to continue from"}
      </figcaption>
    </figure>`;
  }

  #batchView() {
    const { batch } = this;
    const samples = batch?.after.slice(0, 4) ?? [undefined, undefined];
    return html`<figure>
      <div class="batch">
        ${samples.map(
          (after, i) =>
            html`<raster-canvas
                role="img"
                aria-label="Sample ${i + 1} before"
                .raster=${batch?.before[i]}
              ></raster-canvas>
              <raster-canvas role="img" aria-label="Sample ${i + 1} after" .raster=${after}></raster-canvas>`,
        )}
      </div>
      <figcaption class="hint">Batch: before and after</figcaption>
    </figure>`;
  }

  #follow(session: TrainingSession | undefined): void {
    this.#stopListening();
    this.progress = session?.progress;
    this.losses = session?.losses ?? new Float64Array();
    this.pool = undefined;
    this.batch = undefined;
    this.trouble = "";
    this.noticed = "";
    if (!session) return;
    this.#leave = [
      session.on("ready", () => this.requestUpdate()),
      session.on("progress", (progress) => {
        this.progress = progress;
        this.losses = session.losses;
      }),
      session.on("pool", (pool) => (this.pool = pool)),
      session.on("batch", (batch) => (this.batch = batch)),
      session.on("unsaved", ({ message }) => (this.trouble = asSentence(message))),
      session.on("noticed", ({ step, message }) => {
        this.noticed = `Step ${whole(step)}: ${asSentence(message)}`;
      }),
      session.on("unmeasured", ({ message }) => {
        this.trouble = `How good the model is could not be measured: ${asSentence(message)}`;
      }),
      session.on("saved", () => (this.trouble = "")),
      session.on("failed", ({ message }) => (this.trouble = asSentence(message))),
    ];
  }

  #stopListening(): void {
    for (const leave of this.#leave) leave();
    this.#leave = [];
  }
}

function figure(name: string, value: string) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
