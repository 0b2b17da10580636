import type { ReactiveControllerHost } from "lit";
import type { Graft } from "../../../src/engine.ts";
import { UserError } from "../../../src/errors.ts";
import { fetchModel } from "../../../src/element/fetchModel.ts";
import type { NcaCanvas } from "../../../src/element/index.ts";
import type { Model } from "../../../src/model/model.ts";
import type { PlayerOptions } from "../../../src/player/player.ts";
import { graftParameters } from "../../../src/model/graft.ts";
import type { Grid } from "../../../src/rule/rule.ts";
import { galleryFile, type GalleryModel } from "../gallery.ts";
import type { TrainingSession } from "../training/session.ts";
import { asSentence, sentence, whole } from "../ui/format.ts";
import { type Ground, placedOn } from "./ground.ts";

/** What is played: a model of the gallery, a file or a link; or the one in training, as it is at the time. */
export type Played = Readonly<
  { kind: "model"; title: string; model: Model; file?: string } | { kind: "training"; title: string }
>;

/** What is on the grid beside the model. */
export type Scene = Pick<PlayerOptions, "seeds" | "graft" | "input"> & Readonly<{ grid: Grid }>;

/** What choosing a model does: begin with it, let it take over the living cells, or make it a second tissue. */
export type Choosing = "start" | "exchange" | "graft";

/** Milliseconds after an edit in which a colony in training is left alone. */
const QUIET = 8000;
/** Steps after which a colony in training is grown anew, at most. */
const MAX_AGE = 400;

/** What is played, and on what. */
export class Playing {
  readonly canvas: NcaCanvas = document.createElement("nca-canvas");
  /** Undefined while there is nothing to play. */
  first: Played | undefined;
  /** The second tissue. */
  second: Played | undefined;
  /** What was dropped, pasted or opened last. */
  brought: Played | undefined;
  choosing: Choosing = "start";
  ground: Ground = { scale: 1, seeds: 1 };
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
  /** Whoever asked for a model last gets it shown. */
  #turn = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    this.canvas.addEventListener("nca-edit", () => (this.#lastEdit = performance.now()));
    this.canvas.addEventListener("nca-step", ({ detail }) => this.#regrow(detail.steps));
  }

  /** A word on what is played. */
  get about(): string {
    const { first, canvas } = this;
    const session = this.#session;
    if (!first) return "";
    if (first.kind === "training") {
      const done = session?.state === "done" || session?.state === "failed";
      return done ? `trained for ${whole(session.progress?.step ?? 0)} steps` : "as it learns";
    }
    const { grid, steps } = first.model.provenance;
    const [height, width] = canvas.simulation?.grid ?? grid;
    const size = `${width} × ${height} cells`;
    return steps === undefined ? size : `${size}, ${whole(steps)} training steps`;
  }

  /** Whether the model in training is played, or will be as soon as there is one. */
  get showsTraining(): boolean {
    return this.first?.kind === "training" || this.#awaited !== undefined;
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

  /** Plays what a visitor brought, and keeps it among the choices. */
  bring(played: Played): void {
    this.brought = played;
    this.start(played);
  }

  /** Does with a model what choosing one does. */
  choose(played: Played): void {
    this.#turn++;
    this.fault = this.note = "";
    const model = this.#modelOf(played);
    if (this.choosing === "start" || !this.first || !this.canvas.simulation) return this.start(played);
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
      const model = await fetchModel(galleryFile(file), new AbortController().signal);
      if (turn === this.#turn) this.choose({ kind: "model", title, model, file });
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** The second tissue is no more; the cells live on. */
  endGraft(): void {
    if (this.canvas.model) this.canvas.exchange(this.canvas.model);
    this.#settle(this.first, undefined);
  }

  setChoosing(choosing: Choosing): void {
    this.choosing = choosing;
    this.fault = this.note = "";
    this.#host.requestUpdate();
  }

  /** Begins anew on another ground. A second tissue is to be painted again. */
  setGround(ground: Ground): void {
    this.ground = ground;
    const { first, second } = this;
    const model = first && this.#modelOf(first);
    const guest = second && this.#modelOf(second);
    if (model) {
      const place = placedOn(model.provenance.grid, ground);
      const cells = new Uint8Array(place.grid[0] * place.grid[1]);
      this.canvas.load(model, { ...place, graft: guest && grafted(model, guest, cells) });
    }
    this.#host.requestUpdate();
  }

  /** Shows a training from its first parameters on. */
  follow(session: TrainingSession): void {
    for (const leave of this.#leave) leave();
    this.first = this.#kept(this.first);
    this.second = this.#kept(this.second);
    this.#session = session;
    this.#leave = [
      session.on("parameters", ({ parameters }) => this.#learn(parameters)),
      session.on("state", () => this.#host.requestUpdate()),
    ];
    this.start({ kind: "training", title: session.job.title });
  }

  /** The model that is played; of one in training, its latest. @throws UserError where there is none. */
  async model(): Promise<Model> {
    const { first } = this;
    if (first?.kind === "model") return first.model;
    if (!first || !this.#session) throw new UserError("there is no model yet");
    return this.#session.model();
  }

  /** How a page of its own begins with what is played: grid, seeds, second tissue, and what cells are told. */
  get scene(): Scene {
    const { second, canvas } = this;
    const model = second && this.#modelOf(second);
    const { input = new Float32Array() } = canvas;
    return {
      ...placedOn(canvas.model?.provenance.grid ?? [1, 1], this.ground),
      ...(input.length > 0 && { input }),
      ...(second && model && { graft: { model, title: second.title, cells: this.#tissue.slice() } }),
    };
  }

  #begin(played: Played, model: Model): void {
    this.#awaited = undefined;
    this.canvas.load(model, placedOn(model.provenance.grid, this.ground));
    this.#settle(played, undefined);
  }

  /** What is played of a training that is followed no longer: its latest model. */
  #kept(played: Played | undefined): Played | undefined {
    const model = played?.kind === "training" && this.#modelOf(played);
    return model ? { kind: "model", title: played.title, model } : played;
  }

  #exchange(played: Played, model: Model | undefined): void {
    if (!model) throw untrained();
    const { second, canvas } = this;
    const guest = second && this.#modelOf(second);
    let graft: Graft | undefined;
    let note = "";
    try {
      graft = guest && grafted(model, guest, this.#tissue);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      note = `The graft has ended: ${error.message}.`;
    }
    canvas.exchange(model, { graft });
    this.#awaited = undefined;
    this.#lastEdit = performance.now();
    this.note = note;
    this.#settle(played, graft && second);
  }

  #graft(played: Played, model: Model | undefined): void {
    const host = this.canvas.model;
    if (!model || !host) throw untrained();
    this.canvas.exchange(host, { graft: grafted(host, model, this.#tissue) });
    this.#settle(this.first, played);
  }

  /** Training goes on with these parameters. */
  #learn(parameters: Float32Array): void {
    const { first, second, canvas } = this;
    const awaited = this.#awaited;
    const model = awaited && this.#modelOf(awaited);
    if (model) return this.#begin(awaited, model);
    if (first?.kind === "training" && canvas.model) canvas.setParameters(parameters);
    const guest = second?.kind === "training" && this.#modelOf(second);
    if (guest && canvas.model)
      canvas.exchange(canvas.model, { graft: grafted(canvas.model, guest, this.#tissue) });
  }

  /** Grows a colony in training anew once it is older than what training has seen, or soon will be. */
  #regrow(age: number): void {
    const session = this.#session;
    if (this.first?.kind !== "training" || session?.state !== "running") return;
    if (this.canvas.speed === Infinity || performance.now() - this.#lastEdit < QUIET) return;
    const { pool, rollout } = session.job.config.training;
    const longest = "from" in rollout ? Math.max(rollout.from[1], rollout.to[1]) : rollout[1];
    const step = pool === null ? 0 : (session.progress?.step ?? 0);
    if (age > Math.min(MAX_AGE, 1.5 * longest + step / 2)) this.canvas.reset();
  }

  #settle(first: Played | undefined, second: Played | undefined): void {
    const { canvas } = this;
    if (second && !this.second) canvas.tool = "grafted";
    if (!second && (canvas.tool === "own" || canvas.tool === "grafted")) canvas.tool = "erase";
    Object.assign(this, { first, second });
    this.#host.requestUpdate();
  }

  #fail(error: unknown): void {
    this.fault = error instanceof RangeError ? asSentence(error.message) : sentence(error);
    this.#host.requestUpdate();
  }

  #modelOf(played: Played): Model | undefined {
    return played.kind === "model" ? played.model : this.#session?.latest;
  }

  /** Which tissue each cell is of, as it was painted. */
  get #tissue(): Uint8Array {
    return this.canvas.simulation?.tissue ?? new Uint8Array();
  }
}

function untrained(): RangeError {
  return new RangeError("training has made no model yet");
}

/** Tissue of another model. @throws RangeError where the rules differ. */
function grafted(host: Model, { rule, parameters }: Model, cells: Uint8Array): Graft {
  return { parameters: [graftParameters(host.rule, rule, parameters)], cells };
}
