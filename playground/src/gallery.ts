/** Trained models that lie beside the page. */
import * as z from "zod/mini";

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
