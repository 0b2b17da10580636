/**
 * A step of the automaton as GLSL ES 3.00, in pieces that each target puts together.
 *
 * **Masks without a second pass.** Whether a cell lives on after a step depends on the alphas of its neighbours after their
 * updates, which a fragment cannot see while it computes its own. So a step stores S', the state before the mask "after",
 * and whoever reads a cell, the next step or the picture, looks at the stored alphas of the 3x3 cells around it and takes it
 * as empty where none is above the threshold. The mask "before" (alive.mask "both") is known while a step computes, but a
 * cell that it empties may still have moved above the threshold, and then keeps its neighbours alive as S' has it, although
 * it is empty itself. Of such a cell nothing but this one bit matters any more: its alpha is stored as STRAY where it is
 * above the threshold and as -STRAY where it is not, and either is read as an empty cell. So states take no more room than
 * their channels, and a step is one pass. The state that a run starts from has had no step, and is read as it is.
 */
import { fireLimit, STREAM } from "../../random.ts";
import { perceptionRadius } from "../../rule/parts/perceive.ts";
import { centreOf } from "../../rule/grid.ts";
import { type ShaderAutomaton, TEXEL } from "./automaton.ts";
import { commentText, glslArray, glslFloat, glslMatrix, glslVector } from "./numbers.ts";

/** The texels that a pass computes of each cell: [first, first + count). */
export type Pass = Readonly<{ first: number; count: number }>;

/** What `stepsDone` is while the state that a run starts from is written. */
export const BEFORE_START = -1;

/** Passes of at most so many texels each that compute all texels of a state. */
export function passesOf({ texels }: ShaderAutomaton, most: number): Pass[] {
  return Array.from({ length: Math.ceil(texels / most) }, (_, pass) => ({
    first: pass * most,
    count: Math.min(most, texels - pass * most),
  }));
}

/** What the automaton is, as comments. */
export function headingGlsl({ title, rule, grid: [height, width], weights }: ShaderAutomaton): string {
  const name = commentText(title);
  return `// ${name ? `${name}: a` : "A"} neural cellular automaton with ${rule.channels} channels on ${width}x${height} cells, weights in ${weights === "i8" ? "8 bits" : "float32"}.
// Channel c is component c % 4 of texture c / 4. Row 0 of the grid is row 0 of its textures, and the top of the picture.
// Made by neoblast; the method is that of Mordvintsev et al., "Growing Neural Cellular Automata", Distill, 2020.`;
}

/** Constants and functions that read no texture: the grid, which cells fire, and the hidden layers. */
export function networkGlsl(automaton: ShaderAutomaton): string {
  const { rule, grid, seed } = automaton;
  const limit = fireLimit(rule.fireRate);
  const firing =
    limit < 0
      ? "false"
      : `pcg4d(uvec4(${seed}u, 0u, uint(stepsDone), uint(cell.y * GRID.x + cell.x))) <= ${limit}u`;
  const hidden = hiddenGlsl(automaton);
  return `const ivec2 GRID = ivec2(${grid[1]}, ${grid[0]}); // columns, rows

// A hash of four numbers: M. Jarzynski and M. Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
uint pcg4d(uvec4 v) {
  v = v * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> 16u;
  v.x += v.y * v.w;
  return v.y + v.z * v.x;
}

// Whether a cell updates in a step: with a probability of ${rule.fireRate}, by a hash of seed, sample, step and cell.
bool fires(ivec2 cell, int stepsDone) {
  return ${firing};
}${hidden && `\n\n${hidden}`}`;
}

/** What a layer gets: the numbers that a cell perceives, or the hidden layer before it. */
function inputOf(layer: number): string {
  return layer === 0 ? "seen" : `hidden${layer}`;
}

/** The texel `output` of a layer before ReLU: weights, bytes from -127 to 127 times a scale or float32, times inputs, and bias. */
function unitsGlsl({ layers, weights }: ShaderAutomaton, layer: number, output: number): string {
  const { inputs, weights: all, scales, biases } = layers[layer];
  const terms = Array.from({ length: inputs }, (_, i) => i).flatMap((i) => {
    const from = (output * inputs + i) * TEXEL ** 2;
    const block = all.subarray(from, from + TEXEL ** 2);
    return block.some((weight) => weight !== 0) ? [`${glslMatrix(block)} * ${inputOf(layer)}[${i}]`] : [];
  });
  const sum = terms.length > 0 ? terms.join("\n    + ") : "vec4(0.0)";
  const bias = glslVector(biases, output * TEXEL);
  if (weights === "f32") return `${bias}\n    + ${sum}`;
  return `${bias} + ${glslVector(scales, output * TEXEL)} * (\n    ${sum})`;
}

/** The layers before the last: `void think(vec4 seen[...], out vec4 hidden[...])`; nothing where there is none. */
function hiddenGlsl(automaton: ShaderAutomaton): string {
  const { layers } = automaton;
  const before = layers.slice(0, -1);
  if (before.length === 0) return "";
  const lines = before.flatMap(({ outputs }, layer) => {
    const name = inputOf(layer + 1);
    const declared = layer + 1 < before.length ? [`  vec4 ${name}[${outputs}];`] : [];
    const units = Array.from(
      { length: outputs },
      (_, o) => `  ${name}[${o}] = max(vec4(0.0), ${unitsGlsl(automaton, layer, o)});`,
    );
    return [...declared, ...units];
  });
  return `// The network of a cell up to its last hidden layer: by what it sees, each unit a weighted sum, or 0 below 0.
void think(vec4 seen[${layers[0].inputs}], out vec4 ${inputOf(before.length)}[${before.length > 0 ? layers[before.length].inputs : 0}]) {
${lines.join("\n")}
}`;
}

/** The last layer: how the channels of a pass are to change. */
function deltaGlsl(automaton: ShaderAutomaton, { first, count }: Pass): string {
  const { layers } = automaton;
  const last = layers.length - 1;
  const name = inputOf(last);
  const think = last > 0 ? `  vec4 ${name}[${layers[last].inputs}];\n  think(seen, ${name});\n` : "";
  const units = Array.from(
    { length: count },
    (_, k) => `  delta[${k}] = ${unitsGlsl(automaton, last, first + k)};`,
  );
  return `// The network of a cell: by what it sees, how its channels ${first * TEXEL} to ${(first + count) * TEXEL - 1} are to change.
void network(vec4 seen[${layers[0].inputs}], out vec4 delta[${count}]) {
${think}${units.join("\n")}
}`;
}

/**
 * Reading the state that was stored: `void state(ivec2 cell, out vec4 s[texels])`. Needs an `int stepsDone` in its scope, the
 * number of steps that the stored state has had, and `bool erased(ivec2 cell)`.
 *
 * @param texelOf the expression of a cell's stored texel.
 */
export function stateGlsl(
  automaton: ShaderAutomaton,
  texelOf: (texel: number, cell: string) => string,
): string {
  const { rule, texels, kept } = automaton;
  const { mask, channel } = rule.alive;
  const reach = perceptionRadius(rule) + 1;
  const onGrid =
    rule.boundary === "wrap"
      ? `// Finds a neighbour, beyond the edge on the other side.
bool onGrid(inout ivec2 cell) {
  cell = (cell + ${reach} * GRID) % GRID;
  return true;
}`
      : `// Whether a neighbour is on the grid; beyond its edge there is nothing.
bool onGrid(ivec2 cell) {
  return all(greaterThanEqual(cell, ivec2(0))) && all(lessThan(cell, GRID));
}`;
  const reading = Array.from({ length: texels }, (_, t) => `  s[${t}] = ${texelOf(t, "cell")};`).join("\n");
  const empty = `for (int t = 0; t < ${texels}; t++) s[t] = ${rule.pinned ? "mix(vec4(0.0), s[t], PINNED[t])" : "vec4(0.0)"};`;
  const pinned = rule.pinned
    ? `\n${flagsGlsl("Channels that no step changes or empties.", "PINNED", rule.pinned, texels)}\n`
    : "";
  const bare = kept.length > 0 ? "mix(vec4(0.0), s[t], KEPT[t])" : "vec4(0.0)";
  const erase = `if (erased(cell)) for (int t = 0; t < ${texels}; t++) s[t] = ${bare};`;
  const flags =
    kept.length > 0
      ? `${flagsGlsl("Channels that say something of the place: erasing leaves them.", "KEPT", kept, texels)}\n\n`
      : "";
  if (mask === "none") {
    return `${flags}${onGrid}

// The state of a cell.
void state(ivec2 cell, out vec4 s[${texels}]) {
${reading}
  ${erase}
}${pinned && `\n${pinned}`}`;
  }
  const dead =
    mask === "both" ? `abs(${component("s", channel)}) == STRAY || !livesOn(cell)` : "!livesOn(cell)";
  return `${flags}const float ALIVE = ${glslFloat(rule.alive.threshold)}; // a cell lives while alpha, channel ${channel}, is above this in it or beside it
${mask === "both" ? "const float STRAY = 1e30; // stored as the alpha of a cell that was emptied: STRAY had it been above ALIVE, else -STRAY\n" : ""}${pinned}
${onGrid}

float storedAlpha(ivec2 cell) {
  return ${texelOf(Math.floor(channel / TEXEL), "cell")}.${COMPONENTS[channel % TEXEL]};
}

// Whether a cell lives on after the step that was stored: its own alpha or a neighbour's is above the threshold.
bool livesOn(ivec2 cell) {
  for (int i = 0; i < 9; i++) {
    ivec2 near = cell + ivec2(i % 3, i / 3) - 1;
    if (onGrid(near) && storedAlpha(near) > ALIVE) return true;
  }
  return false;
}

// The state of a cell: as it was stored, or empty where the cell has died of that step.
void state(ivec2 cell, out vec4 s[${texels}]) {
${reading}
  if (stepsDone > 0 && (${dead})) ${empty}
  ${erase}
}`;
}

const COMPONENTS = "xyzw";

/** A channel's place in an array of texels. */
export function component(array: string, channel: number): string {
  return `${array}[${Math.floor(channel / TEXEL)}].${COMPONENTS[channel % TEXEL]}`;
}

/** An array that says of each channel whether it is one of these. */
function flagsGlsl(comment: string, name: string, channels: readonly number[], texels: number): string {
  const items = Array.from({ length: texels }, (_, t) => {
    const flags = Array.from({ length: TEXEL }, (_unused, i) => channels.includes(t * TEXEL + i));
    return `bvec4(${flags.join(", ")})`;
  });
  return `// ${comment}\n${glslArray("bvec4", name, items)}`;
}

/**
 * A step: `void next(ivec2 cell, out vec4 stored[count])`, what a cell stores after it, or at first of the state that a run
 * starts from, where `stepsDone` is `BEFORE_START`. Stands after {@link networkGlsl} and {@link stateGlsl}.
 */
export function stepGlsl(automaton: ShaderAutomaton, pass: Pass): string {
  const { rule, texels, layers } = automaton;
  const { first, count } = pass;
  const each = `for (int k = 0; k < ${count}; k++)`;
  const move = `${glslFloat(rule.stepSize)} * delta[k]`;
  const moved = rule.pinned ? `mix(${move}, vec4(0.0), PINNED[${offset(first, "k")}])` : move;
  return `${perceiveGlsl(automaton)}

${deltaGlsl(automaton, pass)}

${rule.alive.mask === "both" ? `${wasAliveGlsl(automaton)}\n\n` : ""}${startGlsl(automaton, pass)}

// What a cell stores of channels ${first * TEXEL} to ${(first + count) * TEXEL - 1} after a step.
void next(ivec2 cell, out vec4 stored[${count}]) {
  if (stepsDone < 0) {
    start(cell, stored);
    return;
  }
  vec4 s[${texels}];
  state(cell, s);
  ${each} stored[k] = s[${offset(first, "k")}];
  if (fires(cell, stepsDone)) {
    vec4 seen[${layers[0].inputs}];
    perceive(cell, seen);
    vec4 delta[${count}];
    network(seen, delta);
    ${each} stored[k] += ${moved};
  }${rule.alive.mask === "both" ? `\n${emptyGlsl(automaton, pass)}` : ""}
}`;
}

function offset(first: number, index: string): string {
  return first > 0 ? `${first} + ${index}` : index;
}

function perceiveGlsl(automaton: ShaderAutomaton): string {
  const { taps, kernels: K, rule, texels, sharedKernels, magnitudes, layers } = automaton;
  const C = rule.channels;
  // Kernels that have taps.
  const L = magnitudes ? K / 2 : K;
  const features = layers[0].inputs;
  const offsets = taps.map(({ offset: [down, right] }) => `ivec2(${right}, ${down})`);
  const shared = taps.flatMap(({ weights }) =>
    Array.from({ length: L }, (_, k) => glslFloat(weights[k * C])),
  );
  const own = taps.flatMap(({ weights }) =>
    Array.from({ length: texels * L }, (_, feature) => {
      const [t, k] = [Math.floor(feature / L), feature % L];
      const values = Float32Array.from({ length: TEXEL }, (_unused, i) =>
        t * TEXEL + i < C ? weights[k * C + t * TEXEL + i] : 0,
      );
      return glslVector(values);
    }),
  );
  const kernels = sharedKernels ? glslArray("float", "KERNELS", shared) : glslArray("vec4", "KERNELS", own);
  const weight = sharedKernels ? `tap * ${L} + k` : `(tap * ${texels} + t) * ${L} + k`;
  const sizes = magnitudes
    ? `
  for (int t = 0; t < ${texels}; t++) {
    for (int k = 0; k < ${L}; k++) seen[t * ${K} + ${L} + k] = abs(seen[t * ${K} + k]);
  }`
    : "";
  return `// Where a cell looks, columns to the right and rows down, and how much each of its ${L} kernels takes of what is there${sharedKernels ? "" : ", channel by channel"}.
${glslArray("ivec2", "OFFSETS", offsets)}
${kernels}

// What a cell sees: each kernel on each channel, those on channels 4t to 4t + 3 from seen[${K} * t] on${magnitudes ? ", and then their magnitudes" : ""}.
void perceive(ivec2 cell, out vec4 seen[${features}]) {
  for (int i = 0; i < ${features}; i++) seen[i] = vec4(0.0);
  for (int tap = 0; tap < ${taps.length}; tap++) {
    ivec2 neighbour = cell + OFFSETS[tap];
    if (!onGrid(neighbour)) continue;
    vec4 s[${texels}];
    state(neighbour, s);
    for (int t = 0; t < ${texels}; t++) {
      for (int k = 0; k < ${L}; k++) seen[t * ${K} + k] += KERNELS[${weight}] * s[t];
    }
  }${sizes}
}`;
}

/** The mask before a step. What is emptied counts where emptiness is alive, by a threshold below 0. */
function wasAliveGlsl({ rule, texels, kept }: ShaderAutomaton): string {
  const { channel, threshold } = rule.alive;
  const isLeft = kept.includes(channel) ? "" : " && !erased(near)";
  const look =
    threshold < 0
      ? `    vec4 s[${texels}];
    state(near, s);
    if (${component("s", channel)} > ALIVE) return true;`
      : `    float alpha = storedAlpha(near);
    if (alpha > ALIVE && alpha != STRAY${isLeft}) return true;`;
  return `// Whether a cell is alive before the step: alpha is above the threshold in it or beside it.
bool wasAlive(ivec2 cell) {
  for (int i = 0; i < 9; i++) {
    ivec2 near = cell + ivec2(i % 3, i / 3) - 1;
    if (!onGrid(near)) continue;
${look}
  }
  return false;
}`;
}

function emptyGlsl({ rule }: ShaderAutomaton, { first, count }: Pass): string {
  const { channel } = rule.alive;
  const texel = Math.floor(channel / TEXEL) - first;
  const empty = rule.pinned ? `mix(vec4(0.0), stored[k], PINNED[${offset(first, "k")}])` : "vec4(0.0)";
  const emptied = `for (int k = 0; k < ${count}; k++) stored[k] = ${empty};`;
  const holdsAlpha = texel >= 0 && texel < count && !rule.pinned?.includes(channel);
  if (!holdsAlpha) return `  if (!wasAlive(cell)) ${emptied}`;
  const alpha = component("stored", channel - first * TEXEL);
  return `  if (!wasAlive(cell)) {
    float alpha = ${alpha};
    ${emptied}
    ${alpha} = alpha > ALIVE ? STRAY : -STRAY;
  }`;
}

function startGlsl(automaton: ShaderAutomaton, { first, count }: Pass): string {
  const { start, texels } = automaton;
  const ground = groundGlsl(automaton);
  const coordinates = coordinatesGlsl(automaton, { first, count });
  const bare = ground ? `ground(cell, ${offset(first, "k")})` : "vec4(0.0)";
  const clear = `for (int k = 0; k < ${count}; k++) stored[k] = ${bare};`;
  if (start.length === 0) {
    return `${ground}// The state that a run starts from${ground ? "" : ": empty"}.
void start(ivec2 cell, out vec4 stored[${count}]) {
  ${clear}${coordinates}
}`;
  }
  const places = start.map(({ at: [row, column] }) => `ivec2(${column}, ${row})`);
  const values = start.flatMap((cell) =>
    Array.from({ length: texels }, (_, t) => glslVector(cell.values, t * TEXEL)),
  );
  return `${ground}// The state that a run starts from: the cells that are not ${ground ? "bare" : "empty"}.
${glslArray("ivec2", "SEEDS", places)}
${glslArray("vec4", "SEED_VALUES", values)}

void start(ivec2 cell, out vec4 stored[${count}]) {
  ${clear}
  for (int i = 0; i < ${start.length}; i++) {
    if (cell != SEEDS[i]) continue;
    for (int k = 0; k < ${count}; k++) stored[k] = SEED_VALUES[i * ${texels} + ${offset(first, "k")}];
  }${coordinates}
}`;
}

/** Statements that lay given coordinates around the centre cell, in the texels of a pass; none where there are none. */
function coordinatesGlsl({ coordinates, grid }: ShaderAutomaton, { first, count }: Pass): string {
  if (!coordinates) return "";
  const { channels, parity, box, unit } = coordinates;
  const values = ["place.y", "place.x"].flatMap((place, axis): (readonly [number, string])[] => [
    [channels[axis], `float(${place}) / ${glslFloat(unit)}`],
    ...(parity ? [[parity[axis], `(${place} & 1) == 0 ? -1.0 : 1.0`] as const] : []),
  ]);
  const laid = values.flatMap(([channel, value]) => {
    const texel = Math.floor(channel / TEXEL) - first;
    if (texel < 0 || texel >= count) return [];
    return [`stored[${texel}].${COMPONENTS[channel % TEXEL]} = ${value};`];
  });
  if (laid.length === 0) return "";
  const [row, column] = centreOf(grid);
  const from = `ivec2(${box.left}, ${box.top})`;
  const to = `ivec2(${box.left + box.width}, ${box.top + box.height})`;
  return `
  // Where the cell is, in rows and columns from the centre.
  ivec2 place = cell - ivec2(${column}, ${row});
  if (all(greaterThanEqual(place, ${from})) && all(lessThan(place, ${to}))) {
    ${laid.join("\n    ")}
  }`;
}

/** What bare cells hold at first: `vec4 ground(ivec2 cell, int texel)`; nothing where that is 0. */
function groundGlsl({
  rule: { channels },
  texels,
  ground: { values, noise, stream },
}: ShaderAutomaton): string {
  if (noise === 0 && values.every((value) => value === 0)) return "";
  const levels = Array.from({ length: texels }, (_, t) => glslVector(values, t * TEXEL));
  const draw = `
  for (int i = 0; i < 4; i++) {
    int channel = texel * 4 + i;
    if (channel >= ${channels}) break;
    uint place = uint((cell.y * GRID.x + cell.x) * ${channels} + channel);
    s[i] += ${glslFloat(noise)} * (float(pcg4d(uvec4(${stream}u, ${STREAM.start}u, 0u, place))) / 2147483648.0 - 1.0);
  }`;
  return `// What cells hold at first in texture \`texel\`${noise === 0 ? "" : ", and noise around that"}.
${glslArray("vec4", "GROUND", levels)}

vec4 ground(ivec2 cell, int texel) {
  vec4 s = GROUND[texel];${noise === 0 ? "" : draw}
  return s;
}

`;
}

/** The picture: `vec4 picture(vec4 s[texels])`, red, green and blue, multiplied by alpha, and alpha. */
export function pictureGlsl({ readout, texels }: ShaderAutomaton): string {
  const { offset: from, channels, premultiplied } = readout;
  const at = (i: number) => component("s", from + (channels === 1 ? 0 : i));
  const alpha = channels === 4 ? `clamp(${component("s", from + 3)}, 0.0, 1.0)` : "1.0";
  const colour = `vec3(${at(0)}, ${at(1)}, ${at(2)})`;
  const shown = premultiplied ? `clamp(${colour}, 0.0, alpha)` : `clamp(${colour}, 0.0, 1.0) * alpha`;
  return `// The picture of a cell: red, green and blue, multiplied by alpha, and alpha.
vec4 picture(vec4 s[${texels}]) {
  float alpha = ${alpha};
  return vec4(${shown}, alpha);
}`;
}
