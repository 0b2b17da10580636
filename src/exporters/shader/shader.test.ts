/** What the texts of shaders are made of, and which models have none. `test/browser/shaders.test.ts` runs them. */
import { describe, expect, it } from "vitest";
import { UserError } from "../../errors.ts";
import type { Model } from "../../model/model.ts";
import { initialParameters, parameterCount } from "../../rule/parameters.ts";
import { rulePresets } from "../../rule/presets.ts";
import type { Grid } from "../../rule/grid.ts";
import type { Rule } from "../../rule/rule.ts";
import { commentText, glslArray, glslFloat, glslMatrix } from "./numbers.ts";
import { exportShadertoy } from "./shadertoy.ts";
import { exportThree } from "./three.ts";
import { exportWebgl } from "./webgl.ts";

function model(change: Partial<Rule> = {}, grid: Grid = [12, 10]): Model {
  const rule: Rule = { ...rulePresets.distill, hidden: [8], ...change };
  return {
    rule,
    parameters: initialParameters(rule, 1),
    readout: null,
    start: { seeds: [[...grid].map(() => 0)], cell: { from: 0, to: 1 } },
    provenance: { grid },
  };
}

describe("numbers", () => {
  it("are the shortest that float32 reads back", () => {
    const values = [0, 1, -2, 0.1, 1 / 3, 1e-7, -3.4028234663852886e38, 16777216, 1e-45, 0.30000001192092896];
    for (const value of values) {
      expect(Math.fround(Number(glslFloat(value)))).toBe(Math.fround(value));
      expect(glslFloat(value)).toMatch(/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/);
      expect(glslFloat(value)).toMatch(/[.e]/);
    }
    expect([0, 1, 0.1, 1e-7].map(glslFloat)).toEqual(["0.0", "1.0", "0.1", "1e-7"]);
    expect(glslMatrix(Array.from({ length: 16 }, (_, i) => i - 8))).toBe(
      "mat4(-8,-7,-6,-5,-4,-3,-2,-1,0,1,2,3,4,5,6,7)",
    );
    expect(glslArray("float", "A", ["1.0", "2.0"])).toBe("const float A[2] = float[](\n  1.0, 2.0\n);");
  });

  it("a title stays within its comment", () => {
    expect(commentText("🦎 a\nb\u2028c \\")).toBe("abc");
    for (const { text } of exportShadertoy(model(), { title: "x\nvoid y\\" })) {
      expect(text).not.toMatch(/^void y/m);
    }
    const page = exportWebgl(model(), { title: '</script><b>"' });
    expect(page).toContain("<title>&#60;/script&#62;&#60;b&#62;&#34;</title>");
    expect(page.match(/<\/script>/g)).toHaveLength(3);
  });
});

const names = (channels: number) =>
  exportShadertoy(model({ channels }), { title: "x" }).map(({ name }) => name);

describe("texts", () => {
  it("of Shadertoy are as many buffers as four channels each need", () => {
    expect(names(16)).toEqual(["Common", "Buffer A", "Buffer B", "Buffer C", "Buffer D", "Image"]);
    expect(names(9)).toEqual(["Common", "Buffer A", "Buffer B", "Buffer C", "Image"]);
    expect(names(4)).toEqual(["Common", "Buffer A", "Image"]);
  });

  it("hold weights as whole numbers with a scale, or as they are", () => {
    const [i8] = exportShadertoy(model(), { title: "x" });
    const [f32] = exportShadertoy(model(), { title: "x", weights: "f32" });
    expect(i8.text).toMatch(/mat4\((?:-?\d+,){15}-?\d+\) \* seen\[0\]/);
    const weight = glslFloat(model().parameters[0]);
    expect(i8.text).not.toContain(weight);
    expect(f32.text).toContain(weight);
  });
});

describe("models that shaders cannot express", () => {
  const refusals: readonly (readonly [Model, string])[] = [
    [model({ inputSize: 3 }), "its cells take an input of 3 numbers, for which its shaders have no place"],
    [model({ noise: 0.1 }), "its updates have noise, which its shaders do not draw"],
    [
      model({ perceive: { kind: "attention", heads: 1, size: 4 } }),
      "its cells attend to their neighbours, which its shaders do not",
    ],
    [
      model({ alive: { mask: "both", channel: 3, threshold: 0.1, reach: 0 } }),
      "its cells live by themselves alone, and its shaders look at the cells around, too",
    ],
    [model({}, [4, 4096]), "its grid is 4x4096 cells, and a texture has at most 2048 a side"],
    [
      model({ channels: 64, hidden: [200] }),
      `its network has ${parameterCount(model({ channels: 64, hidden: [200] }).rule)} weights, and a shader's text holds at most 32768`,
    ],
  ];
  const writers = [
    ["Shadertoy", exportShadertoy],
    ["WebGL", exportWebgl],
    ["three", exportThree],
  ] as const;

  it.each(writers)("%s says why in a sentence", (target, write) => {
    for (const [each, why] of refusals) {
      if (target === "Shadertoy" && each.rule.channels > 16) continue;
      expect(() => write(each, { title: "pet" })).toThrow(
        new UserError(`cannot export pet to ${target}: ${why}`),
      );
    }
    for (const [axes, grid, words] of [
      [1, [9], "one axis"],
      [3, [4, 4, 4], "three axes"],
    ] as const) {
      const other = model({ axes, kernels: ["identity"] }, grid);
      const sentence = `pet runs on grids of ${words}; this needs rows and columns`;
      expect(() => write(other, { title: "pet" })).toThrow(new UserError(sentence));
    }
  });

  it("Shadertoy has room for 16 channels", () => {
    expect(() => exportShadertoy(model({ channels: 17 }), { title: "pet" })).toThrow(
      new UserError("cannot export pet to Shadertoy: it has 17 channels, and there is room for at most 16"),
    );
    expect(exportWebgl(model({ channels: 17 }), { title: "pet" }).match(/class="step"/g)).toHaveLength(2);
  });
});
