/** What several shaders have in common: their bindings, the hash, and where neighbours lie. */
import { keysOf } from "../../../config/records.ts";
import type { Plan } from "../layout.ts";
import { THREADS, TILE } from "../sizes.ts";

/** Words of {@link STEP}; bindings of uniform buffers begin at multiples of 256 bytes. */
export const STEP_WORDS = 64;

/** Fields of `Grid`, in order: the same for all steps of a rollout. What a rule's shaders do not depend on is here, so that rules share them. */
const GRID_FIELDS = {
  depth: "u32",
  height: "u32",
  width: "u32",
  cells: "u32",
  /** Samples, tiles of each, and workgroups that share these. */
  batch: "u32",
  tiles: "u32",
  groups: "u32",
  /** 1 where each sample has parameters of its own, else 0. */
  population: "u32",
  seed: "u32",
  noiseKey: "u32",
  /** Where grafted sets begin among the parameter sets; sets that a cell may run; vectors of each. */
  grafts: "u32",
  sets: "u32",
  stride: "u32",
  /** Where first biases of samples begin among the weights, in vectors. */
  biases: "u32",
  /** Channels without padding. */
  channels: "u32",
  /** Whether opposite edges touch. */
  wraps: "u32",
  /** A cell fires where its hash is at most this; whether any does. */
  fireLimit: "u32",
  fires: "u32",
  /** Whether cells are masked, and whether before the step, too; vector and component of the alive channel. */
  masked: "u32",
  both: "u32",
  aliveVector: "u32",
  alivePart: "u32",
  /** Whether the alive channel is pinned. */
  alivePinned: "u32",
  /** Cells of a neighbourhood, and the place of its first one from the middle, as far from it along each axis. */
  around: "u32",
  middleDepth: "u32",
  middleHeight: "u32",
  middleWidth: "u32",
  /** A bit for each channel that is pinned or padding. */
  pinnedLow: "u32",
  pinnedHigh: "u32",
  threshold: "f32",
  stepSize: "f32",
  sigma: "f32",
} as const satisfies Record<string, "u32" | "f32">;
export type GridFields = Readonly<Record<keyof typeof GRID_FIELDS, number>>;

/** Words of {@link GridFields}, to whole vectors. */
const FIELD_WORDS = Math.ceil(Object.keys(GRID_FIELDS).length / 4) * 4;

/** The numbers as the device has them, the perception's constants behind them. */
export function gridWords(fields: GridFields, constants: Float32Array): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(FIELD_WORDS + constants.length);
  const floats = new Float32Array(words.buffer);
  keysOf(GRID_FIELDS).forEach(
    (name, i) => ((GRID_FIELDS[name] === "f32" ? floats : words)[i] = fields[name]),
  );
  floats.set(constants, FIELD_WORDS);
  return words;
}

/** Bytes of {@link gridWords} for a plan. */
export function gridBytes({ constants }: Plan): number {
  return 4 * (FIELD_WORDS + constants);
}

function gridText({ constants }: Plan): string {
  const fields = Object.entries(GRID_FIELDS).map(([name, type]) => `${name}: ${type},`);
  return `struct Grid { ${fields.join(" ")} constants: array<vec4<f32>, ${constants / 4}>, }`;
}

const STEP = /* wgsl */ `
struct Step {
  /** Number of the step in the rollout, and in the hash. */
  t: u32,
  number: u32,
  /** Where the state before it and the one after begin, in vectors. */
  before: u32,
  after: u32,
  /** Where the words begin that say who lives after it. */
  life: u32,
  /** Whether its cells count as work done. */
  counts: u32,
  /** Backward: which half of what cells send back is read and which is written; whether nothing was sent yet. */
  half: u32,
  first: u32,
  /** Comparisons: where to write. Sums of gradients: what to add up, see reduce. */
  a: u32,
  b: u32,
  c: u32,
  d: u32,
}`;

/** pcg4d of random.ts, to the last bit. */
const HASH = /* wgsl */ `
fn pcg4d(a: u32, b: u32, c: u32, d: u32) -> vec4<u32> {
  var v = vec4<u32>(a, b, c, d) * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v = v ^ (v >> vec4<u32>(16u));
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}`;

const FIRES = /* wgsl */ `
fn fires(id: u32, cell: u32) -> bool {
  return grid.fires != 0u && pcg4d(grid.seed, id, step.number, cell).y <= grid.fireLimit;
}`;

/** The neighbour of a cell at an offset in cells down each axis, at most a grid's length where edges touch; -1 beyond the edge (step/neighbours.ts). */
const NEIGHBOURS = /* wgsl */ `
fn placeOf(cell: u32) -> vec3<i32> {
  let row = cell / grid.width;
  return vec3<i32>(vec3<u32>(row / grid.height, row % grid.height, cell % grid.width));
}

fn neighbour(place: vec3<i32>, offset: vec3<i32>) -> i32 {
  let extents = vec3<i32>(vec3<u32>(grid.depth, grid.height, grid.width));
  var at = place + offset;
  let below = at < vec3<i32>(0);
  let above = at >= extents;
  if (grid.wraps != 0u) {
    at += select(vec3<i32>(0), extents, below) - select(vec3<i32>(0), extents, above);
  } else if (any(below | above)) { return -1; }
  return (at.x * extents.y + at.y) * extents.z + at.z;
}`;

/** A number as WGSL reads it back to the same float32. */
export function floatText(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** The bindings of group 0 that all shaders share, 0 and 1, and what all of them call. */
export function preamble(plan: Plan): string {
  return `${gridText(plan)}
${STEP}
@group(0) @binding(0) var<uniform> grid: Grid;
@group(0) @binding(1) var<uniform> step: Step;
${HASH}
${FIRES}
${NEIGHBOURS}
/** Which of four channels are pinned, or none of the rule's. */
fn pinned(c4: u32) -> vec4<bool> {
  let word = select(grid.pinnedLow, grid.pinnedHigh, c4 >= 8u);
  return ((vec4<u32>(word) >> (vec4<u32>(0u, 1u, 2u, 3u) + 4u * (c4 % 8u))) & vec4<u32>(1u)) != vec4<u32>(0u);
}`;
}

/** What a cell that may lie beyond the edge holds of four channels. */
export function numbersText({ C4 }: Plan): string {
  return /* wgsl */ `
fn numbersAt(state: u32, n: i32, c4: u32) -> vec4<f32> {
  return select(vec4<f32>(0.0), tape[state + u32(max(n, 0)) * ${C4}u + c4], n >= 0);
}`;
}

/** Cells of a tile that run the network, block by block; after {@link LISTING}. */
export const BLOCK = /* wgsl */ `
const THREADS = ${THREADS}u;
var<private> count: u32;
var<private> begin: u32;
var<private> start: u32;
/** The cell in place i of the block; places beyond its end repeat the last. */
fn cellAt(i: u32) -> u32 {
  return start + list[begin + min(i, count - 1u)];
}`;

/**
 * Lists the chosen cells of a tile in order: `bits` has one for each, `list` their places in the tile, and `chosen` says how
 * many. Each thread has first set the bits of its cells.
 */
export const LISTING = /* wgsl */ `
var<workgroup> bits: array<atomic<u32>, ${TILE / 32}>;
var<workgroup> list: array<u32, ${TILE}>;
var<workgroup> chosen: u32;

fn clearBits(lid: u32) {
  if (lid < ${TILE / 32}u) { atomicStore(&bits[lid], 0u); }
}

fn setBit(i: u32) {
  atomicOr(&bits[i / 32u], 1u << (i % 32u));
}

fn listBits(lid: u32, threads: u32) {
  for (var i = lid; i < ${TILE}u; i += threads) {
    let word = atomicLoad(&bits[i / 32u]);
    let bit = 1u << (i % 32u);
    if ((word & bit) == 0u) { continue; }
    var before = countOneBits(word & (bit - 1u));
    for (var w = 0u; w < i / 32u; w++) { before += countOneBits(atomicLoad(&bits[w])); }
    list[before] = i;
  }
  if (lid == 0u) {
    var count = 0u;
    for (var w = 0u; w < ${TILE / 32}u; w++) { count += countOneBits(atomicLoad(&bits[w])); }
    chosen = count;
  }
}`;
