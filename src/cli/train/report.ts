/** How a run of training is reported: as JSON for programs, as lines, or as a bar with a preview. */
import type { State } from "../../engine.ts";
import type { Grid } from "../../rule/grid.ts";
import type { Progress } from "../../train/trainer.ts";
import type { Experiment, ExperimentConfig } from "../../experiments/experiment.ts";
import { isOnDevice, type RunRecord } from "../../runs/record.ts";
import { buildWords } from "../engine.ts";
import type { Kind } from "./kind.ts";
import { programName, quoted } from "../terminal/shell.ts";
import { duration, Pace } from "../terminal/pace.ts";
import { outputFailure, print, printJson, say } from "../terminal/print.ts";
import { paceWords } from "../terminal/progressBar.ts";

/** What happens in a run, but for its steps. */
export type Milestone =
  | (Readonly<{ event: "config"; folder: string; resumedAt: number | null; grid: Grid }> & RunRecord)
  | Readonly<{ event: "complete"; folder: string; steps: number }>
  | Readonly<{ event: "checkpoint"; steps: number }>
  | Readonly<{
      /** The graphics device was lost, and training goes on from the last checkpoint. */
      event: "lost";
      /** In a sentence. */
      reason: string;
      /** Training steps that had been made. */
      steps: number;
      /** Training steps that the checkpoint holds. */
      saved: number;
      /** That it goes on with. */
      engine: RunRecord["engine"];
      /** Where that is not a device of the same kind: why not, in a sentence. */
      instead?: string;
    }>
  | Readonly<{ event: "drawing" }>
  | Readonly<{
      event: "done";
      folder: string;
      steps: number;
      loss: number | null;
      /** Of training, over all resumed parts. */
      seconds: number;
      files: readonly string[];
      /** What `report.json` holds, if there is one. */
      report?: object;
      /** Command that goes on, where more training is asked for. */
      resume: string;
    }>
  | Readonly<{
      event: "stopped";
      reason: StopReason;
      steps: number;
      /** Training steps that a checkpoint holds. */
      saved: number;
      /** Command that goes on. */
      resume: string;
    }>;

export type StopReason = "interrupted" | "diverged" | "failed";

export interface Reporter {
  report(milestone: Milestone): void;
  /** @param latest some states of the step. */
  step(event: Progress, latest: readonly State[]): void | Promise<void>;
}

/** One JSON object a line on standard output. Where nobody reads that any more, standard error says how to go on. */
export function jsonReporter({ experiment }: Kind): Reporter {
  let total = Infinity;
  return {
    report(milestone) {
      if (milestone.event === "config") total = experiment.total(milestone.config);
      if (milestone.event === "stopped" && milestone.reason === "interrupted" && outputFailure()?.isClosed) {
        say(stopSentence(milestone, total, experiment));
      }
      printJson(milestone);
    },
    step: (event) => printJson({ event: "step", ...event }),
  };
}

type Stopped = Extract<Milestone, { event: "stopped" }>;

function stopSentence({ steps, resume }: Stopped, total: number, { unit }: Experiment): string {
  const closed = outputFailure()?.isClosed ? ", as nobody reads standard output any more" : "";
  return steps < total
    ? `Stopped after ${unit} ${steps} of ${total}${closed}. Resume: ${resume}`
    : `Stopped before all pictures were drawn${closed}. Finish: ${resume}`;
}

/** Lines on standard error now and then; the folder's path on standard output. */
export class LineReporter implements Reporter {
  protected readonly pace = new Pace();
  protected total = 0;
  /** Of the run that is reported. */
  protected config: ExperimentConfig | undefined;
  readonly #experiment: Experiment;
  readonly #drawings: Kind["drawings"];
  #lastLine = -Infinity;

  constructor({ experiment, drawings }: Kind) {
    this.#experiment = experiment;
    this.#drawings = drawings;
  }

  report(milestone: Milestone): void {
    switch (milestone.event) {
      case "config":
        this.config = milestone.config;
        this.total = this.#experiment.total(milestone.config);
        return this.print(...introduction(milestone, this.#experiment));
      case "complete":
        this.print(
          `All ${milestone.steps} ${this.#experiment.unit}s are trained and all pictures drawn; there is nothing to resume${this.#experiment.prolong ? " unless more is asked for: --steps, or a higher --quality" : ""}`,
        );
        return print(milestone.folder);
      case "checkpoint":
        return undefined;
      case "lost":
        return this.print(lossSentence(milestone, this.#experiment));
      case "drawing":
        return this.print("Drawing the pictures");
      case "done":
        return this.#conclude(milestone);
      case "stopped":
        // The error message says the others.
        if (milestone.reason !== "interrupted") return undefined;
        return this.print(stopSentence(milestone, this.total, this.#experiment));
      default:
        return milestone satisfies never;
    }
  }

  step(event: Progress, _latest: readonly State[]): void | Promise<void> {
    this.notify(event);
    const count = event.step + 1;
    const now = performance.now();
    this.pace.mark(count, now);
    const due = isRound(count) || count === this.total || now - this.#lastLine >= 10_000;
    if (!due) return;
    this.#lastLine = now;
    this.print(`${this.#experiment.unit} ${count}/${this.total}  ${this.measures(event).join("  ")}`);
  }

  protected print(...lines: readonly string[]): void {
    say(...lines);
  }

  protected notify(event: Progress): void {
    const notice = this.#experiment.notice?.(event);
    if (notice !== undefined) this.print(`${this.#experiment.unit} ${event.step}: ${notice}`);
  }

  /** Loss, speed and time left, the most important first. */
  protected measures(event: Progress): string[] {
    const result = event.skipped ? ["skipped: numbers beyond bounds"] : this.#experiment.measures(event);
    return [...result, ...paceWords(this.pace, this.total - event.step - 1, this.#experiment.unit)];
  }

  #conclude({ folder, loss, steps, seconds, report, resume }: Extract<Milestone, { event: "done" }>): void {
    const reached =
      loss === null
        ? ""
        : ` to loss ${loss.toExponential(2)}${loss > 0 ? ` (log10 ${Math.log10(loss).toFixed(2)})` : ""}`;
    const units = steps === 1 ? this.#experiment.unit : `${this.#experiment.unit}s`;
    this.print(`Trained ${steps} ${units}${reached} in ${duration(seconds)}`);
    const { config } = this;
    const sentences = report && config && this.#experiment.report?.text(report, resume, config);
    for (const sentence of sentences ?? []) this.print(sentence);
    print(folder);
    for (const [name, description] of Object.entries(this.#drawings.files)) {
      this.print(`  ${name.padEnd(20)}${description}`);
    }
    if (this.config) this.print(`Next: ${programName()} ${this.#drawings.next(quoted(folder), this.config)}`);
  }
}

function lossSentence(
  { reason, steps, saved, engine, instead }: Extract<Milestone, { event: "lost" }>,
  { unit }: Experiment,
): string {
  const what = `${reason.charAt(0).toUpperCase()}${reason.slice(1)} after ${unit} ${steps}`;
  const where = `going on from ${unit} ${saved}`;
  return instead === undefined
    ? `${what}; ${where} on a new one`
    : `${what}; ${where} with ${engine.name} (${buildWords(engine)}), whose numbers round differently: ${instead}`;
}

/** 1, 2, 5, 10, 20, 50, and every hundred. */
function isRound(count: number): boolean {
  return [1, 2, 5, 10, 20, 50].includes(count) || count % 100 === 0;
}

function introduction(
  { folder, resumedAt, grid, config, engine, picture, start }: Extract<Milestone, { event: "config" }>,
  experiment: Experiment,
): string[] {
  const { activity, unit } = experiment;
  const threads = engine.threads === 1 ? "1 thread" : `${engine.threads} threads`;
  const build = isOnDevice(engine.name) ? engine.build : `${engine.build}, ${threads}`;
  const what = resumedAt === null ? activity : `Resuming after ${unit} ${resumedAt}:`;
  const run = [
    `${grid.join(" x ")} cells`,
    experiment.title(config),
    experiment.length(config),
    `seed ${config.seed}`,
    ...(start === undefined ? [] : [`from ${start}`]),
  ];
  return [
    `${what} ${picture.description} in ${folder}`,
    `${run.filter((words) => words !== "").join(", ")}; ${engine.name} engine (${build})`,
  ];
}
