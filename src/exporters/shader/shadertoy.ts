/**
 * An automaton for shadertoy.com: a text for each of its tabs. Each of up to four buffers holds four channels. The site draws
 * buffers one after the other, so a buffer sees what those before it have just drawn, and itself and those after it as they
 * were in the frame before. All must see the same state, so a buffer keeps two side by side: its new one, and to the right of
 * it the one before, which the buffers after it read.
 */
import type { Model } from "../../model/model.ts";
import { repeats, type ShaderAutomaton, shaderAutomaton, type ShaderOptions } from "./automaton.ts";
import { headingGlsl, networkGlsl, pictureGlsl, stateGlsl, stepGlsl } from "./step.ts";

const BUFFERS = ["A", "B", "C", "D"] as const;

/** How far around the pointer cells are erased, in cells. */
const ERASER = 4;

/** A tab of the site, and the text to paste into it. */
export type ShadertoyTab = Readonly<{ name: string; text: string }>;

/**
 * The texts of Common, of Buffer A to at most D, and of Image. In each buffer and in Image, iChannel0 to iChannel3 are to be
 * Buffer A to D, as far as there are. One step a frame; the pointer erases, and setting the time back to 0 starts anew.
 *
 * @throws UserError, one sentence, for a model with more than 16 channels, and as `shaderAutomaton`.
 *
 * @example
 * ```ts
 * import { exportShadertoy } from "neoblast";
 * import { loadModel } from "neoblast/node";
 *
 * const tabs = exportShadertoy(await loadModel("lizard.safetensors"), { title: "Lizard" });
 * console.log(tabs.map(({ name }) => name).join(", ")); // Common, Buffer A, Buffer B, Buffer C, Buffer D, Image
 * ```
 */
export function exportShadertoy(model: Model, options: ShaderOptions): ShadertoyTab[] {
  const automaton = shaderAutomaton(model, options, { target: "Shadertoy", maxChannels: 4 * BUFFERS.length });
  const buffers = BUFFERS.slice(0, automaton.texels);
  return [
    { name: "Common", text: common(automaton) },
    ...buffers.map((name, texel) => ({ name: `Buffer ${name}`, text: buffer(automaton, texel) })),
    { name: "Image", text: image(automaton) },
  ];
}

function common(automaton: ShaderAutomaton): string {
  const { grid } = automaton;
  const width = grid[1] * (automaton.texels > 1 ? 2 : 1);
  const scale = repeats(automaton)
    ? "max(1.0, floor(0.5 * size.y / float(GRID.y)))"
    : "min(size.x / float(GRID.x), size.y / float(GRID.y))";
  const place = "vec2(GRID) * 0.5 + vec2(place.x, -place.y)";
  return `${headingGlsl(automaton)}
// ${channelsText(automaton)}
// It needs a canvas of at least ${width}x${grid[0]} pixels. The pointer erases cells; the button beside the time starts anew.

${networkGlsl(automaton)}

// The place on the grid, in cells from its top left corner, that a pixel of the canvas shows.
vec2 placeAt(vec2 pixel, vec2 size) {
  float scale = ${scale};
  vec2 place = (pixel - 0.5 * size) / scale;
  return ${repeats(automaton) ? `mod(${place}, vec2(GRID))` : place};
}

// Whether a cell lies under a pointer that is pressed: within ${ERASER} cells.
bool underPointer(ivec2 cell, vec4 mouse, vec2 size) {
  vec2 apart = vec2(cell) + 0.5 - placeAt(mouse.xy, size);${automaton.rule.boundary === "wrap" ? "\n  apart -= vec2(GRID) * round(apart / vec2(GRID));" : ""}
  return mouse.z > 0.0 && length(apart) <= ${ERASER}.0;
}
`;
}

function channelsText({ texels }: ShaderAutomaton): string {
  const names = BUFFERS.slice(0, texels).map((name, i) => `iChannel${i} = Buffer ${name}`);
  return `In each buffer and in Image, set ${names.join(", ")}.`;
}

function reading(automaton: ShaderAutomaton, stepsDone: string, texelOf: (texel: number) => string): string {
  return `#define stepsDone ${stepsDone} // that the state which is read here has had

bool erased(ivec2 cell) {
  return underPointer(cell, iMouse, iResolution.xy);
}

${stateGlsl(automaton, (texel, cell) => texelOf(texel).replace("cell", cell))}`;
}

function buffer(automaton: ShaderAutomaton, own: number): string {
  const { texels } = automaton;
  const stored = (texel: number) =>
    texel < own
      ? `texelFetch(iChannel${texel}, cell + ivec2(GRID.x, 0), 0)`
      : `texelFetch(iChannel${texel}, cell, 0)`;
  const keeps = own + 1 < texels;
  const keep = `
  if (cell.x >= GRID.x) { // the state before, for the buffers after this one
    fragColor = texelFetch(iChannel${own}, cell - ivec2(GRID.x, 0), 0);
    return;
  }`;
  return `// Buffer ${BUFFERS[own]}: channels ${4 * own} to ${4 * own + 3}. ${channelsText(automaton)}

${reading(automaton, "(iFrame - 1)", stored)}

${stepGlsl(automaton, { first: own, count: 1 })}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
  ivec2 cell = ivec2(fragCoord);
  fragColor = vec4(0.0);
  if (cell.x >= ${keeps ? "2 * " : ""}GRID.x || cell.y >= GRID.y) return;${keeps ? keep : ""}
  vec4 stored[1];
  next(cell, stored);
  fragColor = stored[0];
}
`;
}

function image(automaton: ShaderAutomaton): string {
  return `// Image: shows the picture, on white. ${channelsText(automaton)}

${reading(automaton, "iFrame", (texel) => `texelFetch(iChannel${texel}, cell, 0)`)}

${pictureGlsl(automaton)}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
  ivec2 cell = ivec2(floor(placeAt(fragCoord, iResolution.xy)));
  vec4 shown = vec4(0.0);
  if (onGrid(cell)) {
    vec4 s[${automaton.texels}];
    state(cell, s);
    shown = picture(s);
  }
  fragColor = vec4(shown.rgb + 1.0 - shown.a, 1.0);
}
`;
}
