/** The shaders that draw a state, (cells, stride) numbers, from where it lies: the formulas of `render/` and `tiles.ts`. */

/** Words of `Look` by name, in its order. All are whole but `threshold`. */
export const LOOK_FIELDS = [
  // Columns and rows of the grid, and of a tile as it is drawn: every so many.
  "columns",
  "rows",
  "drawnColumns",
  "drawnRows",
  "every",
  // Tiles across, and how many there are.
  "tiles",
  "fields",
  "mode",
  // Where the state begins, numbers of a cell, and the first channel of what is drawn.
  "first",
  "stride",
  "offset",
  // Of the picture: how many of them, whether colours are multiplied by alpha, and classes.
  "channels",
  "premultiplied",
  "classOffset",
  "classes",
  "alive",
  "wraps",
  // Cells from one sample of a field to the next.
  "sampleStride",
  "threshold",
] as const;
export type Look = Readonly<Record<(typeof LOOK_FIELDS)[number], number>>;

/** The bytes of a `Look`. */
export function lookBytes(look: Look): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(LOOK_SIZE));
  for (const [i, name] of LOOK_FIELDS.entries()) {
    if (name === "threshold") view.setFloat32(4 * i, look[name], true);
    else view.setUint32(4 * i, look[name], true);
  }
  return view.buffer;
}

/** How many they are: a multiple of 16. */
export const LOOK_SIZE = 16 * Math.ceil(LOOK_FIELDS.length / 4);

export const MODES = { picture: 0, alive: 1, channels: 2 } as const;

/** Steps of a palette, whose colours are one more, and that of NaN: as in `tiles.ts`. */
const STEPS = 256;

const COMMON = /* wgsl */ `
struct Look {
  ${LOOK_FIELDS.map((name) => `${name}: ${name === "threshold" ? "f32" : "u32"},`).join(" ")}
}
@group(0) @binding(0) var<uniform> look: Look;
@group(0) @binding(1) var<storage, read> state: array<f32>;

fn bits(value: f32) -> u32 { return bitcast<u32>(value) & 0x7fffffffu; }
`;

/**
 * For each field 1 over what its scale ends at, into `scales`: the 998th thousandth of the magnitudes of a sample of it, found
 * digit by digit of their bits, which have their order.
 */
export const SCALE_SHADER = /* wgsl */ `
${COMMON}
@group(0) @binding(2) var<storage, read_write> scales: array<f32>;

var<workgroup> counts: array<atomic<u32>, 256>;
var<workgroup> prefix: u32;
var<workgroup> rank: u32;
var<workgroup> some: u32;

@compute @workgroup_size(256)
fn measure(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let cells = look.columns * look.rows;
  for (var digit = 0u; digit < 4u; digit++) {
    let shift = 24u - 8u * digit;
    atomicStore(&counts[thread], 0u);
    workgroupBarrier();
    for (var n = thread * look.sampleStride; n < cells; n += 256u * look.sampleStride) {
      let size = bits(state[look.first + n * look.stride + look.offset + group.x]);
      let counted = size > 0u && size < 0x7f800000u;
      if (counted && (digit == 0u || (size >> (shift + 8u)) == prefix)) { atomicAdd(&counts[(size >> shift) & 255u], 1u); }
    }
    workgroupBarrier();
    if (thread == 0u) {
      if (digit == 0u) {
        var all = 0u;
        for (var i = 0u; i < 256u; i++) { all += atomicLoad(&counts[i]); }
        some = all;
        rank = (max(all, 1u) - 1u) * 998u / 1000u;
        prefix = 0u;
      }
      var left = rank;
      var found = 0u;
      for (var i = 0u; i < 256u; i++) {
        let here = atomicLoad(&counts[i]);
        if (left < here) { found = i; break; }
        left -= here;
      }
      rank = left;
      prefix = (prefix << 8u) | found;
    }
    workgroupBarrier();
  }
  if (thread == 0u) { scales[group.x] = select(1f, 1f / bitcast<f32>(prefix), some > 0u); }
}
`;

/** One pixel of the canvas, premultiplied; what a 2D canvas would hold of it: colours and alpha in 8 bits each, multiplied. */
export const PAINT_SHADER = /* wgsl */ `
${COMMON}
@group(0) @binding(2) var<storage, read> scales: array<f32>;
@group(0) @binding(3) var<storage, read> palette: array<u32>;

@vertex
fn cover(@builtin(vertex_index) corner: u32) -> @builtin(position) vec4f {
  return vec4f(select(-1f, 3f, corner == 1u), select(-1f, 3f, corner == 2u), 0f, 1f);
}

/** What is not a number becomes 0. */
fn clamped(value: f32, high: f32) -> f32 {
  return select(0f, min(value, high), value > 0f && bits(value) <= 0x7f800000u);
}

fn colour(index: u32) -> vec3f { return unpack4x8unorm(palette[index]).rgb; }

/** The class of highest score, the first of equals; -1 where no score is other than 0. */
fn classOf(cell: u32) -> i32 {
  var best = 0u;
  var some = false;
  for (var k = 0u; k < look.classes; k++) {
    let score = state[cell + look.classOffset + k];
    some = some || bits(score) != 0u;
    if (score > state[cell + look.classOffset + best]) { best = k; }
  }
  return select(-1, i32(best), some);
}

fn picture(n: u32) -> vec4f {
  let cell = look.first + n * look.stride;
  let at = cell + look.offset;
  let grey = look.channels == 1u;
  var alpha = 1f;
  if (look.channels == 4u) { alpha = clamped(state[at + 3u], 1f); }
  var light = alpha;
  if (grey) { light = clamped(state[at], 1f); }
  let named = classOf(cell);
  var straight = vec3f(0f);
  if (alpha > 0f) {
    for (var c = 0u; c < 3u; c++) {
      let value = state[at + select(c, 0u, grey)];
      let own = select(clamped(value, 1f) * alpha, clamped(value, alpha), look.premultiplied > 0u);
      straight[c] = own / alpha;
    }
    if (named >= 0) { straight = colour(u32(named)) * (light / alpha); }
  }
  let opacity = round(alpha * 255f) / 255f;
  return vec4f(round(straight * 255f) / 255f * opacity, opacity);
}

fn isMature(n: u32) -> bool {
  let value = state[look.first + n * look.stride + look.alive];
  return value > look.threshold && bits(value) <= 0x7f800000u;
}

fn kind(x: u32, y: u32) -> u32 {
  if (isMature(y * look.columns + x)) { return 2u; }
  for (var dy = 0u; dy < 3u; dy++) {
    for (var dx = 0u; dx < 3u; dx++) {
      // One too far, so that none is negative.
      let inside = x + dx > 0u && x + dx <= look.columns && y + dy > 0u && y + dy <= look.rows;
      let column = (x + dx + look.columns - 1u) % look.columns;
      let row = (y + dy + look.rows - 1u) % look.rows;
      if ((inside || look.wraps > 0u) && isMature(row * look.columns + column)) { return 1u; }
    }
  }
  return 0u;
}

fn shade(value: f32, field: u32) -> u32 {
  if (bits(value) > 0x7f800000u) { return ${STEPS + 1}u; }
  return u32(clamp(floor(${STEPS / 2}f + ${STEPS / 2}f * (value * scales[field]) + 0.5f), 0f, ${STEPS}f));
}

@fragment
fn paint(@builtin(position) at: vec4f) -> @location(0) vec4f {
  let pixel = vec2u(at.xy);
  let tile = pixel / vec2u(look.drawnColumns, look.drawnRows);
  let place = (pixel % vec2u(look.drawnColumns, look.drawnRows)) * look.every;
  let n = place.y * look.columns + place.x;
  if (look.mode == ${MODES.picture}u) { return picture(n); }
  if (look.mode == ${MODES.alive}u) { return vec4f(colour(kind(place.x, place.y)), 1f); }
  let field = tile.y * look.tiles + tile.x;
  if (field >= look.fields) { return vec4f(0f); }
  return vec4f(colour(shade(state[look.first + n * look.stride + look.offset + field], field)), 1f);
}
`;
