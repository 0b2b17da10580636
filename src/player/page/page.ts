/** An element of the page by its id. @throws Error where it is missing or of another type. */
export function part<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`This page is incomplete: it has no ${id}.`);
}
