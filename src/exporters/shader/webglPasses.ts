/** The shaders of an automaton for WebGL 2, with several textures written at a time. */
import type { ShaderAutomaton } from "./automaton.ts";
import { headingGlsl, networkGlsl, type Pass, passesOf, pictureGlsl, stateGlsl, stepGlsl } from "./step.ts";

/** Textures that every device with WebGL 2 can write at a time. */
const MAX_TARGETS = 4;

/** A pass and its fragment shader, without the line `#version 300 es`. */
export type ShaderPass = Pass & Readonly<{ text: string }>;

/**
 * The passes of a step. Uniforms of each: `sampler2D state0` and so on, the textures of float32 that hold the state; `int
 * stepsDone`, how many steps it has had, -1 to write the state that a run starts from; `vec4 stroke` and `float radius`, the
 * line (from x, y to x, y, in cells) along which cells are erased before the step, and how far around it, 0 for none.
 */
export function stepPasses(automaton: ShaderAutomaton): ShaderPass[] {
  return passesOf(automaton, MAX_TARGETS).map((pass) => ({
    ...pass,
    text: `${headingGlsl(automaton)}

${readingGlsl(automaton)}
${outputs(pass.count)}

${networkGlsl(automaton)}

${stateOf(automaton)}

${stepGlsl(automaton, pass)}

void main() {
  vec4 stored[${pass.count}];
  next(ivec2(gl_FragCoord.xy), stored);
${Array.from({ length: pass.count }, (_, k) => `  stored${k} = stored[${k}];`).join("\n")}
}
`,
  }));
}

/**
 * A shader that shows the state: declarations and functions, up to `void state(ivec2 cell, out vec4 s[texels])` and `vec4
 * picture(vec4 s[texels])`. Uniforms as in {@link stepPasses}.
 */
export function viewGlsl(automaton: ShaderAutomaton): string {
  const { grid } = automaton;
  return `${readingGlsl(automaton)}

const ivec2 GRID = ivec2(${grid[1]}, ${grid[0]}); // columns, rows

${stateOf(automaton)}

${pictureGlsl(automaton)}`;
}

function readingGlsl({ texels }: ShaderAutomaton): string {
  const samplers = Array.from({ length: texels }, (_, t) => `uniform sampler2D state${t};`).join("\n");
  return `precision highp float;
precision highp int;
precision highp sampler2D;

${samplers}
uniform int stepsDone; // that the state has had; -1 to write the one that a run starts from
uniform vec4 stroke; // cells are erased along this line, from x, y to x, y,
uniform float radius; // and so far around it, in cells`;
}

function outputs(count: number): string {
  return Array.from({ length: count }, (_, k) => `layout(location = ${k}) out vec4 stored${k};`).join("\n");
}

function stateOf(automaton: ShaderAutomaton): string {
  const around = automaton.rule.boundary === "wrap" ? "\n  place -= size * round(place / size);" : "";
  const size = around && "\n  vec2 size = vec2(GRID);";
  return `// Whether a cell lies under the stroke.
bool erased(ivec2 cell) {
  if (radius <= 0.0) return false;${size}
  vec2 place = vec2(cell) + 0.5 - stroke.xy;${around}
  vec2 line = stroke.zw - stroke.xy;
  float along = clamp(dot(place, line) / max(dot(line, line), 1e-6), 0.0, 1.0);
  return distance(place, along * line) <= radius;
}

${stateGlsl(automaton, (texel, cell) => `texelFetch(state${texel}, ${cell}, 0)`)}`;
}
