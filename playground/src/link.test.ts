import { deflateSync } from "fflate";
import { describe, expect, it } from "vitest";
import { referenceEngine } from "../../src/engine/reference/engine.ts";
import { resolveEvolutionConfig } from "../../src/experiments/evolution/evolution.ts";
import { resolveGrowingConfig } from "../../src/experiments/growing/config.ts";
import type { PictureModel } from "../../src/model/model.ts";
import { STREAM, uniform } from "../../src/random.ts";
import { parameterCount, parameterTable } from "../../src/rule/parameters.ts";
import { joinRule, splitRule } from "../../src/model/pictureRule.ts";
import { picturePresets } from "../../src/model/presets.ts";
import { decodeLink, encodeLink, hasLink, MAX_LINK, type LinkContent } from "./link.ts";
import { dequantise, quantise, unitsOf } from "../../src/rule/quantisation.ts";
import { quantisationCost } from "./quantisation.ts";

const conventions = splitRule({
  ...picturePresets.distill,
  channels: 6,
  hidden: [10],
  seed: { from: 3, to: 6 },
});
const { rule } = conventions;
const noise = (length: number, index: number) =>
  Float32Array.from({ length }, (_, i) => 2 * uniform(1, STREAM.data, index, i) - 1);
const model: PictureModel = {
  ...conventions,
  parameters: noise(parameterCount(rule), 0),
  provenance: { grid: [12, 14], target: "🦎", steps: 7, seed: 3, loss: 0.25 },
};
const config = resolveGrowingConfig({ overrides: { seed: 9, target: { source: "🦋" } } });
const picture = { width: 3, height: 2, data: Uint8Array.from({ length: 24 }, (_, i) => i * 10) };
const all: LinkContent = { title: "A lizard, 🦎", config, picture, model };

/** A link of other content than the page would write, its checksum right. */
function forged(header: unknown, rest: readonly number[] = []): string {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const content = new Uint8Array(4 + json.length + rest.length);
  new DataView(content.buffer).setUint32(0, json.length, true);
  content.set(json, 4);
  content.set(rest, 4 + json.length);
  return seal(deflateSync(content));
}

function seal(compressed: Uint8Array): string {
  const sum = compressed.reduce((crc, byte) => {
    let next = crc ^ byte;
    for (let bit = 0; bit < 8; bit++) next = (next >>> 1) ^ (next & 1 ? 0xedb88320 : 0);
    return next;
  }, 0xffffffff);
  const whole = new Uint8Array(4 + compressed.length);
  new DataView(whole.buffer).setUint32(0, ~sum >>> 0, true);
  whole.set(compressed, 4);
  return `#n1=${Buffer.from(whole).toString("base64url")}`;
}

describe("a link", () => {
  it("says of which experiment its configuration is, unless that is grow", () => {
    const evolution = resolveEvolutionConfig({ overrides: { seed: 2 } });
    const { fragment } = encodeLink({ title: "other", experiment: "evolve", config: evolution });
    expect(decodeLink(fragment)).toEqual({ title: "other", experiment: "evolve", config: evolution });
    // As links were before there were others.
    const usual = encodeLink({ title: "usual", config });
    expect(encodeLink({ title: "usual", experiment: "grow", config })).toEqual(usual);
    expect(decodeLink(usual.fragment)).toEqual({ title: "usual", config });
    const unknown = forged({ title: "x", experiment: "knit", config });
    expect(() => decodeLink(unknown)).toThrow(/is for neoblast knit, which this page does not train/);
  });

  it("carries a configuration, a picture and a model, whose weights keep 8 bits", () => {
    const { fragment, omitted } = encodeLink(all);
    expect(fragment).toMatch(/^#n1=[\w-]+$/);
    expect(omitted).toEqual([]);
    const shared = decodeLink(`https://example.org/some/path/?a=b${fragment}`);
    expect(shared).toMatchObject({ title: all.title, config, picture });
    expect(shared.model).toMatchObject({ rule, provenance: model.provenance });
    const { parameters } = shared.model!;
    expect(parameters).toEqual(dequantise(quantise(rule, model.parameters)));
    for (const entry of parameterTable(rule)) {
      for (let unit = 0; unit < unitsOf(entry); unit++) {
        const own = Array.from(
          { length: entry.size / unitsOf(entry) },
          (_, i) => entry.offset + i * unitsOf(entry) + unit,
        );
        const largest = Math.max(...own.map((i) => Math.abs(model.parameters[i])));
        // Half of one of 127 parts of the unit's largest number; of a bias, its only one, what rounding leaves.
        const bound = entry.shape.length === 1 ? largest * 2 ** -23 : (largest / 127) * 0.50001;
        for (const i of own) expect(Math.abs(parameters[i] - model.parameters[i])).toBeLessThanOrEqual(bound);
      }
    }
  });

  it("is the same for the same content, and its own model gives itself again", () => {
    const { fragment } = encodeLink(all);
    expect(encodeLink(all).fragment).toBe(fragment);
    const { parameters } = decodeLink(fragment).model!;
    const again = decodeLink(encodeLink(decodeLink(fragment)).fragment).model!.parameters;
    for (const [i, value] of parameters.entries()) expect(again[i]).toBeCloseTo(value, 6);
  });

  it("carries the seeds of a model where they are not one in the centre", () => {
    const start = {
      ...model.start,
      seeds: [
        [0, 0],
        [-6, 6],
      ],
    } as const;
    const { fragment } = encodeLink({ title: "two", model: { ...model, start } });
    expect(decodeLink(fragment).model?.start).toEqual(start);
    expect(decodeLink(encodeLink(all).fragment).model?.start).toEqual(model.start);
  });

  it("carries coordinates that cells are given, and no model that starts from pictures", () => {
    const coordinates = {
      channels: [4, 5],
      box: { top: -2, left: -3, height: 5, width: 6 },
      unit: 0.75,
    } as const;
    const told = splitRule(joinRule(model), [[0, 0]], coordinates);
    const { fragment } = encodeLink({ title: "told", model: { ...model, ...told } });
    expect(decodeLink(fragment).model?.start).toEqual(told.start);
    expect(decodeLink(fragment).model?.rule).toEqual(told.rule);
    const pictures = { grid: [1, 1], offset: 4, channels: 1, data: [Float32Array.of(1)] } as const;
    const begun = { ...model, start: { ...model.start, pictures } };
    expect(encodeLink({ ...all, model: begun }).omitted).toEqual(["model"]);
  });

  it("leaves out what does not fit, and says so", () => {
    const large = splitRule({ ...picturePresets.distill, hidden: [600] });
    const heavy = { ...model, ...large, parameters: noise(parameterCount(large.rule), 1) };
    const { fragment, omitted } = encodeLink({ ...all, model: heavy });
    expect(omitted).toEqual(["model"]);
    expect(decodeLink(fragment)).toEqual({ title: all.title, config, picture: { ...picture } });
    expect(() => encodeLink({ title: "heavy", model: heavy })).toThrow(
      /too large for a link; share its model/,
    );
    const photograph = {
      width: 200,
      height: 200,
      data: new Uint8Array(noise(160_000, 2).buffer.slice(0, 160_000)),
    };
    expect(encodeLink({ ...all, picture: photograph }).omitted).toEqual(["picture"]);
    expect(decodeLink(encodeLink({ title: "", config }).fragment)).toEqual({ title: "", config });
  });

  it("is noticed in a text", () => {
    expect(hasLink(encodeLink(all).fragment)).toBe(true);
    expect(hasLink("https://example.org/#about")).toBe(false);
    expect(() => decodeLink("https://example.org/#about")).toThrow("this link carries no automaton");
  });

  it("is refused where any character was lost or changed", () => {
    const { fragment } = encodeLink({ title: "t", model });
    const whole = /^this link is damaged or was cut short; copy it again, whole$/;
    for (const length of [4, 5, 9, 40, fragment.length - 1]) {
      expect(() => decodeLink(fragment.slice(0, length))).toThrow(whole);
    }
    for (let at = 4; at < fragment.length; at += 97) {
      const other = fragment[at] === "A" ? "B" : "A";
      expect(() => decodeLink(fragment.slice(0, at) + other + fragment.slice(at + 1))).toThrow(whole);
    }
    expect(() => decodeLink(fragment.replace("#n1=", "#n2="))).toThrow(/another version of this page/);
    expect(() => decodeLink("#n1=%00<script>")).toThrow(whole);
  });

  it("is read as pages of before wrote it, with the readout and the seed cell in the rule", () => {
    const { provenance } = model;
    const size =
      parameterCount(rule) + 4 * parameterTable(rule).reduce((sum, entry) => sum + unitsOf(entry), 0);
    const zeros = Array.from({ length: size }, () => 0);
    const own = {
      ...rule,
      image: { offset: 2, channels: 3, premultiplied: false },
      seed: { from: 1, to: 6, colours: false },
    };
    const start = { seeds: [[1, -2]] };
    const read = decodeLink(forged({ title: "t", model: { rule: own, provenance, start } }, zeros));
    expect(read.model).toEqual({
      rule,
      parameters: new Float32Array(parameterCount(rule)),
      readout: own.image,
      start: { ...start, cell: own.seed },
      provenance,
    });
  });

  it("is refused, by one sentence, where it was forged", () => {
    const provenance = { grid: [8, 8] };
    const own = joinRule(model);
    const layer = { ...own, hidden: [1024, 1024, 1024] };
    const size =
      parameterCount(rule) + 4 * parameterTable(rule).reduce((sum, entry) => sum + unitsOf(entry), 0);
    const cases: [string, RegExp][] = [
      [forged("{"), /damaged/],
      [forged([]), /damaged/],
      [forged({ title: 1 }), /damaged/],
      [forged({ title: "t", extra: 1 }), /damaged/],
      [forged({ title: "t" }, [1]), /damaged/],
      [forged({ title: "t", picture: { width: 512, height: 512 } }), /damaged/],
      [forged({ title: "t", picture: { width: 1e9, height: 1e9 } }), /damaged/],
      [forged({ title: "t", config: { seed: -1 } }), /configuration in this link cannot be read: seed is -1/],
      [forged({ title: "t", model: { rule: layer, provenance } }), /damaged/],
      [forged({ title: "t", model: { rule: { ...own, channels: 1e9 }, provenance } }), /damaged/],
      [forged({ title: "t", model: { rule: own, provenance, start: 5 } }), /damaged/],
      [forged({ title: "t", model: { rule: own, provenance, start: { seeds: [[0, 0.5]] } } }), /damaged/],
      [
        forged(
          { title: "t", model: { rule: own, provenance, start: { seeds: [[4, 0]] } } },
          Array.from({ length: size }, () => 0),
        ),
        /start.seeds must lie within the grid/,
      ],
      [
        forged(
          { title: "t", model: { rule: own, provenance: {} } },
          Array.from({ length: size }, () => 0),
        ),
        /grid is missing/,
      ],
      [
        forged(
          { title: "t", model: { rule: own, provenance: { grid: [1 << 20, 1 << 20] } } },
          Array.from({ length: size }, () => 0),
        ),
        /1048576 x 1048576 cells; this page plays up to 1048576/,
      ],
      [
        forged(
          { title: "t", model: { rule: own, provenance } },
          Array.from({ length: size }, () => 255),
        ),
        /holds NaN/,
      ],
      [seal(deflateSync(new Uint8Array(3 << 20))), /more than a megabyte/],
      [seal(Uint8Array.of(255, 1, 2, 3)), /damaged/],
      [`#n1=${"A".repeat(MAX_LINK)}`, /longer than 32000 characters/],
    ];
    for (const [fragment, message] of cases) {
      expect(() => decodeLink(fragment)).toThrow(message);
      try {
        decodeLink(fragment);
      } catch (error) {
        expect(error).toMatchObject({ name: expect.stringMatching(/^(User|Format)Error$/) });
        expect(String(error)).not.toContain("\n");
      }
    }
  });
});

describe("quantisation", () => {
  it("measures what it costs", async () => {
    const engine = referenceEngine();
    const target = new Float32Array(12 * 14 * 4).fill(0.5);
    const quiet = { ...model, parameters: model.parameters.map((value) => value / 10) };
    const { exact, quantised } = await quantisationCost(engine, quiet, target, { steps: 4, samples: 2 });
    const other = { ...quiet, parameters: dequantise(quantise(rule, quiet.parameters)) };
    expect(exact).toBeGreaterThan(0);
    expect(quantised).not.toBe(exact);
    expect(await quantisationCost(engine, other, target, { steps: 4, samples: 2 })).toMatchObject({
      exact: quantised,
    });
  });

  it("keeps units that are 0", () => {
    expect(dequantise(quantise(rule, new Float32Array(parameterCount(rule))))).toEqual(
      new Float32Array(parameterCount(rule)),
    );
  });
});
