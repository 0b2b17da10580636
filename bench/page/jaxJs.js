// The bare step of the article's automaton on jax-js, WebAssembly: perceive, network, fire mask; no alive mask. Runs in a
// browser. Weights are those of the package, permuted to jax-js's order of perceptions.
import { defaultDevice, init, jit, nn, numpy as np } from "../jax-js/index.js";

/** Weights of the Sobel kernel along x; along y, transposed. */
const SOBEL = [
  [-1 / 8, 0, 1 / 8],
  [-2 / 8, 0, 2 / 8],
  [-1 / 8, 0, 1 / 8],
];

const array = (numbers, shape) => np.array(Float32Array.from(numbers), { shape });

/** @returns the state after one step in which every cell fires. */
export async function oneStep(workload) {
  const { next, x } = await begin(workload, () => 1);
  return [...(await next(x).data())];
}

/** Steps a second in which half of the cells fire. */
export async function stepsASecond(workload, seconds) {
  let { next, x } = await begin(workload, (n) => n % 2);
  const several = async () => {
    for (let i = 0; i < 5; i++) x = next(x);
    await x.ref.data();
  };
  await several();
  const began = performance.now();
  let steps = 0;
  for (; performance.now() - began < 1000 * seconds; steps += 5) await several();
  x.dispose();
  return (1000 * steps) / (performance.now() - began);
}

/**
 * @param workload `grid`, `channels`, the flat `state`, and `weights`: tensors (3 * channels, hidden), (hidden), (hidden,
 * channels), (channels); perceptions ordered identity, x, y of the first channel, then of the second and so on.
 * @param fires 0 or 1 for each cell.
 */
async function begin({ grid: [height, width], channels, weights, state }, fires) {
  await init("wasm");
  defaultDevice("wasm");
  const cells = height * width;
  const hidden = weights[1].length;
  const seen = 3 * channels;
  const ordered = new Float32Array(seen * hidden);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < 3; k++) {
      const from = (c * 3 + k) * hidden;
      ordered.set(weights[0].slice(from, from + hidden), (k * channels + c) * hidden);
    }
  }
  const tensors = [
    array(ordered, [seen, hidden]),
    array(weights[1], [hidden]),
    array(weights[2], [hidden, channels]),
    array(weights[3], [channels]),
  ];

  const step = jit((x, mask, w1, b1, w2, b2) => {
    const padded = np.pad(x.ref, [
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    const sobel = (weightOf) => {
      let sum;
      for (let y = 0; y < 3; y++) {
        for (let z = 0; z < 3; z++) {
          if (weightOf(y, z) === 0) continue;
          const tap = padded.ref.slice([y, y + height], [z, z + width], []).mul(weightOf(y, z));
          sum = sum ? sum.add(tap) : tap;
        }
      }
      return sum;
    };
    const parts = [x.ref, sobel((y, z) => SOBEL[y][z]), sobel((y, z) => SOBEL[z][y])];
    padded.dispose();
    const perceived = np.concatenate(parts, -1).reshape([cells, seen]);
    const update = np.matmul(nn.relu(np.matmul(perceived, w1).add(b1)), w2).add(b2);
    return x.add(update.mul(mask).reshape([height, width, channels]));
  });

  const fired = array(
    Array.from({ length: cells }, (_, n) => fires(n)),
    [cells, 1],
  );
  const next = (x) => step(x, fired.ref, ...tensors.map((tensor) => tensor.ref));
  return { next, x: array(state, [height, width, channels]) };
}
