import { html, nothing } from "lit";
import { withoutSet } from "../../src/data/emoji.ts";
import type { Choices } from "./choices.ts";
import { emojiPicture, loadEmojiChoices } from "./emojiChoices.ts";
import { firstModel } from "./firstModel.ts";
import { galleryFile, type GalleryModel, loadGallery } from "./gallery.ts";
import type { GridSetup } from "./page/gridSetup.ts";
import { FIRST_EMOJI, Learning } from "./page/learning.ts";
import { type Choosing, type Played, Playing } from "./page/playing.ts";
import { Receiving } from "./page/receiving.ts";
import type { Card } from "./panels/gallery.ts";
import type { Current } from "./panels/save.ts";
import type { Picture } from "./picture.ts";
import { defaultThreads, type TrainingPlace } from "./training/protocol.ts";
import { Part } from "./ui/part.ts";

/** Milliseconds to wait at most for the first step before the emoji are loaded. */
const MAX_WAIT = 600;

/** The page: the model at play, the training and what visitors bring in, and where each is shown. */
export class Playground extends Part {
  static override properties = { gallery: { state: true }, names: { state: true } };
  declare gallery: readonly GalleryModel[];
  /** Names of the emoji choices, for systems that have no drawing of them. */
  declare names: ReadonlyMap<string, string>;
  readonly #playing = new Playing(this);
  readonly #learning = new Learning(this, (session) => this.#playing.follow(session));
  readonly #receiving = new Receiving(this, this.#learning, this.#playing);

  constructor() {
    super();
    this.gallery = [];
    this.names = new Map();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#begin();
  }

  protected override firstUpdated(): void {
    const hero = this.querySelector<HTMLElement>(".hero")!;
    new ResizeObserver(() => hero.style.setProperty("--height", `${hero.offsetHeight}px`)).observe(hero);
  }

  override render() {
    const { notice, over, close } = this.#receiving;
    return html`
      <header>
        <h1><i class="cells" aria-hidden="true"></i>Neoblast</h1>
        <p>Choose a picture, and watch cells learn to grow it, here in this tab.</p>
      </header>
      <main>
        <section class="hero" aria-label="The automaton">${this.#hero()}</section>
        <div class="side">${this.#side()}</div>
      </main>
      <footer>
        <p>${threadsText()}</p>
        <p>Everything happens on this machine; nothing is sent anywhere.</p>
      </footer>
      <div class="notice" role="alert" ?hidden=${notice === ""}>
        <p>${notice}</p>
        <button type="button" class="plain" @click=${close}>Close</button>
      </div>
      ${
        over
          ? html`<div class="dropping">
              <p>Drop a picture, a model, a player.html, a configuration or a link</p>
            </div>`
          : nothing
      }
    `;
  }

  /** The model at play and its controls. */
  #hero() {
    const playing = this.#playing;
    const { canvas, host, guest } = playing;
    const names = [host, guest].flatMap((played) => (played ? [this.#nameOf(played.title)] : []));
    return html`
      <figure class="stage">
        ${canvas}
        <figcaption>
          <strong>${names.join(" and ") || " "}</strong>
          <span>${playing.about}</span>
        </figcaption>
      </figure>
      <play-panel
        .canvas=${canvas}
        .models=${guest && names}
        @endgraft=${() => playing.endGraft()}
      ></play-panel>
      <grid-panel
        .trained=${canvas.model?.provenance.grid ?? [1, 1]}
        .setup=${playing.gridSetup}
        @setup=${({ detail }: CustomEvent<GridSetup>) => playing.setGridSetup(detail)}
      ></grid-panel>
      <gallery-panel
        .cards=${this.#cards()}
        .choosing=${playing.choosing}
        .grafted=${guest !== undefined}
        .fault=${playing.fault}
        .note=${playing.note}
        @choosing=${({ detail }: CustomEvent<Choosing>) => playing.setChoosing(detail)}
      ></gallery-panel>
    `;
  }

  /** The training, and saving. */
  #side() {
    const learning = this.#learning;
    const { session, picture, source, kept, state } = learning;
    const playing = this.#playing;
    const { host, canvas } = playing;
    return html`
      <section class="panel" aria-labelledby="target-title">
        <target-panel
          .chosen=${picture}
          .name=${this.names.get(source) ?? picture?.title ?? source}
          .preview=${learning.preview}
          @picture=${({ detail }: CustomEvent<Picture>) => {
            this.#receiving.forget();
            learning.choosePicture(detail);
          }}
        ></target-panel>
      </section>
      <section class="panel" aria-label="Train">
        <train-panel
          .choices=${learning.choices}
          .config=${learning.config}
          .source=${source}
          .grid=${learning.grid}
          .most=${learning.most}
          .session=${session}
          .state=${state}
          .report=${session?.report}
          .further=${session?.further}
          .kept=${kept}
          .keptName=${this.#nameOf(kept?.title ?? "")}
          .fault=${learning.fault}
          .shown=${playing.showsTraining}
          .place=${learning.hasDevice ? learning.place : undefined}
          @place=${({ detail }: CustomEvent<TrainingPlace>) => learning.choosePlace(detail)}
          @choices=${({ detail }: CustomEvent<Choices>) => learning.choose(detail)}
          @start=${learning.start}
          @show=${() => session && this.#playing.start({ kind: "training", title: session.job.title })}
          @continue=${({ detail }: CustomEvent<string>) => learning.continue(detail)}
          @forget=${({ detail }: CustomEvent<string>) => learning.forget(detail)}
        ></train-panel>
      </section>
      <section class="panel watch" aria-label="Learning" ?hidden=${!session}>
        <watch-panel
          .session=${session}
          .state=${state}
          .name=${this.#nameOf(session?.job.title ?? "")}
        ></watch-panel>
      </section>
      <section class="panel" aria-label="Save and share">
        <save-panel .canvas=${canvas} .current=${this.#current} .ready=${host !== undefined}></save-panel>
      </section>
    `;
  }

  /** Models to choose from: the one in training, the imported one, the gallery. */
  #cards(): Card[] {
    const playing = this.#playing;
    const { session, target } = this.#learning;
    const { imported, host, guest } = playing;
    const membersOf = (is: (played: Played) => boolean) =>
      [host, guest].flatMap((played, member) => (played && is(played) ? [member] : []));
    const cards: Card[] = this.gallery.map((model) => ({
      title: model.title,
      picture: galleryFile(model.picture),
      members: membersOf((played) => played.kind === "model" && played.file === model.file),
      choose: () => void playing.openGallery(model),
    }));
    if (imported) {
      const choose = () => playing.choose(imported);
      const members = membersOf((played) => played === imported);
      cards.unshift({ title: this.#nameOf(imported.title), members, choose });
    }
    if (session) {
      cards.unshift({
        title: "Yours",
        picture: target,
        members: membersOf(({ kind }) => kind === "training"),
        choose: () => playing.choose({ kind: "training", title: session.job.title }),
      });
    }
    return cards;
  }

  async #begin(): Promise<void> {
    const gallery = await loadGallery();
    this.gallery = gallery;
    if (!this.#playing.host) {
      if (gallery.length > 0) await this.#playing.openGallery(gallery[0]);
      if (!this.#playing.host)
        this.#playing.start({ kind: "model", title: "A colony in waves", model: firstModel() });
    }
    await this.#firstStep();
    void loadEmojiChoices().then((choices) => {
      this.names = new Map(choices.map(({ emoji, name }) => [emoji, name.replaceAll("-", " ")]));
    });
    if (this.#learning.picture) return;
    await this.#receiving.tryTo(async () => {
      const first = await emojiPicture(FIRST_EMOJI);
      if (!this.#learning.picture) this.#learning.choosePicture(first);
    });
  }

  /** Resolves when the first step is shown, or takes too long: then slow work may begin. */
  #firstStep(): Promise<void> {
    return new Promise((resolve) => {
      this.#playing.canvas.addEventListener("nca-step", () => resolve(), { once: true });
      setTimeout(resolve, MAX_WAIT);
    });
  }

  #nameOf(title: string): string {
    return this.names.get(title) ?? withoutSet(title);
  }

  readonly #current = async (): Promise<Current> => {
    const { host, scene } = this.#playing;
    const model = await this.#playing.model();
    const title = host?.title ?? "";
    const job = host?.kind === "training" ? this.#learning.session?.job : undefined;
    return { title, name: this.#nameOf(title), model, scene, job };
  };
}

function threadsText(): string {
  if (!crossOriginIsolated) {
    return "Training uses one thread here, because the page is not cross-origin isolated.";
  }
  const threads = Math.max(1, defaultThreads(true, navigator.hardwareConcurrency, 256));
  return threads > 1 ? `Training uses up to ${threads} threads.` : "Training uses one thread.";
}
