type Attributes = Readonly<Record<string, string>>;

/** A new HTML element. */
export function make<T extends keyof HTMLElementTagNameMap>(tag: T, attributes: Attributes = {}) {
  return withAttributes(document.createElement(tag), attributes);
}

/** A new SVG element. */
export function svg<T extends keyof SVGElementTagNameMap>(tag: T, attributes: Attributes = {}) {
  return withAttributes(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes);
}

function withAttributes<T extends Element>(element: T, attributes: Attributes): T {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
