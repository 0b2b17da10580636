/** Filling in pages that are built as one file with places `{{name}}`. */

/** The page with each `{{name}}` replaced. Values are taken as they are: text must have gone through `escapeHtml`. */
export function fillPage(page: string, values: Readonly<Record<string, string>>): string {
  return page.replaceAll(/\{\{(\w+)\}\}/g, (place, name: string) =>
    Object.hasOwn(values, name) ? values[name] : place,
  );
}

/** Text that may stand anywhere in a page, also in an attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A value as JSON that may stand in a page's script element: nothing in it ends the element or begins a comment. */
export function jsonForPage(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
