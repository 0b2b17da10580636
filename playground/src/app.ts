import { html, nothing } from "lit";
import { withoutSet } from "../../src/data/emoji.ts";
import type { Choices } from "./choices.ts";
import { firstModel } from "./firstModel.ts";
import { galleryFile, type GalleryModel, loadGallery } from "./gallery.ts";
import type { Ground } from "./page/ground.ts";
import { FIRST_EMOJI, Learning } from "./page/learning.ts";
import { type Choosing, type Played, Playing } from "./page/playing.ts";
import { Receiving } from "./page/receiving.ts";
import type { Card } from "./panels/gallery.ts";
import type { Takeaway } from "./panels/takeaway.ts";
import type { Picture } from "./picture.ts";
import { emojiPicture, loadShelf } from "./shelf.ts";
import { defaultThreads } from "./training/protocol.ts";
import { Part } from "./ui/part.ts";

/** Milliseconds for which the target waits until something moves. */
const PATIENCE = 600;

/** The page: what is played, what is learnt and what is received, and where each is shown. */
export class Playground extends Part {
  static override properties = { gallery: { state: true }, names: { state: true } };
  declare gallery: readonly GalleryModel[];
  /** What the shelf's emoji are called, for systems that have no drawing of them. */
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

  /** What is played, and with what. */
  #hero() {
    const playing = this.#playing;
    const { canvas, first, second } = playing;
    const names = [first, second].flatMap((played) => (played ? [this.#nameOf(played.title)] : []));
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
        .tissues=${second && names}
        @endgraft=${() => playing.endGraft()}
      ></play-panel>
      <grid-panel
        .trained=${canvas.model?.provenance.grid ?? [1, 1]}
        .ground=${playing.ground}
        @ground=${({ detail }: CustomEvent<Ground>) => playing.setGround(detail)}
      ></grid-panel>
      <gallery-panel
        .cards=${this.#cards()}
        .choosing=${playing.choosing}
        .grafted=${second !== undefined}
        .fault=${playing.fault}
        .note=${playing.note}
        @choosing=${({ detail }: CustomEvent<Choosing>) => playing.setChoosing(detail)}
      ></gallery-panel>
    `;
  }

  /** What is learnt, and what is taken along. */
  #side() {
    const learning = this.#learning;
    const { session, picture, source, kept, state } = learning;
    const playing = this.#playing;
    const { first, canvas } = playing;
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
      <section class="panel" aria-label="Take it along">
        <takeaway-panel .canvas=${canvas} .take=${this.#take} .ready=${first !== undefined}></takeaway-panel>
      </section>
    `;
  }

  /** Models to choose from: the one in training, the one that was brought, the gallery. */
  #cards(): Card[] {
    const playing = this.#playing;
    const { session, aim } = this.#learning;
    const { brought, first, second } = playing;
    const tissuesOf = (is: (played: Played) => boolean) =>
      [first, second].flatMap((played, tissue) => (played && is(played) ? [tissue] : []));
    const cards: Card[] = this.gallery.map((model) => ({
      title: model.title,
      picture: galleryFile(model.picture),
      tissues: tissuesOf((played) => played.kind === "model" && played.file === model.file),
      choose: () => void playing.openGallery(model),
    }));
    if (brought) {
      const choose = () => playing.choose(brought);
      const tissues = tissuesOf((played) => played === brought);
      cards.unshift({ title: this.#nameOf(brought.title), tissues, choose });
    }
    if (session) {
      cards.unshift({
        title: "Yours",
        picture: aim,
        tissues: tissuesOf(({ kind }) => kind === "training"),
        choose: () => playing.choose({ kind: "training", title: session.job.title }),
      });
    }
    return cards;
  }

  async #begin(): Promise<void> {
    const gallery = await loadGallery();
    this.gallery = gallery;
    if (!this.#playing.first) {
      if (gallery.length > 0) await this.#playing.openGallery(gallery[0]);
      if (!this.#playing.first)
        this.#playing.start({ kind: "model", title: "A colony in waves", model: firstModel() });
    }
    await this.#moving();
    void loadShelf().then((shelf) => {
      this.names = new Map(shelf.map(({ emoji, name }) => [emoji, name.replaceAll("-", " ")]));
    });
    if (this.#learning.picture) return;
    await this.#receiving.tryTo(async () => {
      const first = await emojiPicture(FIRST_EMOJI);
      if (!this.#learning.picture) this.#learning.choosePicture(first);
    });
  }

  /** Something moves on the page, or will not soon: what takes time may begin. */
  #moving(): Promise<void> {
    return new Promise((resolve) => {
      this.#playing.canvas.addEventListener("nca-step", () => resolve(), { once: true });
      setTimeout(resolve, PATIENCE);
    });
  }

  #nameOf(title: string): string {
    return this.names.get(title) ?? withoutSet(title);
  }

  readonly #take = async (): Promise<Takeaway> => {
    const { first, scene } = this.#playing;
    const model = await this.#playing.model();
    const title = first?.title ?? "";
    const job = first?.kind === "training" ? this.#learning.session?.job : undefined;
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
