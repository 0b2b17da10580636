/** The shaders of a model, run step by step: as an own page would, and as Shadertoy does. */
import type { Page } from "playwright-core";
import { shaderAutomaton, type ShaderOptions } from "../../src/exporters/shader/automaton.ts";
import { exportShadertoy } from "../../src/exporters/shader/shadertoy.ts";
import { stepPasses, viewGlsl } from "../../src/exporters/shader/webglPasses.ts";
import type { Model } from "../../src/model/model.ts";
import { type Pipeline, runPipeline } from "./shaderPipeline.ts";

type Run = Readonly<{
  model: Model;
  options: ShaderOptions;
  steps: number;
  /** Shape (H, W, C); default: what the shaders start from themselves. */
  start?: Float32Array;
  /** Erases a disc, in cells, of the state that has had so many steps; of the shaders for WebGL. */
  erase?: Readonly<{ step: number; x: number; y: number; radius: number }>;
}>;

/** The states (H, W, C) after each step, the start first, of the shaders for WebGL. */
export async function runWebgl(
  page: Page,
  { model, options, steps, start, erase }: Run,
): Promise<Float32Array[]> {
  const automaton = shaderAutomaton(model, options, { target: "WebGL" });
  const { grid, texels } = automaton;
  const none = { stroke: [0, 0, 0, 0], radius: [0] };
  const counts = Array.from({ length: steps + 1 }, (_, t) => t);
  const shown = await runPipeline(page, {
    width: grid[1],
    height: grid[0],
    textures: texels,
    sampler: "state",
    passes: stepPasses(automaton).map(({ first, count, text }) => ({
      text: `#version 300 es\n${text}`,
      writes: Array.from({ length: count }, (_, k) => first + k),
    })),
    swap: "step",
    ...(start && { start: texelsOf(start, model, grid[1], grid) }),
    frames: (start ? counts.slice(0, -1) : counts.map((t) => t - 1)).map((stepsDone) => ({
      stepsDone,
      ...none,
      ...(erase?.step === stepsDone && {
        stroke: [erase.x, erase.y, erase.x, erase.y],
        radius: [erase.radius],
      }),
    })),
    view: {
      passes: viewPasses(`#version 300 es\n${viewGlsl(automaton)}`, texels),
      frames: (start ? counts.slice(1) : counts).map((stepsDone) => ({ stepsDone, ...none })),
    },
  });
  const states = shown.map((outputs) => statesOf(outputs, model, grid[1], grid));
  return start ? [start, ...states] : states;
}

/** What the site puts before a text. Common is compiled by itself, too, without the uniforms. */
const PRECISION =
  "#version 300 es\nprecision highp float;\nprecision highp int;\nprecision highp sampler2D;\n";
const HEADER = `${PRECISION}
uniform vec3 iResolution;
uniform float iTime;
uniform float iTimeDelta;
uniform int iFrame;
uniform vec4 iMouse;
uniform vec4 iDate;
uniform sampler2D iChannel0, iChannel1, iChannel2, iChannel3;
`;
const FOOTER = `
out vec4 outColor;
void main() { vec4 color = vec4(0.0, 0.0, 0.0, 1.0); mainImage(color, gl_FragCoord.xy); outColor = color; }
`;
const CANVAS = { width: 64, height: 48 };

/**
 * The states (H, W, C) after each step, the start first, of the texts for Shadertoy, in what that site does: buffers in
 * order, each of which is what others read as soon as it is drawn, iFrame from 0 on, and a canvas of its own size.
 */
export async function runShadertoy(
  page: Page,
  { model, options, steps, start }: Run,
  canvas: Readonly<{ width: number; height: number }> = CANVAS,
): Promise<Float32Array[]> {
  const automaton = shaderAutomaton(model, options, { target: "Shadertoy" });
  const { grid, texels } = automaton;
  const { width, height } = canvas;
  const tabs = exportShadertoy(model, options);
  const text = (name: string) => tabs.find((tab) => tab.name === name)!.text;
  const common = text("Common");
  const site = { iResolution: [width, height, 1], iMouse: [0, 0, 0, 0] };
  const frames = Array.from({ length: steps + (start ? 0 : 1) }, (_, i) => ({
    iFrame: start ? i + 1 : i,
    ...site,
  }));
  const shown = await runPipeline(page, {
    width,
    height,
    textures: texels,
    sampler: "iChannel",
    passes: tabs.slice(1, -1).map((tab, i) => ({ text: HEADER + common + tab.text + FOOTER, writes: [i] })),
    swap: "pass",
    ...(start && { start: texelsOf(start, model, width, grid, height) }),
    frames,
    view: {
      passes: [
        { text: `${PRECISION}${common}\nout vec4 none;\nvoid main() { none = vec4(0.0); }`, outputs: 1 },
        ...viewPasses(HEADER + common + text("Image"), texels),
      ],
      frames,
    },
  });
  const states = shown.map(([, ...outputs]) => statesOf(outputs, model, width, grid));
  return start ? [start, ...states] : states;
}

/** Shaders that read `state` as `text` has it, four texels at a time. */
function viewPasses(text: string, texels: number): Pipeline["view"]["passes"] {
  return Array.from({ length: Math.ceil(texels / 4) }, (_, pass) => {
    const outputs = Math.min(4, texels - 4 * pass);
    const own = Array.from({ length: outputs }, (_unused, k) => k);
    return {
      outputs,
      text: `${text}
${own.map((k) => `layout(location = ${k}) out vec4 out${k};`).join("\n")}
void main() {
  vec4 s[${texels}];
  state(ivec2(gl_FragCoord.xy), s);
${own.map((k) => `  out${k} = s[${4 * pass + k}];`).join("\n")}
}
`,
    };
  });
}

function texelsOf(
  state: Float32Array,
  { rule: { channels } }: Model,
  stride: number,
  [height, width]: readonly [number, number],
  rows = height,
): Float32Array[] {
  return Array.from({ length: Math.ceil(channels / 4) }, (_, t) => {
    const texels = new Float32Array(rows * stride * 4);
    for (let n = 0; n < height * width; n++) {
      const [y, x] = [Math.floor(n / width), n % width];
      for (let i = 0; i < 4 && 4 * t + i < channels; i++) {
        texels[(y * stride + x) * 4 + i] = state[n * channels + 4 * t + i];
      }
    }
    return texels;
  });
}

function statesOf(
  outputs: readonly Float32Array[],
  { rule: { channels } }: Model,
  stride: number,
  [height, width]: readonly [number, number],
): Float32Array {
  return Float32Array.from({ length: height * width * channels }, (_, at) => {
    const [n, c] = [Math.floor(at / channels), at % channels];
    const [y, x] = [Math.floor(n / width), n % width];
    return outputs[c >> 2][(y * stride + x) * 4 + (c & 3)];
  });
}
