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
  /** Which of the models at play it is: 0 the host, 1 the guest; both or none is possible. */
  members: readonly number[];
  choose: () => void;
}>;

const WAYS = [
  { value: "start", text: "Start it", means: "It grows from its seed." },
  { value: "exchange", text: "Take over", means: "It runs the cells from now on, as they are." },
  { value: "graft", text: "Graft", means: "It becomes a guest: paint the cells that it shall run." },
] as const satisfies readonly { value: Choosing; text: string; means: string }[];

/** Models to choose from, and what choosing one does. Fires `choosing`. */
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
  /** Whether there are two models at play, which are marked. */
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
          choose: (value) => this.emit("choosing", value),
        })}
        <p class=${fault ? "fault" : "hint"} role=${fault ? "alert" : "status"}>
          ${fault || note || way?.means}
        </p>
      </div>
      <ul>
        ${cards.map((card) => this.#card(card))}
      </ul>`;
  }

  #card({ title, picture, members, choose }: Card): TemplateResult {
    const { grafted } = this;
    return html`<li>
      <button type="button" title=${title} aria-pressed=${members.length > 0} @click=${choose}>
        ${pictureOf(picture)}<span>${title}</span>
        ${
          grafted && members.length > 0
            ? html`<b>
                ${members.map(
                  (member) => html`${swatch(member)}<span class="unseen">, ${NAMES[member]}</span>`,
                )}
              </b>`
            : nothing
        }
      </button>
    </li>`;
  }
}

const NAMES = ["host model", "guest model"] as const;

function pictureOf(picture: Card["picture"]): TemplateResult {
  if (typeof picture === "string")
    return html`<img src=${picture} alt="" loading="lazy" width="32" height="32" />`;
  return picture
    ? html`<raster-canvas aria-hidden="true" .raster=${picture}></raster-canvas>`
    : html`<i class="cells" aria-hidden="true"></i>`;
}

/** The colour of the cells that run a model, 0 the host or 1 the guest, while they are painted. */
export function swatch(member: number): TemplateResult {
  return html`<i class="swatch" data-model=${member} aria-hidden="true"></i>`;
}
