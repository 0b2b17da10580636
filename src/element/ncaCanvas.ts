/** The element `<nca-canvas>`: an automaton at play, to be put on any page. `docs/element.md` describes its use. */
import type { Graft } from "../engine.ts";
import { type Model, modelPlane } from "../model/model.ts";
import { asPlane } from "../model/rows.ts";
import { turnedRule } from "../rule/kernels.ts";
import type { Plane } from "../rule/grid.ts";
import type { Rule } from "../rule/rule.ts";
import { turnedStart } from "../model/start.ts";
import type { Place } from "../edit/stroke.ts";
import { type DamageKind, damageKinds } from "../edit/damage.ts";
import { oneHot } from "../train/goals.ts";
import { lessMotion, NcaAttributes, numberOf, write } from "./attributes.ts";
import { partsOf } from "./colour.ts";
import type { NcaCanvasEvents } from "./events.ts";
import { Background, type BackgroundOptions } from "./background.ts";
import { type EngineAtPlay, Engines } from "./engines.ts";
import { EngineUser } from "./engineUser.ts";
import { fetchModel } from "./fetchModel.ts";
import { Frames } from "./frames.ts";
import { style } from "./generated/style.ts";
import type { StartGraphics } from "./graphics.ts";
import type { Mark } from "./overlay.ts";
import { type EditKind, inputKind, Simulation } from "./simulation.ts";
import { Source } from "./source.ts";
import { Stage } from "./stage.ts";
import { picture, type View, type Views } from "./views.ts";

/** Cells that are too many for a page to hold and to draw. */
const MOST_CELLS = 2 ** 22;

/**
 * An automaton at play. Each attribute has a property, which says what it means.
 *
 * @example
 * ```html
 * <script type="module" src="nca-canvas.js"></script>
 * <nca-canvas src="lizard.safetensors" brush="8" size="288"></nca-canvas>
 * <script type="module">
 *   const canvas = document.querySelector("nca-canvas");
 *   canvas.fireRate = 1;
 *   canvas.addEventListener("nca-load", () => canvas.damage("half-left"));
 * </script>
 * ```
 */
export class NcaCanvas extends NcaAttributes {
  static readonly observedAttributes =
    "src loading engine speed brush tool colour angle fire-rate step-size paused background size seed view goal label zoom".split(
      " ",
    );
  static #views: Views = { picture: () => picture };
  static readonly #engines = new Engines();

  /** Adds names that `view` takes. */
  static addViews(views: Views): void {
    NcaCanvas.#views = { ...NcaCanvas.#views, ...views };
  }

  /** Sets how a graphics device is started where `engine` asks for one; before it is set, there is none. @internal */
  static set graphics(start: StartGraphics) {
    NcaCanvas.#engines.graphics = start;
  }

  /**
   * Paints the background of any element with an automaton at play on a torus, such as a texture.
   *
   * @param source a model, or the address of its file.
   * @returns what paints it, until its `stop`.
   * @throws UserError, a sentence, where there is no model at that address; RangeError for a model whose grid has an edge.
   */
  static async paintBackground(
    element: HTMLElement,
    source: Model | string,
    options: BackgroundOptions = {},
  ): Promise<Background> {
    const model =
      typeof source === "string" ? await fetchModel(source, new AbortController().signal) : source;
    return new Background(NcaCanvas.#engines, element, model, options);
  }

  readonly #sheet = new CSSStyleSheet();
  readonly #stage: Stage;
  readonly #source = new Source();
  readonly #engineUser = new EngineUser(NcaCanvas.#engines, {
    onSeat: ({ atPlay, graphics }) => {
      this.#engineAtPlay = atPlay;
      this.#stage.graphics = graphics;
      // A failure of an engine stops play.
      this.#applyPlay();
      this.#emit("nca-engine", atPlay);
    },
    onError: (error) => this.#report(error),
  });
  readonly #lessMotion = lessMotion();
  readonly #frames = new Frames(
    () => this.#showFrame(),
    () => void this.#loadSource(),
  );
  #model: Model | undefined;
  #simulation: Simulation | undefined;
  #engineAtPlay: EngineAtPlay | undefined;
  #input: Float32Array | undefined;
  /** The kind of input of the last model, at play or not. */
  #inputKind: string | undefined;
  #view: string | View = "picture";
  #playing = !this.paused;
  /** What `nca-step` last reported. */
  #steps = 0;
  /** What `nca-zoom` last reported. */
  #zoom = 1;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [this.#sheet];
    this.#stage = new Stage(root, {
      keys: {
        " ": () => (this.paused = !this.paused),
        ".": () => this.step(),
        r: () => this.reset(),
      },
      onLook: (cell) => this.#emit("nca-look", { cell }),
      onZoom: (zoom) => zoom !== this.zoom && (this.zoom = zoom),
    });
    this.#layOut();
  }

  /** Probability from 0 to 1 that a cell is updated in a step; undefined, or no attribute: as the model was trained. */
  get fireRate(): number | undefined {
    return numberOf(this, "fire-rate", this.#model?.rule.fireRate, 0, 1);
  }

  set fireRate(probability: number | undefined) {
    write(this, "fire-rate", probability);
  }

  /** Factor on each update; undefined, or no attribute: as the model was trained. */
  get stepSize(): number | undefined {
    return numberOf(this, "step-size", this.#model?.rule.stepSize);
  }

  set stepSize(factor: number | undefined) {
    write(this, "step-size", factor);
  }

  /**
   * What is drawn: "picture" (default), "alive", "channels", "perception", "hidden" or "update", one of them as in
   * "channel:3", another name of `addViews`, or a function.
   */
  get view(): string | View {
    return this.#view;
  }

  set view(view: string | View) {
    write(this, "view", typeof view === "string" ? view : undefined);
    if (typeof view === "string") return;
    this.#view = view;
    this.#stage.view = view;
  }

  /** What the picture is called, for screen readers. Default: what the model draws. */
  get label(): string {
    return this.getAttribute("label") ?? this.#model?.provenance.target ?? "An automaton";
  }

  set label(name: string) {
    write(this, "label", name);
  }

  /** Row and column in the middle of what is shown, in cells; set, it is moved as far as needed for the picture to cover the element. */
  get centre(): readonly [row: number, column: number] {
    return this.#stage.centre;
  }

  set centre(cell: readonly [row: number, column: number]) {
    this.#stage.centre = cell;
  }

  /** Cells that are outlined, each in its colour. Default: none. */
  get marked(): readonly Mark[] {
    return this.#stage.marked;
  }

  set marked(marks: readonly Mark[]) {
    this.#stage.marked = marks;
  }

  /** The input of every cell: as many numbers as the rule's `inputSize`. @throws RangeError for another number of them. */
  get input(): Float32Array | undefined {
    return this.#simulation?.input ?? this.#input;
  }

  set input(numbers: ArrayLike<number>) {
    const size = this.#model?.rule.inputSize ?? numbers.length;
    if (numbers.length !== size) {
      throw new RangeError(`the input has ${numbers.length} numbers, but the model's rule takes ${size}`);
    }
    this.#input = Float32Array.from(numbers);
    write(this, "goal", undefined);
    this.#applyInput();
  }

  /** The model at play; set, it begins from the seed (`load`). */
  get model(): Model | undefined {
    return this.#model;
  }

  set model(model: Model | undefined) {
    if (model) this.load(model);
    else this.#clear();
  }

  /** The model at play, for what the element's own properties and methods do not do. */
  get simulation(): Simulation | undefined {
    return this.#simulation;
  }

  /** Which engine makes the steps; undefined while none does. */
  get engineAtPlay(): EngineAtPlay | undefined {
    return this.#engineAtPlay;
  }

  /** What is drawn on, a pixel a cell: one canvas where a graphics device draws, else another. */
  get canvas(): HTMLCanvasElement {
    return this.#stage.canvas;
  }

  /**
   * Plays a model from its seeds; a load in flight ends. Of cells that form a row, a row is shown for each of their last steps.
   *
   * @param options.grid height and width to play on; default those of training.
   * @param options.seeds [row, column] of each place around which the model's seeds are planted; default the middle.
   * @param options.graft guest models, and the cells that run them.
   * @throws RangeError for seeds outside the grid, and for a grid of more than four million cells.
   */
  load(
    given: Model,
    options: Readonly<{
      grid?: Plane;
      seeds?: readonly (readonly [number, number])[];
      graft?: Graft | undefined;
    }> = {},
  ): void {
    const model = asPlane(given);
    const [height, width] = options.grid ?? modelPlane(model);
    if (height * width > MOST_CELLS) {
      throw new RangeError(`A grid of ${height} x ${width} cells is too large to be played in a page.`);
    }
    const simulation = new Simulation({
      ...options,
      model,
      start: turnedStart(model.start, this.#degreesOf(model.rule)),
      onError: (error) => {
        if (this.#engineUser.mends(simulation, error)) return;
        if (this.#simulation === simulation) this.#report(error);
      },
      onEdit: (kind) => this.#edited(kind),
    });
    this.#clear();
    this.#model = model;
    this.#simulation = simulation;
    this.#steps = 0;
    this.#takeInput(model);
    this.#stage.show(simulation);
    this.#layOut();
    this.#applyRule();
    this.#applyPlay();
    this.#applyView();
    this.#applyLabel();
    void this.#takeEngine();
    this.#frames.wanted = true;
    this.#emit("nca-load", { model });
  }

  /**
   * Another model takes over the cells as they are. A reset begins from its seeds.
   *
   * @param options.graft guest models beside it, fitted to its rule; default none.
   * @throws RangeError, a sentence, without a model, or where the models differ in the number of channels, in the picture
   *   channels or in the alive channel.
   */
  exchange(given: Model, { graft }: Readonly<{ graft?: Graft | undefined }> = {}): void {
    const model = asPlane(given);
    if (!this.#simulation) throw new RangeError("there are no cells to take over");
    this.#simulation.exchange(model, graft);
    this.#model = model;
    this.#takeInput(model);
    this.#applyRule();
    this.#applyLabel();
    this.#stage.membershipChanged();
    this.#emit("nca-exchange", { model });
  }

  /** Exchanges the parameters while the automaton lives on: those of a model in training, say. @throws RangeError for another number of them, or without a model. */
  setParameters(parameters: Float32Array): void {
    if (!this.#simulation || !this.#model)
      throw new RangeError("there is no model whose parameters to exchange");
    this.#simulation.parameters = parameters;
    this.#model = { ...this.#model, parameters };
  }

  /** Shows a sentence in place of the picture, as for a file that cannot be read. */
  fail(message: string): void {
    this.#clear();
    this.#stage.showMessage(message);
    this.#emit("nca-error", { message });
  }

  /** Goes on playing. */
  play(): void {
    this.paused = false;
  }

  /** Stops until `play`. */
  pause(): void {
    this.paused = true;
  }

  /** Pauses, and makes one step. */
  step(): void {
    this.paused = true;
    this.#simulation?.step();
  }

  /** Begins again from the seeds. */
  reset(): void {
    this.#simulation?.reset();
  }

  /** Erases along a line; places and radius in cells. Without a model, this and the other edits do nothing. */
  erase(from: Place, to: Place = from, radius: number = this.brush): void {
    this.#simulation?.erase(from, to, radius);
  }

  /** Plants the model's seeds around a place in cells. */
  plant(at: Place): void {
    this.#simulation?.plant(at);
  }

  /** Damages the cells: "half-left", "hole", "circle" and so on. @throws RangeError for an unknown kind. */
  damage(kind: DamageKind): void {
    if (!damageKinds.includes(kind)) {
      throw new RangeError(`damage is one of ${damageKinds.join(", ")}, not ${JSON.stringify(kind)}`);
    }
    this.#simulation?.damage(kind);
  }

  /** The old name of `damage`. @deprecated */
  cut(kind: DamageKind): void {
    this.damage(kind);
  }

  protected connectedCallback(): void {
    this.#upgrade();
    this.#lessMotion.addEventListener("change", this.#applyPlay);
    this.#frames.begin(this);
    void this.#takeEngine();
    void this.#loadSource();
  }

  protected disconnectedCallback(): void {
    this.#lessMotion.removeEventListener("change", this.#applyPlay);
    this.#frames.end();
    this.#source.interrupt();
    this.#engineAtPlay = undefined;
    void this.#engineUser.detach(this.#simulation);
  }

  protected attributeChangedCallback(name: string, _: string | null, text: string | null): void {
    switch (name) {
      case "src":
        this.#source.due = true;
        return void this.#loadSource();
      case "loading":
        return void this.#loadSource();
      case "engine":
        return void this.#takeEngine();
      case "brush":
        this.#stage.brush = this.brush;
        return;
      case "tool":
        this.#stage.tool = this.tool;
        return this.#applyLabel();
      case "colour":
        this.#stage.colour = partsOf(this.colour);
        return;
      case "background":
        this.#stage.background = this.background;
        return;
      case "angle":
      case "fire-rate":
      case "step-size":
        return this.#applyRule();
      case "size":
        return this.#layOut();
      case "view":
        this.#view = text ?? "picture";
        return this.#applyView();
      case "goal":
        return this.#applyInput();
      case "label":
        return this.#applyLabel();
      case "zoom":
        return this.#applyZoom();
      default:
        return this.#applyPlay();
    }
  }

  /** Properties that were set before the element was defined hide the accessors; this sets them again. */
  #upgrade(): void {
    for (const name of Object.keys(this)) {
      if (!(name in NcaCanvas.prototype)) continue;
      const value: unknown = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }

  #emit<T extends keyof NcaCanvasEvents>(name: T, detail: NcaCanvasEvents[T]["detail"]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** The element's size, before and after its grid is known. */
  #layOut(): void {
    const [height, width] = this.#simulation?.shownGrid ?? [1, 1];
    const { size } = this;
    const room = size === undefined ? "" : `width:min(100%,${size * Math.min(1, width / height)}px)`;
    this.#sheet.replaceSync(`${style}:host{--nca-aspect:${width / height};${room}}`);
  }

  #applyLabel(): void {
    this.#stage.label(this.label);
  }

  #applyZoom(): void {
    const { zoom } = this;
    this.#stage.zoom = zoom;
    if (zoom === this.#zoom) return;
    this.#zoom = zoom;
    this.#emit("nca-zoom", { zoom });
  }

  #applyView(): void {
    if (typeof this.#view !== "string") return;
    const [name, ...rest] = this.#view.split(":");
    const named = NcaCanvas.#views[Object.hasOwn(NcaCanvas.#views, name) ? name : "picture"];
    this.#stage.view = named(rest.join(":"));
  }

  /** Drops an input that was meant for another kind of model. */
  #takeInput(model: Model): void {
    const kind = inputKind(model);
    if (kind !== (this.#inputKind ?? kind)) this.#input = undefined;
    this.#inputKind = kind;
    this.#applyInput();
  }

  #applyInput(): void {
    if (!this.#simulation || !this.#model) return;
    const { rule, provenance } = this.#model;
    const { goal } = this;
    if (goal !== undefined && provenance.goals) {
      this.#simulation.input = oneHot(Math.min(rule.inputSize, Math.floor(goal)) - 1, rule.inputSize);
    } else if (this.#input?.length === rule.inputSize) this.#simulation.input = this.#input;
  }

  #applyRule(): void {
    if (!this.#model || !this.#simulation) return;
    const { rule } = this.#model;
    const { fireRate = rule.fireRate, stepSize = rule.stepSize } = this;
    const degrees = this.#degreesOf(rule);
    this.#simulation.rule = turnedRule({ ...rule, fireRate, stepSize }, degrees);
    this.#simulation.start = turnedStart(this.#model.start, degrees);
  }

  /** Degrees by which the cells of a rule are turned. */
  #degreesOf({ kernels, perceive }: Rule): number {
    // Cells whose kernels are trained cannot be turned.
    if (perceive) return 0;
    const named = kernels.every((kernel) => typeof kernel === "string");
    return named ? this.angle : 90 * Math.round(this.angle / 90);
  }

  readonly #applyPlay = (): void => {
    const playing = !this.paused;
    if (this.#simulation) {
      this.#simulation.rate = this.speed;
      this.#simulation.seed = this.seed;
      this.#simulation.playing = playing;
    }
    if (playing === this.#playing) return;
    this.#playing = playing;
    this.#emit(playing ? "nca-play" : "nca-pause", null);
  };

  #edited(kind: EditKind): void {
    if (kind === "paint") this.#stage.membershipChanged();
    this.#emit("nca-edit", { kind });
  }

  #report(error: unknown): void {
    this.fail(error instanceof Error ? error.message : String(error));
  }

  /** Nothing is shown, loaded or played any more. */
  #clear(): void {
    this.#source.end();
    if (this.#simulation) this.#simulation.playing = false;
    this.#engineUser.clear();
    this.#engineAtPlay = undefined;
    this.#stage.graphics = undefined;
    this.#simulation = undefined;
    this.#model = undefined;
    this.#stage.show(undefined);
    this.#frames.wanted = false;
  }

  async #loadSource(): Promise<void> {
    if (!this.#source.due || !this.isConnected || (this.loading === "lazy" && !this.#frames.inSight)) return;
    if (this.src === "") return this.#clear();
    try {
      const model = await this.#source.load(this.src);
      if (model) this.load(model);
    } catch (error) {
      this.#report(error);
    }
  }

  async #takeEngine(): Promise<void> {
    if (!this.isConnected || !this.#simulation) return;
    try {
      await this.#engineUser.attach(this.#simulation, this.engine);
    } catch (error) {
      this.#report(error);
    }
  }

  #showFrame(): void {
    const simulation = this.#simulation;
    this.#stage.frame().catch((error: unknown) => this.#simulation === simulation && this.#report(error));
    const steps = simulation?.steps ?? 0;
    if (steps === this.#steps) return;
    this.#steps = steps;
    this.#emit("nca-step", { steps });
  }
}

/** Makes `<nca-canvas>` known to the page, once; where there is no page it does nothing. */
export function defineNcaCanvas(): void {
  if (typeof customElements === "undefined" || customElements.get("nca-canvas")) return;
  customElements.define("nca-canvas", NcaCanvas);
}

declare global {
  interface HTMLElementTagNameMap {
    "nca-canvas": NcaCanvas;
  }
  interface GlobalEventHandlersEventMap extends NcaCanvasEvents {}
}
