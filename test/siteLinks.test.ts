/** The built site's links are checked: whichever leads nowhere is named. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { brokenLinks } from "../scripts/site/links.mjs";

const folder = mkdtempSync(join(tmpdir(), "neoblast-links-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** HTML of links to addresses. */
const page = (links: string[]) => links.map((link) => `<a href="${link}">x</a>`).join("");

it("names links to pages, files and places that are not there, and no others", () => {
  mkdirSync(join(folder, "docs"));
  writeFileSync(join(folder, "logo.svg"), "<svg/>");
  writeFileSync(
    join(folder, "index.html"),
    page([
      "docs/",
      "docs/a.html#what-%C3%A9",
      "./docs/a",
      "#top",
      "logo.svg",
      "https://example.org/#x",
      "mailto:a@b.c",
    ]) + '<h1 id="top">x</h1>',
  );
  writeFileSync(
    join(folder, "docs/index.html"),
    page(["../index.html#top", "a.html#none", "b.html", "../logo.png"]),
  );
  writeFileSync(join(folder, "docs/a.html"), `<h2 id="what-é">x</h2>${page(["#what-é", "../#nowhere"])}`);
  expect(brokenLinks(folder).toSorted()).toEqual([
    "docs/a.html links to ../#nowhere, but there is no #nowhere on that page",
    "docs/index.html links to ../logo.png, which is not there",
    "docs/index.html links to a.html#none, but there is no #none on that page",
    "docs/index.html links to b.html, which is not there",
  ]);
});
