import { html, nothing } from "lit";
import { UserError } from "../../src/errors.ts";
import { fetchModel } from "../../src/element/fetchModel.ts";
import type { NcaCanvas } from "../../src/element/index.ts";
import type { GrowingConfig } from "../../src/experiments/growing.ts";
import { pictureGrid } from "../../src/experiments/picture.ts";
import type { Raster } from "../../src/data/image.ts";
import type { Model } from "../../src/io/model.ts";
import { targetRaster } from "../../src/render/rgba.ts";
import { type Choices, choicesOf, configOf, firstChoices } from "./choices.ts";
import { type Opened, openText, openTransfer } from "./files.ts";
import { firstModel } from "./firstModel.ts";
import { hasLink, type Shared } from "./link.ts";
import { galleryFile, type GalleryModel, loadGallery } from "./panels/gallery.ts";
import type { Takeaway } from "./panels/takeaway.ts";
import type { Picture } from "./panels/target.ts";
import { readPicture, targetOf } from "./picture.ts";
import { emojiPicture, loadShelf } from "./shelf.ts";
import { deleteSession, listSessions, loadSession, type SessionSummary } from "./storage.ts";
import { defaultThreads, type TrainingState } from "./training/protocol.ts";
import { TrainingSession } from "./training/session.ts";
import { sentence, whole } from "./ui/format.ts";
import { Part } from "./ui/part.ts";

/** What the page opens with, to be trained. */
const FIRST_EMOJI = "🦎";
/** Trainings kept in the browser's storage. */
const MAX_KEPT = 3;
/** Milliseconds for which the target waits until something moves. */
const PATIENCE = 600;
/** Milliseconds after an edit in which a colony in training is left alone. */
const QUIET = 8000;
/** Steps after which a colony in training is grown anew, at most. */
const MAX_AGE = 400;

/** What is played. */
type Shown = Readonly<
  | { kind: "model"; title: string; model: Model; file?: string }
  | { kind: "training"; title: string }
  | { kind: "nothing" }
>;

/** The page. */
export class Playground extends Part {
  static override properties = {
    choices: { state: true },
    picture: { state: true },
    preview: { state: true },
    session: { state: true },
    training: { state: true },
    kept: { state: true },
    gallery: { state: true },
    shown: { state: true },
    fault: { state: true },
    notice: { state: true },
    over: { state: true },
    names: { state: true },
  };
  declare choices: Choices;
  declare picture: Picture | undefined;
  declare preview: Raster | undefined;
  declare session: TrainingSession | undefined;
  declare training: TrainingState | undefined;
  declare kept: SessionSummary | undefined;
  declare gallery: readonly GalleryModel[];
  declare shown: Shown;
  /** What is wrong with the settings. */
  declare fault: string;
  /** What is wrong with what was dropped, pasted or opened. */
  declare notice: string;
  /** Something is dragged over the page. */
  declare over: boolean;
  /** What the shelf's emoji are called, for systems that have no drawing of them. */
  declare names: ReadonlyMap<string, string>;
  readonly #canvas: NcaCanvas = document.createElement("nca-canvas");
  #config: GrowingConfig;
  #lastEdit = -Infinity;
  #leave: (() => void)[] = [];
  /** Whoever asked for a model last gets it shown. */
  #opening = 0;

  constructor() {
    super();
    this.choices = firstChoices;
    this.#config = configOf(firstChoices, FIRST_EMOJI);
    this.gallery = [];
    this.shown = { kind: "nothing" };
    this.fault = this.notice = "";
    this.over = false;
    this.names = new Map();
    this.#canvas.addEventListener("nca-edit", () => (this.#lastEdit = performance.now()));
    this.#canvas.addEventListener("nca-step", ({ detail }) => this.#regrow(detail.steps));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("dragover", this.#dragOver);
    addEventListener("dragleave", this.#dragLeave);
    addEventListener("drop", this.#drop);
    addEventListener("paste", this.#paste);
    addEventListener("hashchange", this.#openAddress);
    void this.#begin();
  }

  override render() {
    const { choices, picture, session, training, shown, notice } = this;
    const source = picture?.title ?? FIRST_EMOJI;
    return html`
      <header>
        <h1><i aria-hidden="true"></i>Neoblast</h1>
        <p>Choose a picture, and watch cells learn to grow it, here in this tab.</p>
      </header>
      <main>
        <section class="hero" aria-label="The automaton">
          <figure class="stage">
            ${this.#canvas}
            <figcaption>
              <strong>${shown.kind === "nothing" ? " " : this.#nameOf(shown.title)}</strong>
              <span>${this.#about()}</span>
            </figcaption>
          </figure>
          <play-panel .canvas=${this.#canvas}></play-panel>
          <div class="gallery">
            <gallery-panel
              .models=${this.gallery}
              .chosen=${shown.kind === "model" ? shown.file : undefined}
              @model=${({ detail }: CustomEvent<GalleryModel>) => {
                this.notice = "";
                void this.#openGallery(detail);
              }}
            ></gallery-panel>
          </div>
        </section>
        <div class="side">
          <section class="panel" aria-labelledby="target-title">
            <target-panel
              .chosen=${picture}
              .name=${this.#nameOf(source)}
              .preview=${this.preview}
              @picture=${({ detail }: CustomEvent<Picture>) => this.#choosePicture(detail)}
            ></target-panel>
          </section>
          <section class="panel" aria-label="Train">
            <train-panel
              .choices=${choices}
              .config=${this.#config}
              .source=${source}
              .session=${session}
              .state=${training}
              .kept=${this.kept}
              .keptName=${this.#nameOf(this.kept?.title ?? "")}
              .fault=${this.fault}
              .shown=${shown.kind === "training"}
              @choices=${({ detail }: CustomEvent<Choices>) => this.#choose(detail)}
              @start=${this.#start}
              @show=${this.#showTraining}
              @continue=${({ detail }: CustomEvent<string>) => this.#continue(detail)}
              @forget=${({ detail }: CustomEvent<string>) => this.#forget(detail)}
            ></train-panel>
          </section>
          <section class="panel watch" aria-label="Learning" ?hidden=${!session}>
            <watch-panel
              .session=${session}
              .state=${training}
              .name=${this.#nameOf(session?.job.title ?? "")}
            ></watch-panel>
          </section>
          <section class="panel" aria-label="Take it along">
            <takeaway-panel
              .canvas=${this.#canvas}
              .take=${this.#take}
              .ready=${shown.kind !== "nothing"}
            ></takeaway-panel>
          </section>
        </div>
      </main>
      <footer>
        <p>${threadsText()}</p>
        <p>Everything happens on this machine; nothing is sent anywhere.</p>
      </footer>
      <div class="notice" role="alert" ?hidden=${notice === ""}>
        <p>${notice}</p>
        <button type="button" class="plain" @click=${() => (this.notice = "")}>Close</button>
      </div>
      ${
        this.over
          ? html`<div class="dropping">
              <p>Drop a picture, a model, a player.html, a configuration or a link</p>
            </div>`
          : nothing
      }
    `;
  }

  async #begin(): Promise<void> {
    this.#openAddress();
    void this.#findKept();
    const gallery = await loadGallery();
    this.gallery = gallery;
    if (this.shown.kind === "nothing") {
      if (gallery.length > 0) await this.#openGallery(gallery[0]);
      if (this.shown.kind === "nothing")
        this.#play({ kind: "model", title: "A colony in waves", model: firstModel() });
    }
    await this.#moving();
    void loadShelf().then((shelf) => {
      this.names = new Map(shelf.map(({ emoji, name }) => [emoji, name.replaceAll("-", " ")]));
    });
    if (this.picture) return;
    await this.#tryTo(async () => {
      const first = { title: FIRST_EMOJI, picture: await emojiPicture(FIRST_EMOJI) };
      if (!this.picture) this.#choosePicture(first);
    });
  }

  /** Something moves on the page, or will not soon: what takes time may begin. */
  #moving(): Promise<void> {
    return new Promise((resolve) => {
      this.#canvas.addEventListener("nca-step", () => resolve(), { once: true });
      setTimeout(resolve, PATIENCE);
    });
  }

  /** Does what may fail for reasons that people can understand. */
  async #tryTo(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.notice = sentence(error);
    }
  }

  #about(): string {
    const { shown, session, training } = this;
    if (shown.kind === "nothing") return "";
    if (shown.kind === "training") {
      const done = training === "done" || training === "failed";
      return done ? `trained for ${whole(session?.progress?.step ?? 0)} steps` : "as it learns";
    }
    const { grid, steps } = shown.model.provenance;
    const size = `${grid[1]} × ${grid[0]} cells`;
    return steps === undefined ? size : `${size}, ${whole(steps)} training steps`;
  }

  #nameOf(title: string): string {
    return this.names.get(title) ?? title;
  }

  // Pictures and settings

  #choosePicture(picture: Picture): void {
    this.picture = picture;
    this.#choose(this.choices);
  }

  #choose(choices: Choices): void {
    this.choices = choices;
    try {
      this.#config = configOf(choices, this.picture?.title ?? FIRST_EMOJI);
      this.preview = this.#target()?.raster;
      this.fault = "";
    } catch (error) {
      this.fault = sentence(error);
    }
  }

  #target() {
    if (!this.picture) return undefined;
    const { target, rule } = this.#config;
    const { premultiplied } = rule.image;
    const { grid, data } = targetOf(this.picture.picture, { ...target, premultiplied });
    return { data, raster: targetRaster(data, grid, premultiplied) };
  }

  // Training

  readonly #start = (): void => {
    if (this.fault !== "" || !this.picture) return;
    try {
      const target = this.#target();
      if (!target) return;
      const { title } = this.picture;
      this.#follow(new TrainingSession({ title, config: this.#config, targets: [target.data] }));
      void this.#prune();
    } catch (error) {
      this.fault = sentence(error);
    }
  };

  async #continue(id: string): Promise<void> {
    try {
      const stored = await loadSession(id);
      const session = TrainingSession.continued(stored);
      const { title, config, targets } = stored.job;
      const { premultiplied } = config.rule.image;
      this.picture = { title, picture: targetRaster(targets[0], pictureGrid(config.target), premultiplied) };
      this.choices = choicesOf(config);
      this.#config = config;
      this.preview = this.picture.picture;
      this.fault = "";
      this.#follow(session);
    } catch (error) {
      this.fault = sentence(error);
    }
  }

  async #forget(id: string): Promise<void> {
    try {
      await deleteSession(id);
      await this.#findKept();
    } catch (error) {
      this.fault = sentence(error);
    }
  }

  /** The latest training that can go on. */
  async #findKept(): Promise<void> {
    try {
      this.kept = (await listSessions()).find(({ unfinished }) => unfinished);
    } catch {
      // Nothing is kept then, and training says so when it cannot keep itself.
      this.kept = undefined;
    }
  }

  async #prune(): Promise<void> {
    try {
      for (const { id } of (await listSessions()).slice(MAX_KEPT - 1)) await deleteSession(id);
    } catch {
      // As above.
    }
  }

  #follow(session: TrainingSession): void {
    for (const leave of this.#leave) leave();
    this.session?.dispose();
    this.session = session;
    this.training = "starting";
    this.kept = undefined;
    this.#opening++;
    let begun = false;
    this.shown = { kind: "training", title: session.job.title };
    this.#leave = [
      session.on("state", ({ state }) => (this.training = state)),
      session.on("parameters", ({ parameters }) => {
        if (this.shown.kind !== "training") return;
        if (begun && this.#canvas.model) this.#canvas.setParameters(parameters);
        else this.#showTraining();
        begun = true;
      }),
    ];
  }

  readonly #showTraining = (): void => {
    const { session } = this;
    if (!session) return;
    this.#opening++;
    const { config, title } = session.job;
    this.shown = { kind: "training", title };
    if (!session.parameters) return;
    const { step, parameters } = session.parameters;
    const provenance = { grid: pictureGrid(config.target), target: title, steps: step, seed: config.seed };
    this.#canvas.load({ rule: config.rule, parameters, provenance });
  };

  /** Grows a colony in training anew once it is older than what training has seen, or soon will be. */
  #regrow(age: number): void {
    const { session, shown, training } = this;
    if (!session || shown.kind !== "training" || training !== "running") return;
    if (this.#canvas.speed === Infinity || performance.now() - this.#lastEdit < QUIET) return;
    const { pool, rollout } = session.job.config.training;
    const longest = "from" in rollout ? Math.max(rollout.from[1], rollout.to[1]) : rollout[1];
    const step = pool === null ? 0 : (session.progress?.step ?? 0);
    if (age > Math.min(MAX_AGE, 1.5 * longest + step / 2)) this.#canvas.reset();
  }

  readonly #take = async (): Promise<Takeaway> => {
    const { shown, session } = this;
    if (shown.kind === "nothing") throw new UserError("there is no model yet");
    const { title } = shown;
    const named = { title, name: this.#nameOf(title) };
    if (shown.kind === "model") return { ...named, model: shown.model };
    if (!session) throw new UserError("there is no model yet");
    return { ...named, model: await session.model(), job: session.job };
  };

  // Models, files and links

  #play(shown: Shown & { kind: "model" }): void {
    this.#opening++;
    this.#canvas.load(shown.model);
    this.shown = shown;
  }

  async #openGallery({ title, file }: GalleryModel): Promise<void> {
    const turn = ++this.#opening;
    await this.#tryTo(async () => {
      const model = await fetchModel(galleryFile(file), new AbortController().signal);
      if (turn === this.#opening) this.#play({ kind: "model", title, model, file });
    });
  }

  async #open(opened: Opened): Promise<void> {
    const { kind, title } = opened;
    switch (kind) {
      case "model":
        return this.#play({ kind, title, model: opened.model });
      case "picture":
        return this.#choosePicture({ title, picture: opened.picture });
      case "config":
        return this.#openConfig(opened.config);
      case "link":
        return this.#openShared(opened.shared);
      default:
        opened satisfies never;
    }
  }

  async #openShared({ title, config, picture, model }: Shared): Promise<void> {
    if (model) this.#play({ kind: "model", title, model });
    if (picture) this.picture = { title, picture };
    if (config) await this.#openConfig(config, picture !== undefined);
  }

  async #openConfig(config: GrowingConfig, pictured = false): Promise<void> {
    const choices = choicesOf(config);
    const { source } = config.target;
    if (!pictured && typeof source === "string" && /\p{Extended_Pictographic}/u.test(source)) {
      this.picture = { title: source, picture: await emojiPicture(source) };
    }
    this.#choose(choices);
  }

  readonly #openAddress = (): void => {
    if (!hasLink(location.hash)) return;
    this.notice = "";
    void this.#tryTo(() => this.#open(openText(location.hash)));
  };

  readonly #dragOver = (event: DragEvent): void => {
    event.preventDefault();
    this.over = true;
  };

  readonly #dragLeave = ({ relatedTarget }: DragEvent): void => {
    if (relatedTarget === null) this.over = false;
  };

  readonly #drop = (event: DragEvent): void => {
    event.preventDefault();
    this.over = false;
    if (event.dataTransfer) this.#receive(event.dataTransfer);
  };

  readonly #paste = ({ clipboardData, target }: ClipboardEvent): void => {
    const typing = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (clipboardData && (!typing || clipboardData.files.length > 0)) this.#receive(clipboardData);
  };

  #receive(data: DataTransfer): void {
    const opening = openTransfer(data, readPicture);
    if (!opening) return;
    this.notice = "";
    void this.#tryTo(async () => this.#open(await opening));
  }
}

function threadsText(): string {
  if (!crossOriginIsolated) {
    return "Training uses one thread here, because the page is not cross-origin isolated.";
  }
  const threads = Math.max(1, defaultThreads(true, navigator.hardwareConcurrency, 256));
  return threads > 1 ? `Training uses up to ${threads} threads.` : "Training uses one thread.";
}
