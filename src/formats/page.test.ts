import { describe, expect, it } from "vitest";
import { escapeHtml, fillPage, jsonForPage } from "./page.ts";

describe("fillPage", () => {
  it("fills every place once, and nothing in what was filled in", () => {
    expect(fillPage("{{a}}-{{b}}-{{a}}", { a: "{{b}}$&", b: "x" })).toBe("{{b}}$&-x-{{b}}$&");
  });

  it("leaves places that it knows nothing for", () => {
    expect(fillPage("{{toString}} {{c}}", { a: "x" })).toBe("{{toString}} {{c}}");
  });
});

it("escapes all that is markup", () => {
  expect(escapeHtml(`<a href="x">'&amp;'`)).toBe("&#60;a href=&#34;x&#34;&#62;&#39;&#38;amp;&#39;");
});

it("writes JSON in which nothing ends a script", () => {
  const value = { a: "</script><!--", b: [1, null] };
  const text = jsonForPage(value);
  expect(text).not.toContain("<");
  expect(JSON.parse(text)).toEqual(value);
});
