// Whether all links of the built site lead somewhere: to a page that is there, and to a place on it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";

/** A sentence for each link from a page below a folder to a page, or a place on one, that is not there. */
export function brokenLinks(folder) {
  const files = readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".html"));
  const pages = new Map(files.map((path) => [path, readPage(join(folder, path))]));
  return [...pages].flatMap(([path, { links }]) =>
    links.flatMap((link) => {
      const { origin, pathname, hash } = new URL(link, `${SITE}/${path}`);
      if (origin !== SITE) return [];
      const target = fileOf(decodeURIComponent(pathname.slice(1)));
      const page = pages.get(target);
      if (page === undefined && !existsSync(join(folder, target)))
        return [`${path} links to ${link}, which is not there`];
      const place = decodeURIComponent(hash.slice(1));
      if (page === undefined || place === "" || page.places.has(place)) return [];
      return [`${path} links to ${link}, but there is no ${hash} on that page`];
    }),
  );
}

const SITE = "http://site.invalid";

const fileOf = (path) =>
  path === "" || path.endsWith("/") ? `${path}index.html` : /\.\w+$/.test(path) ? path : `${path}.html`;

function readPage(path) {
  const { document } = parseHTML(readFileSync(path, "utf8"));
  return {
    links: [...new Set([...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")))],
    places: new Set([...document.querySelectorAll("[id]")].map(({ id }) => id)),
  };
}
