import { describe, expect, it } from "vitest";
import { fromBase64 } from "../formats/base64.ts";
import { type Report, reportHtml } from "./document.ts";

const NASTY = `</title><script>"'&$&{{data}}<!--`;
const report: Report = {
  title: NASTY,
  summary: NASTY,
  run: {
    steps: [0, 1],
    grid: [1, 2],
    cells: [[0, 1]],
    channels: [{ name: NASTY, colour: undefined, dash: [] }],
    traces: Float32Array.of(0.5, NaN),
    counts: { mature: [1, 2], growing: [3, 4], norms: [5, Infinity] },
    damage: [{ kind: NASTY, step: 1 }],
  },
  film: { steps: [0, 1], columns: 2, webp: Uint8Array.of(1, 2, 3) },
  pictures: [{ title: NASTY, text: NASTY, png: Uint8Array.of(4, 5) }],
};

describe("reportHtml", () => {
  const html = reportHtml(report);

  it("carries the run", () => {
    const [, text] = /<script id="data"[^>]*>\s*([^<]*?)\s*<\/script>/.exec(html)!;
    const { traces, film, ...rest } = JSON.parse(text);
    expect(new Float32Array(fromBase64(traces).buffer)).toEqual(report.run.traces);
    expect(film).toEqual({ steps: [0, 1], columns: 2, source: "data:image/webp;base64,AQID" });
    const { traces: _, channels, counts, ...plain } = report.run;
    expect(rest).toEqual({
      ...plain,
      channels: [{ name: NASTY, dash: [] }],
      counts: { ...counts, norms: [5, null] },
    });
    expect(channels[0].name).toBe(NASTY);
    expect(html).toContain('src="data:image/png;base64,BAU="');
  });

  it("says texts in letters, whatever they are", () => {
    const said = "&#60;/title&#62;&#60;script&#62;&#34;&#39;&#38;$&#38;{{data}}&#60;!--";
    for (const place of [
      `<title>${said}</title>`,
      `<h1>${said}</h1>`,
      `<p class="text">${said}</p>`,
      `<h2>${said}</h2>`,
      `alt="${said}"`,
    ]) {
      expect(html).toContain(place);
    }
    // Its own two scripts, and no other.
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
  });

  it("is one whole document that asks for nothing from elsewhere", () => {
    const run = { ...report.run, channels: [], damage: [] };
    const plain = reportHtml({ ...report, run, title: "A", summary: "B", pictures: [] });
    expect(plain).not.toMatch(/\{\{|<script[^>]+src=|<link(?! rel="icon" href="data:,")|@import|url\(/);
    expect(plain).toContain("Leon Sorokin");
  });

  it("is small but for what it shows", () => {
    expect(html.length).toBeLessThan(80_000);
  });
});
