import { html, nothing, type TemplateResult } from "lit";
import type { Raster } from "../../../src/data/image.ts";
import type { Choosing } from "../page/playing.ts";
import { segments } from "../ui/controls.ts";
import { Part } from "../ui/part.ts";

/** A model to choose. */
export type Card = Readonly<{
  title: string;
  /** Where its picture lies, or the picture. */
  picture?: string | Raster | undefined;
  /** Which tissue it is, among those played: 0 and 1. */
  tissues: readonly number[];
  choose: () => void;
}>;

const WAYS = [
  { value: "start", text: "Start it", means: "It grows from its seed." },
  { value: "exchange", text: "Take over", means: "It runs the cells that live, from now on." },
  { value: "graft", text: "Graft", means: "It becomes a second tissue, to be painted." },
] as const satisfies readonly { value: Choosing; text: string; means: string }[];

/** Models to choose from, and what choosing one does. Tells `choosing`. */
export class GalleryPanel extends Part {
  static override properties = {
    cards: { attribute: false },
    choosing: { attribute: false },
    grafted: { type: Boolean },
    fault: { attribute: false },
    note: { attribute: false },
  };
  declare cards: readonly Card[];
  declare choosing: Choosing;
  /** Whether there are two tissues, which are to be told apart. */
  declare grafted: boolean;
  declare fault: string;
  declare note: string;

  override render() {
    const { cards, choosing, fault, note } = this;
    if (cards.length === 0) return nothing;
    const way = WAYS.find(({ value }) => value === choosing);
    return html`<h2 class="unseen">Gallery</h2>
      <div class="ways">
        ${segments({
          legend: "When a model is chosen",
          name: "choosing",
          options: WAYS,
          chosen: choosing,
          choose: (value) => this.tell("choosing", value),
        })}
        <p class=${fault ? "fault" : "hint"} role=${fault ? "alert" : "status"}>
          ${fault || note || way?.means}
        </p>
      </div>
      <ul>
        ${cards.map((card) => this.#card(card))}
      </ul>`;
  }

  #card({ title, picture, tissues, choose }: Card): TemplateResult {
    const { grafted } = this;
    return html`<li>
      <button type="button" title=${title} aria-pressed=${tissues.length > 0} @click=${choose}>
        ${pictureOf(picture)}<span>${title}</span>
        ${
          grafted && tissues.length > 0
            ? html`<b>
                ${tissues.map(
                  (tissue) => html`${swatch(tissue)}<span class="unseen">, ${NAMES[tissue]}</span>`,
                )}
              </b>`
            : nothing
        }
      </button>
    </li>`;
  }
}

const NAMES = ["first tissue", "second tissue"] as const;

function pictureOf(picture: Card["picture"]): TemplateResult {
  if (typeof picture === "string")
    return html`<img src=${picture} alt="" loading="lazy" width="32" height="32" />`;
  return picture
    ? html`<raster-canvas aria-hidden="true" .raster=${picture}></raster-canvas>`
    : html`<i class="cells" aria-hidden="true"></i>`;
}

/** What cells of a tissue look like while tissue is painted. */
export function swatch(tissue: number): TemplateResult {
  return html`<i class="swatch" data-tissue=${tissue} aria-hidden="true"></i>`;
}
