import type { ReactiveController, ReactiveControllerHost } from "lit";
import { fieldAt } from "../../../src/config/config.ts";
import type { Raster, Target } from "../../../src/data/image.ts";
import type { Experiment, ExperimentConfig } from "../../../src/experiments/experiment.ts";
import { targetRaster } from "../../../src/render/rgba.ts";
import type { Plane } from "../../../src/rule/grid.ts";
import { type Choices, choicesOf, configOf, firstChoices } from "../choices.ts";
import type { Picture } from "../picture.ts";
import { deleteSession, listSessions, loadSession, type SessionSummary } from "../storage.ts";
import type { TrainingState } from "../training/protocol.ts";
import type { TrainingPlace } from "../training/protocol.ts";
import { TrainingSession } from "../training/session.ts";
import { experimentNamed, needsPicture, supplyOf } from "../training/subjects.ts";
import { sentence } from "../ui/format.ts";

/** The picture that the page opens with. */
export const FIRST_EMOJI = "🦎";
/** Trainings kept in the browser's storage. */
const MAX_KEPT = 3;

/** The picture to learn, the settings of training, and the training itself. */
export class Learning implements ReactiveController {
  choices: Choices = firstChoices;
  config: ExperimentConfig = configOf(firstChoices, FIRST_EMOJI);
  picture: Picture | undefined;
  /** The picture on its grid. */
  preview: Raster | undefined;
  /** Training steps that it will take at most; undefined while there is no picture. */
  most: number | undefined;
  session: TrainingSession | undefined;
  state: TrainingState | undefined;
  /** The picture that the training learns, on its grid. */
  target: Raster | undefined;
  /** A saved training that can be continued; where there is none, one that has ended. */
  kept: SessionSummary | undefined;
  /** Where the next training will compute; whether there is a choice. */
  place: TrainingPlace = "wasm";
  hasDevice = false;
  /** What is wrong with the settings, or why training cannot start. */
  fault = "";
  readonly #host: ReactiveControllerHost;
  readonly #onBegin: (session: TrainingSession) => void;
  #leave: () => void = () => undefined;

  /** @param onBegin called with each training that begins. */
  constructor(host: ReactiveControllerHost, onBegin: (session: TrainingSession) => void) {
    this.#host = host;
    this.#onBegin = onBegin;
    host.addController(this);
  }

  hostConnected(): void {
    void this.#findKept();
    void this.#findDevice();
  }

  choosePlace(place: TrainingPlace): void {
    this.place = place;
    this.#host.requestUpdate();
  }

  async #findDevice(): Promise<void> {
    const { gpu }: Partial<Navigator> = navigator;
    this.hasDevice = Boolean(await gpu?.requestAdapter().catch(() => null));
    this.#host.requestUpdate();
  }

  /** The picture, by the name that configurations use. */
  get source(): string {
    return this.picture?.source ?? this.picture?.title ?? FIRST_EMOJI;
  }

  get experiment(): Experiment {
    return experimentNamed(this.choices.experiment);
  }

  /** What is learned, for people. */
  get title(): string {
    return needsPicture(this.experiment)
      ? (this.picture?.title ?? this.source)
      : supplyOf(this.experiment).source("");
  }

  /** The grid of the picture to learn. */
  get grid(): Plane | undefined {
    return this.preview && [this.preview.height, this.preview.width];
  }

  choosePicture(picture: Picture): void {
    this.picture = picture;
    this.choose(this.choices);
  }

  choose(choices: Choices): void {
    this.choices = choices;
    this.#try(() => {
      this.config = configOf(choices, this.source);
      const { config, experiment } = this;
      const targets = this.#targets();
      this.preview = targets && rasterOf(targets[0], config);
      this.most =
        targets &&
        experiment.total(experiment.fit(config, supplyOf(experiment).subject(config, this.title, targets)));
      this.fault = "";
    });
  }

  readonly start = (): void => {
    if (this.fault !== "") return;
    this.#try(() => {
      const targets = this.#targets();
      if (!targets) return;
      const { config, title } = this;
      const { experiment } = this.choices;
      const { place } = this;
      this.#follow(new TrainingSession({ title, experiment, config, targets }, { place }));
      void this.#prune();
    });
  };

  async continue(id: string): Promise<void> {
    await this.#tryLater(async () => {
      const stored = await loadSession(id);
      const session = TrainingSession.continued(stored);
      const { title, experiment, config, targets } = stored.job;
      const picture = rasterOf(targets[0], config);
      const [source] = [fieldAt(config, "target", "source")].flat();
      Object.assign(this, {
        ...(typeof source === "string" && { picture: { title, source, picture } }),
        preview: picture,
        config,
        most: session.experiment.total(config),
        choices: choicesOf(config, experiment),
      });
      this.fault = "";
      this.#follow(session);
    });
  }

  async forget(id: string): Promise<void> {
    await this.#tryLater(async () => {
      await deleteSession(id);
      await this.#findKept();
    });
  }

  #targets(): readonly Target[] | undefined {
    return supplyOf(this.experiment).targets(this.config, this.picture?.picture);
  }

  #follow(session: TrainingSession): void {
    this.#leave();
    this.session?.dispose();
    this.session = session;
    const { config, targets } = session.job;
    this.target = rasterOf(targets[0], config);
    this.state = "starting";
    this.kept = undefined;
    const leaves = [
      session.on("state", ({ state }) => {
        this.state = state;
        this.#host.requestUpdate();
      }),
      ...(["done", "report"] as const).map((type) => session.on(type, () => this.#host.requestUpdate())),
    ];
    this.#leave = () => leaves.forEach((leave) => leave());
    this.#onBegin(session);
  }

  /** The latest training that was left, or else the latest that ended. */
  async #findKept(): Promise<void> {
    try {
      const sessions = await listSessions();
      this.kept =
        sessions.find(({ unfinished }) => unfinished) ?? sessions.find(({ resumable }) => resumable);
    } catch {
      // Nothing is kept then, and training says so when it cannot keep itself.
      this.kept = undefined;
    }
    this.#host.requestUpdate();
  }

  async #prune(): Promise<void> {
    try {
      for (const { id } of (await listSessions()).slice(MAX_KEPT - 1)) await deleteSession(id);
    } catch {
      // As above.
    }
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fault = sentence(error);
    }
    this.#host.requestUpdate();
  }

  async #tryLater(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fault = sentence(error);
    }
    this.#host.requestUpdate();
  }
}

/** A target as a picture, a pixel a cell. */
function rasterOf({ grid, data }: Target, { rule }: ExperimentConfig): Raster {
  return targetRaster(data, grid, rule.image.premultiplied);
}
