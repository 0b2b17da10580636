import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Raster } from "../../../src/data/image.ts";
import { type Picture, readDrawing, readPicture } from "../picture.ts";
import { type EmojiChoice, emojiPicture, loadEmojiChoices } from "../emojiChoices.ts";
import { sentence } from "../ui/format.ts";
import { Part } from "../ui/part.ts";

/** The picture to grow: an emoji, a picture file, or a drawing. Fires `picture`. */
export class TargetPanel extends Part {
  static override properties = {
    chosen: { attribute: false },
    name: { attribute: false },
    preview: { attribute: false },
    emojis: { state: true },
    drawing: { state: true },
    fault: { state: true },
  };
  declare chosen: Picture | undefined;
  /** Its name. */
  declare name: string;
  /** The target on its grid. */
  declare preview: Raster | undefined;
  declare emojis: readonly (EmojiChoice & { url: string })[];
  declare drawing: boolean;
  declare fault: string;
  /** Counts choices: the last one counts, however long files take to read. */
  #turn = 0;

  constructor() {
    super();
    this.emojis = [];
    this.drawing = false;
    this.fault = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void loadEmojiChoices().then((choices) => {
      this.emojis = choices.map((each) => ({
        ...each,
        name: each.name.replaceAll("-", " "),
        url: `data:image/svg+xml,${encodeURIComponent(each.svg)}`,
      }));
    });
  }

  override render() {
    const { chosen, name, preview, emojis, drawing, fault } = this;
    return html`
      <h2 id="target-title">Picture</h2>
      <div class="target">
        <figure class="preview">
          ${
            preview
              ? html`<raster-canvas
                  role="img"
                  aria-label="What is to grow, on its grid"
                  .raster=${preview}
                ></raster-canvas>`
              : nothing
          }
        </figure>
        <div class="stack">
          <p class="chosen" title=${name}>${name}</p>
          <form class="row" @submit=${this.#typed}>
            <label class="field grow">
              <span>Any emoji</span>
              <input name="emoji" maxlength="16" autocomplete="off" placeholder="type one" required />
            </label>
            <button>Use</button>
          </form>
          <div class="row">
            <label class="button">
              Picture file…<input
                class="unseen"
                type="file"
                accept="image/*,.svg,video/mp4,video/webm"
                @change=${this.#file}
              />
            </label>
            <button type="button" aria-expanded=${drawing} @click=${() => (this.drawing = !drawing)}>
              Draw
            </button>
          </div>
        </div>
      </div>
      ${fault ? html`<p class="fault" role="alert">${fault}</p>` : nothing}
      ${
        drawing
          ? html`<drawing-pad
              @drawn=${({ detail }: CustomEvent<HTMLCanvasElement>) => this.#drawn(detail)}
            ></drawing-pad>`
          : nothing
      }
      <fieldset class="emoji-choices">
        <legend class="unseen">Emoji</legend>
        ${repeat(
          emojis,
          ({ emoji }) => emoji,
          ({ emoji, name: words, url }) =>
            html`<label title=${words}>
              <input
                type="radio"
                name="emoji-choice"
                aria-label=${words}
                .checked=${chosen?.title === emoji}
                @change=${() => this.emoji(emoji)}
              /><img src=${url} alt="" width="32" height="32" />
            </label>`,
        )}
      </fieldset>
    `;
  }

  /** Chooses an emoji. */
  readonly emoji = (text: string): Promise<void> => this.#choose(() => emojiPicture(text));

  async #choose(read: () => Promise<Picture> | Picture): Promise<void> {
    const turn = ++this.#turn;
    this.fault = "";
    try {
      const picture = await read();
      if (turn === this.#turn) this.emit("picture", picture);
    } catch (error) {
      if (turn === this.#turn) this.fault = sentence(error);
    }
  }

  readonly #typed = (event: SubmitEvent): void => {
    event.preventDefault();
    const text = this.querySelector<HTMLInputElement>("input[name=emoji]")?.value.trim();
    if (text) void this.emoji(text);
  };

  readonly #file = ({ target }: Event): void => {
    if (!(target instanceof HTMLInputElement)) return;
    const file = target.files?.[0];
    if (file) void this.#choose(async () => ({ title: file.name, picture: await readPicture(file) }));
    target.value = "";
  };

  #drawn(canvas: HTMLCanvasElement): void {
    void this.#choose(() => ({ title: "drawing", picture: readDrawing(canvas) }));
  }
}
