import { type Model, encodeModel } from "./model.ts";
import { playerPage } from "./generated/player.ts";

export type PlayerOptions = Readonly<{
  /** Heading of the page, and its name in the browser. */
  title: string;
}>;

/**
 * A web page that plays a model: one file without a dependency, which also opens from disk. It carries the model file
 * (`encodeModel`) in base64 in the element `#model`.
 *
 * @throws FormatError for a model that cannot be encoded.
 */
export function playerHtml(model: Model, { title }: PlayerOptions): string {
  const values: Readonly<Record<string, string>> = {
    title: escapeHtml(title),
    model: base64(encodeModel(model)),
  };
  return playerPage.replaceAll(/\{\{(title|model)\}\}/g, (_, name: string) => values[name]);
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
