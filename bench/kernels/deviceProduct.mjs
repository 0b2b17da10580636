// A bare matrix product on a graphics card, in WGSL: what the engine's kernels on the card are measured against. A workgroup
// makes a tile of the result: it brings a slice of both factors into its shared memory, and each invocation adds up a few rows
// and columns in registers. Several tilings, of which the fastest counts.

const USAGE = { read: 0x1, source: 0x4, target: 0x8, uniform: 0x40, storage: 0x80 };
/** Seconds that a measurement at least takes, so that a round trip to the device does not count. */
const LEAST = 0.05;
/** Rows on which every tiling is compared as a whole: some tiles, and a part of one. */
const CHECKED = 300;

/**
 * `rows`, `columns`: of a workgroup's tile; `slice`: of the inner dimension that lies in shared memory; `high`, `wide`: rows and
 * columns of an invocation, multiples of 4. At most 16 KiB of shared memory and 256 invocations, which every device has.
 */
const WIDE = [
  { rows: 128, columns: 128, slice: 16, high: 8, wide: 8 },
  { rows: 64, columns: 128, slice: 16, high: 8, wide: 4 },
  { rows: 64, columns: 128, slice: 16, high: 4, wide: 8 },
  { rows: 128, columns: 64, slice: 16, high: 8, wide: 4 },
  { rows: 64, columns: 64, slice: 16, high: 4, wide: 4 },
];
const NARROW = [
  { rows: 256, columns: 16, slice: 8, high: 8, wide: 4 },
  { rows: 256, columns: 16, slice: 8, high: 4, wide: 4 },
  { rows: 128, columns: 16, slice: 16, high: 4, wide: 4 },
  { rows: 64, columns: 16, slice: 16, high: 4, wide: 4 },
];
/** The smallest tile is the last. */
const tilings = (columns, quick) =>
  (columns % WIDE[0].columns === 0 ? WIDE : NARROW).slice(quick ? -1 : 0);

/** Code for each of so many numbers. */
const each = (count, code) => Array.from({ length: count }, (_, i) => code(i)).join("\n");

/** out = a b, all row by row: a has `inner` columns, b and out have `columns`, all multiples of the tile's. */
function shader({ rows, columns, slice, high, wide }, inner, allColumns) {
  const across = columns / wide;
  const down = rows / high;
  const invocations = across * down;
  const blocks = (rows / 4) * (slice / 4);
  const vectors = (slice * columns) / 4;
  const parts = wide / 4;
  return `
@group(0) @binding(0) var<uniform> rows: u32;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;
// Four rows in a vector: [slice][rows / 4].
var<workgroup> left: array<vec4f, ${(slice * rows) / 4}>;
// Four columns in a vector: [slice][columns / 4].
var<workgroup> right: array<vec4f, ${vectors}>;

fn row(r: u32, k: u32) -> vec4f {
  if (r < rows) { return a[r * ${inner / 4}u + k]; }
  return vec4f();
}

@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) own: u32) {
  let top = group.x * ${rows}u;
  let begin = group.y * ${columns / 4}u;
  let across = own % ${across}u;
  let down = own / ${across}u;
${each(high, (r) => each(parts, (c) => `  var sum${r}_${c} = vec4f();`))}
  for (var first = 0u; first < ${inner}u; first += ${slice}u) {
    for (var i = own; i < ${blocks}u; i += ${invocations}u) {
      let k = i % ${slice / 4}u;
      let r = i / ${slice / 4}u;
      let column = first / 4u + k;
      let block = transpose(mat4x4f(${[0, 1, 2, 3].map((i) => `row(top + 4u * r + ${i}u, column)`).join(", ")}));
${each(4, (i) => `      left[(4u * k + ${i}u) * ${rows / 4}u + r] = block[${i}];`)}
    }
    for (var i = own; i < ${vectors}u; i += ${invocations}u) {
      right[i] = b[(first + i / ${columns / 4}u) * ${allColumns / 4}u + begin + i % ${columns / 4}u];
    }
    workgroupBarrier();
    for (var k = 0u; k < ${slice}u; k++) {
${each(high / 4, (r) => `      let l${r} = left[k * ${rows / 4}u + ${r}u * ${down}u + down];`)}
${each(parts, (c) => `      let r${c} = right[k * ${columns / 4}u + ${c}u * ${across}u + across];`)}
${each(high, (r) =>
  each(parts, (c) => `      sum${r}_${c} = fma(vec4f(l${r >> 2}[${r & 3}]), r${c}, sum${r}_${c});`),
)}
    }
    workgroupBarrier();
  }
${each(
  high,
  (r) => `  { let at = top + 4u * (${r >> 2}u * ${down}u + down) + ${r & 3}u;
    if (at < rows) {
${each(parts, (c) => `      out[at * ${allColumns / 4}u + begin + ${c}u * ${across}u + across] = sum${r}_${c};`)}
  } }`,
)}
}`;
}

/** Small whole numbers add up without rounding, in any order. */
const filled = (length, seed) => Float32Array.from({ length }, (_, i) => ((i * 7919 + seed) % 15) - 7);

/** Products on a device; `dispose` frees what lies there. */
export class DeviceProduct {
  #device;
  #buffers = [];
  #errors = [];
  #quick;

  /** @param quick whether one tiling is enough. */
  constructor(device, quick = false) {
    this.#device = device;
    this.#quick = quick;
    device.addEventListener?.("uncapturederror", ({ error }) => this.#errors.push(error.message));
  }

  dispose() {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#device.destroy();
  }

  /**
   * A chain of products, each of the result of the one before: rows x sizes[0], times sizes[0] x sizes[1], times ...
   *
   * @returns for each product the tiling that is fastest, and `rate(...)`, GFLOP/s of some products by their numbers.
   * @throws Error where a product is wrong.
   */
  async chain(rows, sizes) {
    await this.#check(Math.min(rows, CHECKED), sizes);
    const { data, layers } = this.#lay(rows, sizes);
    const fastest = [];
    for (const { candidates } of layers) {
      const rates = [];
      for (const { pass } of candidates) rates.push(await this.#rate([pass]));
      fastest.push(candidates[rates.indexOf(Math.max(...rates))]);
    }
    await this.#checkRows(data, rows, sizes, fastest);
    return {
      tilings: fastest.map(({ tile }) => tile),
      rate: (...which) => this.#rate(which.map((layer) => fastest[layer].pass)),
    };
  }

  /** Every tiling on few rows, all of them compared. */
  async #check(rows, sizes) {
    const { data, layers } = this.#lay(rows, sizes);
    for (const [layer, { candidates }] of layers.entries()) {
      for (const { tile, pass } of candidates) {
        // What lies there from before must not pass for a result.
        this.#device.queue.writeBuffer(data[layer + 1], 0, new Float32Array(rows * sizes[layer + 1]).fill(NaN));
        this.#submit([pass], 1);
        await this.#compare(data, rows, sizes, layer, 0, rows, JSON.stringify(tile));
      }
    }
  }

  /** Some rows of all. */
  async #checkRows(data, rows, sizes, fastest) {
    const few = Math.min(64, rows);
    for (const [layer, { tile, pass }] of fastest.entries()) {
      this.#submit([pass], 1);
      for (const first of [0, (rows - few) >> 1, rows - few]) {
        await this.#compare(data, rows, sizes, layer, first, few, JSON.stringify(tile));
      }
    }
  }

  async #compare(data, rows, sizes, layer, first, count, what) {
    const [inner, columns] = [sizes[layer], sizes[layer + 1]];
    const left = await this.#read(data[layer], first * inner, count * inner);
    const found = await this.#read(data[layer + 1], first * columns, count * columns);
    const right = filled(inner * columns, layer + 1);
    for (let r = 0; r < count; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += left[r * inner + k] * right[k * columns + c];
        if (found[r * columns + c] !== sum) {
          const place = `row ${first + r} of ${rows}, column ${c}`;
          throw new Error(`the product ${what} gives ${found[r * columns + c]} for ${sum} in ${place}`);
        }
      }
    }
  }

  #lay(rows, sizes) {
    const data = sizes.map((size, i) =>
      this.#buffer(rows * size, USAGE.storage, i === 0 && filled(rows * size, 0)),
    );
    const count = this.#buffer(1, USAGE.uniform, Uint32Array.of(rows));
    const layers = sizes.slice(1).map((columns, i) => {
      const inner = sizes[i];
      const weights = this.#buffer(inner * columns, USAGE.storage, filled(inner * columns, i + 1));
      const candidates = tilings(columns, this.#quick).map((tile) => {
        const module = this.#device.createShaderModule({ code: shader(tile, inner, columns) });
        const compute = { module, entryPoint: "main" };
        const pipeline = this.#device.createComputePipeline({ layout: "auto", compute });
        const bound = [count, data[i], weights, data[i + 1]];
        const entries = bound.map((buffer, binding) => ({ binding, resource: { buffer } }));
        const bindings = this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
        const groups = [Math.ceil(rows / tile.rows), columns / tile.columns];
        return { tile, pass: { pipeline, bindings, groups, flops: 2 * rows * inner * columns } };
      });
      return { candidates };
    });
    return { data, layers };
  }

  #buffer(numbers, usage, content) {
    const buffer = this.#device.createBuffer({
      size: 4 * numbers,
      usage: usage | USAGE.source | USAGE.target,
    });
    if (content) this.#device.queue.writeBuffer(buffer, 0, content);
    this.#buffers.push(buffer);
    return buffer;
  }

  #submit(passes, times) {
    const encoder = this.#device.createCommandEncoder();
    const compute = encoder.beginComputePass();
    for (let i = 0; i < times; i++) {
      for (const { pipeline, bindings, groups } of passes) {
        compute.setPipeline(pipeline);
        compute.setBindGroup(0, bindings);
        compute.dispatchWorkgroups(...groups);
      }
    }
    compute.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** As many times as take a while. */
  async #rate(passes) {
    const flops = passes.reduce((sum, pass) => sum + pass.flops, 0);
    for (let times = 1; ; ) {
      const began = performance.now();
      this.#submit(passes, times);
      await this.#device.queue.onSubmittedWorkDone();
      const seconds = (performance.now() - began) / 1000;
      this.#complain();
      if (seconds >= LEAST) return (flops * times) / seconds / 1e9;
      times = Math.min(Math.max(times * 2, Math.ceil((times * 1.2 * LEAST) / seconds)), times * 16);
    }
  }

  async #read(buffer, first, count) {
    const size = 4 * count;
    const copy = this.#device.createBuffer({ size, usage: USAGE.read | USAGE.target });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 4 * first, copy, 0, size);
    this.#device.queue.submit([encoder.finish()]);
    await copy.mapAsync(1);
    this.#complain();
    const numbers = new Float32Array(copy.getMappedRange().slice(0));
    copy.destroy();
    return numbers;
  }

  #complain() {
    const [message] = this.#errors;
    if (message) throw new Error(message);
  }
}
