import { grad, numpy as np } from "@jax-js/jax";
import { beforeAll, expect, it } from "vitest";
import { layoutTable } from "../rule/parameters.ts";
import { convolveTransposed, read, softplus, startArrays, tensorsOf } from "./layers.ts";
import { numbersOf, transposedLoops } from "./plain.case.ts";
import { layer } from "./shapes.ts";

beforeAll(startArrays);

const [INPUTS, OUTPUTS] = [2, 5];
const table = layoutTable(layer("conv", [3, 3, INPUTS, OUTPUTS]));
const parameters = Float32Array.from(
  { length: 9 * INPUTS * OUTPUTS + OUTPUTS },
  (_, i) => ((i * 7) % 13) - 6,
);
const picture = (height: number, width: number) => ({
  height,
  width,
  features: INPUTS,
  values: Array.from({ length: height * width * INPUTS }, (_, i) => ((i * 5) % 17) - 8),
});

it.each([
  [2, 3],
  [1, 1],
])("convolveTransposed gives what plain loops give of a picture of %i x %i", async (height, width) => {
  const x = picture(height, width);
  const [weight, bias] = tensorsOf(table, parameters);
  const given = np.array(Float32Array.from([...x.values, ...x.values.toReversed()]), {
    shape: [2, height, width, INPUTS],
  });
  const result = convolveTransposed(given, weight, bias);
  expect(result.shape).toEqual([2, 2 * height, 2 * width, OUTPUTS]);
  const numbers = numbersOf(table, parameters);
  const expected = [x, { ...x, values: x.values.toReversed() }].flatMap(
    (one) => transposedLoops(one, numbers, "conv").values,
  );
  expect([...(await read(result))]).toEqual(expected);
});

it("softplus has its value and slope at 0 and far from it", async () => {
  const x = [-1000, -1, 0, 1, 1000];
  const values = await read(softplus(np.array(x)));
  const slopes = await read(grad((t: np.Array) => softplus(t).sum())(np.array(x)));
  for (const [i, number] of x.entries()) {
    // The logarithm of jax-js is off by 1e-5.
    expect(values[i]).toBeCloseTo(
      number > 0 ? number + Math.log1p(Math.exp(-number)) : Math.log1p(Math.exp(number)),
      4,
    );
    expect(slopes[i]).toBeCloseTo(1 / (1 + Math.exp(-number)), 5);
  }
});
