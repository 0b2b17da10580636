import type { ReactiveControllerHost } from "lit";
import { fieldAt, firstDifference } from "../../../src/config/config.ts";
import type { Graft } from "../../../src/engine.ts";
import { UserError } from "../../../src/errors.ts";
import { fetchModel } from "../../../src/element/fetchModel.ts";
import type { NcaCanvas } from "../../../src/element/index.ts";
import { type Model, modelPlane } from "../../../src/model/model.ts";
import { asPlane, takesDrawings } from "../../../src/model/rows.ts";
import type { PlayerOptions } from "../../../src/player/player.ts";
import { graftParameters } from "../../../src/model/graft.ts";
import type { GivenCoordinates } from "../../../src/model/start.ts";
import type { Plane } from "../../../src/rule/grid.ts";
import { galleryFile, type GalleryModel } from "../gallery.ts";
import type { TrainingSession } from "../training/session.ts";
import { asSentence, sentence, whole } from "../ui/format.ts";
import { gridAndSeeds, type GridSetup } from "./gridSetup.ts";

/** What is played: a model of the gallery, a file or a link; or the one in training, in its current state. */
export type Played = Readonly<
  { kind: "model"; title: string; model: Model; file?: string } | { kind: "training"; title: string }
>;

/** Grid, seeds, guest and input of the model at play. */
export type Scene = Pick<PlayerOptions, "seeds" | "graft" | "input"> & Readonly<{ grid: Plane }>;

/** What choosing a model does: start it, let it take over the cells as they are, or make it the guest. */
export type Choosing = "start" | "exchange" | "graft";

/** Milliseconds after an edit in which a model in training is not grown again from its seeds. */
const AFTER_EDIT = 8000;
/** Steps after which a model in training is grown again from its seeds, at most. */
const MAX_AGE = 400;

/** The models at play, and their grid. */
export class Playing {
  readonly canvas: NcaCanvas = document.createElement("nca-canvas");
  /** Undefined while there is nothing to play. */
  host: Played | undefined;
  /** The second model, which runs the cells that are painted with it. */
  guest: Played | undefined;
  /** What was last dropped, pasted or opened by a link. */
  imported: Played | undefined;
  choosing: Choosing = "start";
  gridSetup: GridSetup = { scale: 1, seeds: 1 };
  /** Why the last choice could not be done. */
  fault = "";
  /** What else came of it. */
  note = "";
  readonly #host: ReactiveControllerHost;
  #session: TrainingSession | undefined;
  #leave: (() => void)[] = [];
  #lastEdit = -Infinity;
  /** The model in training, while it is to be begun with and there is none yet. */
  #awaited: Played | undefined;
  /** Counts requests for a model: the last one is shown. */
  #turn = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    this.canvas.addEventListener("nca-edit", () => (this.#lastEdit = performance.now()));
    this.canvas.addEventListener("nca-step", ({ detail }) => this.#regrow(detail.steps));
  }

  /** A few words on what is played. */
  get about(): string {
    const { host, canvas } = this;
    const session = this.#session;
    if (!host) return "";
    if (host.kind === "training") {
      const done = session?.state === "done" || session?.state === "failed";
      return done ? `trained for ${whole(session.progress?.step ?? 0)} steps` : "as it learns";
    }
    const { grid, steps } = host.model.provenance;
    const [height, width] = canvas.simulation?.grid ?? grid;
    const size = `${width} × ${height} cells`;
    return steps === undefined ? size : `${size}, ${whole(steps)} training steps`;
  }

  /** Whether the model in training is played, or will be as soon as there is one. */
  get showsTraining(): boolean {
    return this.host?.kind === "training" || this.#awaited !== undefined;
  }

  /** Plays a model from its seeds, alone. */
  start(played: Played): void {
    this.#turn++;
    this.fault = this.note = "";
    const model = this.#modelOf(played);
    if (model) return this.#begin(played, model);
    this.#awaited = played;
    this.#host.requestUpdate();
  }

  /** Plays an imported model, and adds it to the models to choose from. */
  playImported(played: Played): void {
    this.imported = played;
    this.start(played);
  }

  /** Starts a model, lets it take over, or grafts it, as `choosing` says. */
  choose(played: Played): void {
    this.#turn++;
    this.fault = this.note = "";
    const model = this.#modelOf(played);
    if (this.choosing === "start" || !this.host || !this.canvas.simulation) return this.start(played);
    try {
      if (this.choosing === "graft") this.#graft(played, model);
      else this.#exchange(played, model);
    } catch (error) {
      this.#fail(error);
    }
  }

  async openGallery({ title, file }: GalleryModel): Promise<void> {
    const turn = ++this.#turn;
    try {
      const model = asPlane(await fetchModel(galleryFile(file), new AbortController().signal));
      if (turn === this.#turn) this.choose({ kind: "model", title, model, file });
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** Removes the guest; the cells stay as they are. */
  endGraft(): void {
    if (this.canvas.model) this.canvas.exchange(this.canvas.model);
    this.#setModels(this.host, undefined);
  }

  setChoosing(choosing: Choosing): void {
    this.choosing = choosing;
    this.fault = this.note = "";
    this.#host.requestUpdate();
  }

  /** Starts again on another grid. The guest runs no cells until it is painted again. */
  setGridSetup(setup: GridSetup): void {
    this.gridSetup = setup;
    const { host, guest } = this;
    const model = host && this.#modelOf(host);
    const guestModel = guest && this.#modelOf(guest);
    if (model) {
      const place = gridAndSeeds(modelPlane(model), setup);
      const cells = new Uint8Array(place.grid[0] * place.grid[1]);
      this.canvas.load(model, { ...place, graft: guestModel && grafted(model, guestModel, cells) });
    }
    this.#host.requestUpdate();
  }

  /** Shows a training from its first parameters on. */
  follow(session: TrainingSession): void {
    for (const leave of this.#leave) leave();
    this.host = this.#withoutTraining(this.host);
    this.guest = this.#withoutTraining(this.guest);
    this.#session = session;
    this.#leave = [
      session.on("parameters", ({ parameters }) => this.#takeParameters(parameters)),
      session.on("state", () => this.#host.requestUpdate()),
    ];
    this.start({ kind: "training", title: session.job.title });
  }

  /** The model that is played; of one in training, its latest. @throws UserError where there is none. */
  async model(): Promise<Model> {
    const { host } = this;
    if (host?.kind === "model") return host.model;
    if (!host || !this.#session) throw new UserError("there is no model yet");
    return this.#session.model();
  }

  /** Grid, seeds, guest and input, for a page of its own. */
  get scene(): Scene {
    const { guest, canvas } = this;
    const model = guest && this.#modelOf(guest);
    const { input = new Float32Array() } = canvas;
    return {
      ...gridAndSeeds(canvas.model ? modelPlane(canvas.model) : [1, 1], this.gridSetup),
      ...(input.length > 0 && { input }),
      ...(guest && model && { graft: { model, title: guest.title, cells: this.#membership.slice() } }),
    };
  }

  #begin(played: Played, model: Model): void {
    this.#awaited = undefined;
    this.#offerPen(model);
    this.canvas.load(model, gridAndSeeds(modelPlane(model), this.gridSetup));
    this.#setModels(played, undefined);
  }

  /** The pointer draws for cells that work on a picture, a thin white line, and for others only where people choose so. */
  #offerPen(model: Model): void {
    const { canvas } = this;
    if (takesDrawings(model)) {
      canvas.tool = "colour";
      canvas.colour = "#ffffff";
      canvas.brush = 1;
    } else if (canvas.tool === "colour" && canvas.model && takesDrawings(canvas.model)) {
      canvas.tool = "erase";
      canvas.removeAttribute("brush");
    }
  }

  /** Replaces a training that is no longer followed by its latest model. */
  #withoutTraining(played: Played | undefined): Played | undefined {
    const model = played?.kind === "training" && this.#modelOf(played);
    return model ? { kind: "model", title: played.title, model } : played;
  }

  #exchange(played: Played, model: Model | undefined): void {
    if (!model) throw untrained();
    const { guest, canvas } = this;
    const guestModel = guest && this.#modelOf(guest);
    this.note = "";
    const graft = guestModel && this.#graftOf(model, guestModel);
    canvas.exchange(model, { graft });
    this.#awaited = undefined;
    this.#lastEdit = performance.now();
    this.#setModels(played, graft && guest);
  }

  /** A graft on the cells that are painted; undefined, with a note, where the rules differ. */
  #graftOf(host: Model, guest: Model): Graft | undefined {
    try {
      return grafted(host, guest, this.#membership);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.note = `The graft has ended: ${error.message}.`;
      return undefined;
    }
  }

  #graft(played: Played, model: Model | undefined): void {
    const host = this.canvas.model;
    if (!model || !host) throw untrained();
    this.canvas.exchange(host, { graft: grafted(host, model, this.#membership) });
    this.#setModels(this.host, played);
  }

  /** Plays the newest parameters of the training. */
  #takeParameters(parameters: Float32Array): void {
    const { host, guest, canvas } = this;
    const awaited = this.#awaited;
    const model = awaited && this.#modelOf(awaited);
    if (model) return this.#begin(awaited, model);
    if (host?.kind === "training" && canvas.model) {
      const latest = this.#modelOf(host);
      // Training may begin anew, with coordinates that cells are given.
      const isAnew = latest && firstDifference(coordinatesOf(latest), coordinatesOf(canvas.model));
      if (isAnew) return this.#begin(host, latest);
      canvas.setParameters(parameters);
    }
    const guestModel = guest?.kind === "training" && this.#modelOf(guest);
    if (!guestModel || !canvas.model) return;
    const graft = this.#graftOf(canvas.model, guestModel);
    canvas.exchange(canvas.model, { graft });
    if (!graft) this.#setModels(host, undefined);
  }

  /** Grows a model in training again once it has made more steps than it was trained on, or soon will be. */
  #regrow(age: number): void {
    const session = this.#session;
    if (this.host?.kind !== "training" || session?.state !== "running") return;
    if (this.canvas.speed === Infinity || performance.now() - this.#lastEdit < AFTER_EDIT) return;
    const { training } = session.job.config;
    const longest = longestIn(fieldAt(training, "rollout") ?? fieldAt(training, "horizon"));
    const isPooled = Boolean(fieldAt(training, "pool") ?? fieldAt(training, "memory"));
    const step = isPooled ? (session.progress?.step ?? 0) : 0;
    if (age > Math.min(MAX_AGE, 1.5 * longest + step / 2)) this.canvas.reset();
  }

  #setModels(host: Played | undefined, guest: Played | undefined): void {
    const { canvas } = this;
    if (guest && !this.guest) canvas.tool = "grafted";
    if (!guest && (canvas.tool === "own" || canvas.tool === "grafted")) canvas.tool = "erase";
    Object.assign(this, { host, guest });
    this.#host.requestUpdate();
  }

  #fail(error: unknown): void {
    this.fault = error instanceof RangeError ? asSentence(error.message) : sentence(error);
    this.#host.requestUpdate();
  }

  #modelOf(played: Played): Model | undefined {
    return played.kind === "model" ? played.model : this.#session?.latest;
  }

  /** Which model each cell runs, as it was painted: 0 the host, 1 the guest. */
  get #membership(): Uint8Array {
    return this.canvas.simulation?.membership ?? new Uint8Array();
  }
}

function coordinatesOf({ start }: Model): GivenCoordinates | null {
  return start.coordinates ?? null;
}

function untrained(): RangeError {
  return new RangeError("training has made no model yet");
}

/** A graft of a guest model onto a host. @throws RangeError where the rules differ. */
function grafted(host: Model, guest: Model, cells: Uint8Array): Graft {
  return { parameters: [graftParameters(host, guest)], cells };
}

/** The largest number of steps that a rollout may have: in a number, a range or a ramp of either. */
function longestIn(rollout: unknown): number {
  if (typeof rollout === "number") return rollout;
  if (typeof rollout !== "object" || rollout === null) return 0;
  const { from, to } = { from: undefined, to: undefined, ...rollout };
  const parts: unknown[] = Array.isArray(rollout) ? rollout : [from, to];
  return Math.max(0, ...parts.map(longestIn));
}
