import { html, nothing } from "lit";
import type { Engine } from "../../../src/engine.ts";
import { createWorkerEngine } from "../../../src/engine/wasm/engine.ts";
import type { NcaCanvas } from "../../../src/element/index.ts";
import { hasPicture, type Model } from "../../../src/model/model.ts";
import { stateRaster, targetRaster } from "../../../src/render/rgba.ts";
import type { FilmFormat, FilmSupport } from "../film.ts";
import { encodeLink } from "../link.ts";
import { quantisationCost } from "../quantisation.ts";
import { trim } from "../raster.ts";
import { download, fileName, modelFile, playerFile, pngFile, sheetFile } from "../downloads.ts";
import type { Scene } from "../page/playing.ts";
import type { TrainingJob } from "../training/protocol.ts";
import { lossText, sentence } from "../ui/format.ts";
import { Part } from "../ui/part.ts";

/** The model at play as it is now, to be saved or shared. */
export type Current = Readonly<{
  title: string;
  /** The same in words, for names of files. */
  name: string;
  model: Model;
  /** What is on its grid. */
  scene: Scene;
  /** How it was trained, where that was here. */
  job?: TrainingJob | undefined;
}>;

const FILM_FRAMES = 101;
const NAMES = { webp: "WebP film", mp4: "MP4 film", webm: "WebM film", gif: "GIF" } as const;

/** Saves the model as files, and shares it as a link. */
export class SavePanel extends Part {
  static override properties = {
    canvas: { attribute: false },
    current: { attribute: false },
    ready: { type: Boolean },
    films: { state: true },
    busy: { state: true },
    fault: { state: true },
    link: { state: true },
    linkNote: { state: true },
  };
  declare canvas: NcaCanvas;
  /** Gives the model that is shown. */
  declare current: () => Promise<Current>;
  /** Whether there is one. */
  declare ready: boolean;
  declare films: readonly FilmSupport[];
  /** What is being made. */
  declare busy: string;
  declare fault: string;
  declare link: string;
  /** A remark on the link. */
  declare linkNote: string;

  constructor() {
    super();
    this.films = [];
    this.busy = this.fault = this.link = this.linkNote = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void import("../film.ts")
      .then(({ filmFormats }) => filmFormats())
      .then((films) => (this.films = films.filter(({ missing }) => !missing)));
  }

  override render() {
    const { busy, fault, link, linkNote, films, ready } = this;
    const button = (name: string, work: () => Promise<unknown>) =>
      html`<button type="button" ?disabled=${!ready || busy !== ""} @click=${() => this.#make(name, work)}>
        ${name}
      </button>`;
    return html`
      <h2>Save and share</h2>
      <div class="row files">
        ${button("model.safetensors", this.#model)} ${button("player.html", this.#player)}
        ${button("PNG", this.#png)} ${button("PNG sheet", this.#sheet)}
        ${films.map(({ format }) => button(NAMES[format], () => this.#film(format)))}
        ${button("Link", this.#link)}
      </div>
      <p class="hint" aria-live="polite">
        ${busy || "Drop a saved file or a link on this page to open it again."}
      </p>
      ${fault ? html`<p class="fault" role="alert">${fault}</p>` : nothing}
      ${
        link
          ? html`<div class="row link">
                <label class="field grow">
                  <span>Link</span>
                  <input
                    readonly
                    .value=${link}
                    @focus=${({ target }: Event) => target instanceof HTMLInputElement && target.select()}
                  />
                </label>
                <button type="button" @click=${this.#copy}>Copy</button>
              </div>
              <p class="hint" aria-live="polite">${linkNote}</p>`
          : nothing
      }
    `;
  }

  async #make(name: string, work: () => Promise<unknown>): Promise<void> {
    this.busy = `Making ${name} …`;
    this.fault = "";
    try {
      await work();
    } catch (error) {
      this.fault = sentence(error);
    } finally {
      this.busy = "";
    }
  }

  readonly #model = async () => {
    const { name, model } = await this.current();
    download(modelFile(model), fileName(name, ".safetensors"));
  };

  readonly #player = async () => {
    const { title, name, model, scene } = await this.current();
    download(await playerFile(title, model, scene), fileName(name, ".html"));
  };

  readonly #png = async () => {
    const { name } = await this.current();
    const { simulation } = this.canvas;
    if (!simulation) return;
    const { rule, readout, grid } = simulation;
    if (!readout) return;
    const picture = stateRaster(await simulation.read(), { rule, readout }, grid);
    download(await pngFile(picture), fileName(name, ".png"));
  };

  readonly #sheet = async () => {
    const { name, model } = await this.current();
    const [{ growthFrames }, engine] = await Promise.all([import("../film.ts"), startEngine()]);
    try {
      const panels = [];
      const every = 24;
      const input = this.#input();
      for await (const picture of growthFrames(engine, model, {
        steps: 8 * every,
        every,
        scale: 4,
        ...input,
      })) {
        panels.push({ caption: `step ${panels.length * every}`, picture });
      }
      download(await sheetFile(panels), fileName(`${name} sheet`, ".png"));
    } finally {
      await engine.dispose();
    }
  };

  async #film(format: FilmFormat): Promise<void> {
    const { name, model } = await this.current();
    const [{ encodeFilm, growthFrames }, engine] = await Promise.all([import("../film.ts"), startEngine()]);
    const frames = growthFrames(engine, model, this.#input());
    const onFrame = (count: number) =>
      (this.busy = `Making a film: ${Math.round((100 * count) / FILM_FRAMES)} %`);
    try {
      download(await encodeFilm(frames, format, { onFrame }), fileName(name, `.${format}`));
    } finally {
      await engine.dispose();
    }
  }

  readonly #link = async () => {
    const current = await this.current();
    const { title, model, job } = current;
    const { premultiplied = false } = model.readout ?? {};
    const picture = job && trim(targetRaster(job.targets[0].data, job.targets[0].grid, premultiplied));
    const { fragment, omitted } = encodeLink({
      title,
      model,
      ...(job && { experiment: job.experiment, config: job.config }),
      ...(picture && { picture }),
    });
    this.link = new URL(fragment, document.baseURI).href;
    this.linkNote = omitted.includes("model")
      ? "The model is too large for a link, so this one carries only its training configuration."
      : await this.#cost(current);
    await this.#copy();
  };

  /** How much the 8-bit weights of the link add to the error. */
  async #cost({ model, job }: Current): Promise<string> {
    const contents = "The link carries the model with 8-bit weights";
    if (!job || !hasPicture(model)) return `${contents}.`;
    const engine = await startEngine();
    try {
      const { exact, quantised } = await quantisationCost(engine, model, job.targets[0].data, {
        steps: 96,
        samples: 2,
      });
      return `${contents}: after 96 steps its error is ${lossText(quantised)}, and that of the model itself ${lossText(exact)}.`;
    } finally {
      await engine.dispose();
    }
  }

  readonly #copy = async () => {
    try {
      await navigator.clipboard.writeText(this.link);
      this.linkNote = `Copied. ${this.linkNote.replace(/^Copied\. /, "")}`;
    } catch {
      // The browser does not allow it; the link can be copied from its field by hand.
    }
  };

  #input(): { input?: Float32Array } {
    const { input } = this.canvas;
    return input && input.length > 0 ? { input } : {};
  }
}

function startEngine(): Promise<Engine> {
  return createWorkerEngine({ threads: 1 });
}
