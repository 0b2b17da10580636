/** What a file of tensors leaves open: in which order its features lie, and which kernels give them. */
import type { Kernel, Rule } from "../rule/rule.ts";
import type { TensorImportOptions } from "./imported.ts";
import { states, stated } from "./assemble.ts";
import type { Perception, RowOrder } from "./perception.ts";
import { identity, kernelInWords, kernelRank, LAPLACIANS, SOBEL_PAIRS, type Stencil } from "./stencils.ts";

export type OpenReading = Readonly<{
  order: RowOrder;
  /** Undefined where they follow from the conventions and what was stated. */
  kernels: readonly Kernel[] | undefined;
  /** How it differs from the others, in words. */
  text: string;
  /** Whether the number of kernels is not that of the conventions. */
  isGuess: boolean;
}>;

type Known = Readonly<{
  /** What the file says of the perception. */
  perceived: Perception | undefined;
  channels: number;
  /** Of the first layer. */
  inputs: number;
  /** Conventions to begin with. */
  base: Rule;
  /** Whether the kernels and their order follow from them: those of an export, or of one code base. */
  isKnown: boolean;
}>;

/** All ways to read it, the likeliest first. What was stated, and what the file says, is in each. */
export function openReadings(known: Known, options: TensorImportOptions): OpenReading[] {
  const lists = kernelLists(known, options);
  return lists.flatMap((kernels) => {
    const own = kernels ?? stated(options, "kernels");
    const count = Array.isArray(own) ? own.length : known.base.kernels.length;
    return ordersOf(known, options, count).map((order) => ({
      order,
      kernels,
      text: [
        order === "channel" ? "channel by channel" : "kernel by kernel",
        ...wordsOf(kernels, lists),
      ].join(", "),
      isGuess: !known.perceived && kernels !== undefined && count !== known.base.kernels.length,
    }));
  });
}

function ordersOf(
  { perceived, isKnown }: Known,
  options: TensorImportOptions,
  kernels: number,
): readonly RowOrder[] {
  if (options.order) return [options.order];
  if (perceived?.order) return [perceived.order];
  return isKnown || kernels === 1 ? ["channel"] : ["channel", "kernel"];
}

function kernelLists(
  { perceived, channels, inputs, base, isKnown }: Known,
  options: TensorImportOptions,
): readonly (readonly Kernel[] | undefined)[] {
  if (perceived) return [perceived.kernels];
  if (states(options, "kernels")) return [undefined];
  const input = stated(options, "inputSize");
  const count = (inputs - (typeof input === "number" ? input : 0)) / channels;
  const isSettled = isKnown || options.preset !== undefined;
  if (isSettled && count === base.kernels.length) return [undefined];
  const pairs = isSettled ? SOBEL_PAIRS.filter(([x]) => base.kernels.includes(x.kernel)) : SOBEL_PAIRS;
  // The conventions' own come first.
  const sobel = pairs.toSorted(
    ([a], [b]) => Number(base.kernels.includes(b.kernel)) - Number(base.kernels.includes(a.kernel)),
  );
  const lists: Readonly<Record<number, readonly (readonly Stencil[])[]>> = {
    2: [...LAPLACIANS.map((laplacian) => [identity, laplacian]), ...sobel],
    3: sobel.map((pair) => [identity, ...pair]),
    4: sobel.flatMap((pair) => LAPLACIANS.map((laplacian) => [identity, ...pair, laplacian])),
  };
  return (
    lists[count]?.map((list) =>
      inOrderOf(
        base,
        list.map(({ kernel }) => kernel),
      ),
    ) ?? [undefined]
  );
}

/** The kernels with x and y in the order that the conventions have them in. */
function inOrderOf(base: Rule, kernels: readonly Kernel[]): readonly Kernel[] {
  const ranks = base.kernels.map(kernelRank);
  if (ranks.indexOf(2) > ranks.indexOf(1)) return kernels;
  const [identical, x, y] = [0, 1, 2].map((rank) => kernels.filter((kernel) => kernelRank(kernel) === rank));
  return [...identical, ...y, ...x, ...kernels.filter((kernel) => kernelRank(kernel) > 2)];
}

/** What a list has that not all lists have. */
function wordsOf(
  kernels: readonly Kernel[] | undefined,
  lists: readonly (readonly Kernel[] | undefined)[],
): string[] {
  return (kernels ?? []).filter((kernel) => lists.some((list) => !list?.includes(kernel))).map(kernelInWords);
}
