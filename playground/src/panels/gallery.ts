import { html, nothing } from "lit";
import * as z from "zod/mini";
import { Part } from "../ui/part.ts";

const modelSchema = z.object({
  title: z.string(),
  /** Names of the model file and of its picture, in the gallery's folder. */
  file: z.string(),
  picture: z.string(),
});
const gallerySchema = z.object({ models: z.array(modelSchema) });
export type GalleryModel = Readonly<z.infer<typeof modelSchema>>;

/** Where the gallery lies, relative to the page. */
const FOLDER = "gallery/";

export const galleryFile = (name: string) => FOLDER + name;

/** Models of the gallery; none where there is no gallery. */
export async function loadGallery(): Promise<readonly GalleryModel[]> {
  try {
    const response = await fetch(galleryFile("gallery.json"));
    if (!response.ok) return [];
    return gallerySchema.safeParse(await response.json()).data?.models ?? [];
  } catch {
    return [];
  }
}

/** Trained models to choose from. Tells `model`. */
export class GalleryPanel extends Part {
  static override properties = { models: { attribute: false }, chosen: { attribute: false } };
  declare models: readonly GalleryModel[];
  /** File of the one that is shown. */
  declare chosen: string | undefined;

  override render() {
    const { models, chosen } = this;
    if (models.length === 0) return nothing;
    return html`<h2 class="unseen">Gallery</h2>
      <ul>
        ${models.map(
          (model) =>
            html`<li>
              <button
                type="button"
                aria-pressed=${model.file === chosen}
                @click=${() => this.tell("model", model)}
              >
                <img src=${galleryFile(model.picture)} alt="" loading="lazy" width="48" height="48" />
                <span>${model.title}</span>
              </button>
            </li>`,
        )}
      </ul>`;
  }
}
