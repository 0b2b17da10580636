/** The named cases: what engines have got, or could get, wrong. */
import { turnedRule } from "../rule/kernels.ts";
import { rulePresets } from "../rule/presets.ts";
import type { Kernel, Rule } from "../rule/rule.ts";
import type { Case } from "./scenario.ts";
import * as start from "./starts.ts";

type Change = Omit<Partial<Rule>, "alive"> & { alive?: Partial<Rule["alive"]> };

/** A small rule: 6 channels, one hidden layer of 7. */
export function smallRule(change: Change = {}): Rule {
  const { alive, ...rest } = change;
  const channels = change.channels ?? 6;
  const channel = Math.min(3, channels - 1);
  return {
    ...rulePresets.distill,
    hidden: [7],
    ...rest,
    channels,
    alive: { mask: "both", channel, threshold: 0.1, ...alive },
  };
}

const MASKS = ["both", "after", "none"] as const;
const BOUNDARIES = ["zero", "wrap"] as const;
const { full, empty, oneCell, corners, edges, colonies, disc, damaged, scattered, strays, mixed, seed } =
  start;

/** Sees two cells far, on no line of symmetry; offsets may repeat. */
const farTaps: Kernel = {
  taps: [
    { offset: [-2, 0], weight: 0.7 },
    { offset: [0, 2], weight: -0.4 },
    { offset: [1, -1], weight: 0.3 },
    { offset: [1, -1], weight: 0.2 },
  ],
};
const farthestTaps: Kernel = {
  taps: [
    { offset: [4, -3], weight: 0.5 },
    { offset: [-4, 4], weight: -0.5 },
  ],
};

const grid = (height: number, width: number): [number, number] => [height, width];

const presets: Record<string, Case> = {
  "preset distill": { rule: rulePresets.distill, grid: grid(13, 11), starts: [seed, disc, damaged] },
  "preset cax": { rule: rulePresets.cax, grid: grid(13, 11), starts: [seed, disc, damaged], gain: 0.6 },
  "preset tutorial": {
    rule: rulePresets.tutorial,
    grid: grid(13, 11),
    starts: [seed, disc],
    gain: 0.4,
  },
};

function grids(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  for (const [height, width] of [
    [1, 1],
    [1, 9],
    [2, 2],
    [7, 23],
    [33, 5],
    [19, 16],
    [24, 33],
  ]) {
    for (const boundary of BOUNDARIES) {
      cases[`grid ${height}x${width}, ${boundary}`] = {
        rule: smallRule({ boundary, kernels: ["identity", "sobelX", "sobelY", farTaps] }),
        grid: [height, width],
        starts: [full, scattered],
        steps: 4,
      };
    }
  }
  return cases;
}

function channelsAndLayers(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  for (const channels of [1, 3, 5, 12, 17, 33, 64]) {
    cases[`${channels} channels`] = {
      rule: smallRule({ channels }),
      grid: grid(9, 7),
      starts: [disc, mixed],
    };
  }
  for (const hidden of [[], [1], [7], [24, 40], [130, 3, 20]]) {
    cases[`hidden layers [${hidden.join()}]`] = {
      rule: smallRule({ hidden }),
      grid: grid(9, 7),
      starts: [disc, mixed],
    };
  }
  const inputs = smallRule({ inputSize: 5, hidden: [12] });
  cases["an input"] = { rule: inputs, grid: grid(9, 7), starts: [disc, mixed, scattered, oneCell] };
  cases["an input, no hidden layer"] = {
    rule: { ...inputs, hidden: [] },
    grid: grid(9, 7),
    starts: [disc, mixed],
  };
  cases["no output bias"] = {
    rule: smallRule({ outputBias: false }),
    grid: grid(9, 7),
    starts: [disc, mixed],
  };
  cases["a linear automaton without any bias"] = {
    rule: smallRule({ outputBias: false, hidden: [] }),
    grid: grid(9, 7),
    starts: [disc, mixed],
  };
  return cases;
}

function kernels(): Record<string, Case> {
  const distillKernels = rulePresets.distill.kernels;
  const lists: Record<string, Rule> = {
    "identity alone": smallRule({ kernels: ["identity"] }),
    "a Laplacian alone": smallRule({ kernels: ["laplacian"] }),
    "four kernels": smallRule({ kernels: ["laplacian", "identity", "sobelYRaw", "sobelX"] }),
    "taps two cells away": smallRule({ kernels: ["identity", farTaps, "sobelX"] }),
    "taps four cells away": smallRule({ kernels: ["identity", farthestTaps] }),
    "no sight of itself": smallRule({ kernels: [{ taps: [{ offset: [1, 0], weight: 1 }] }] }),
    "a rule turned by 30 degrees": turnedRule(smallRule({ kernels: distillKernels }), 30),
    "a rule turned by 90 degrees": turnedRule(smallRule({ kernels: [...distillKernels, farTaps] }), 90),
  };
  const cases: Record<string, Case> = {};
  for (const [name, rule] of Object.entries(lists)) {
    for (const boundary of BOUNDARIES) {
      cases[`${name}, ${boundary}`] = {
        rule: { ...rule, boundary },
        grid: grid(11, 9),
        starts: [scattered, disc],
        gain: 0.8,
      };
    }
  }
  return cases;
}

function masks(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  for (const mask of MASKS) {
    for (const boundary of BOUNDARIES) {
      const here = `mask ${mask}, ${boundary}`;
      const rule = smallRule({ boundary, alive: { mask } });
      cases[`${here}: empty, full, one cell`] = { rule, grid: grid(8, 9), starts: [empty, full, oneCell] };
      cases[`${here}: corners, edges`] = { rule, grid: grid(9, 10), starts: [corners, edges] };
      cases[`${here}: strays`] = { rule, grid: grid(10, 9), starts: [strays, mixed], steps: 4 };
      cases[`${here}: two colonies`] = { rule, grid: grid(22, 31), starts: [colonies], steps: 5 };
      cases[`${here}: far taps`] = {
        rule: { ...rule, kernels: ["identity", farTaps] },
        grid: grid(12, 13),
        starts: [oneCell, corners, strays],
      };
      cases[`${here}: cells see themselves alone`] = {
        rule: { ...rule, kernels: ["identity"] },
        grid: grid(9, 14),
        starts: [mixed, scattered, colonies],
        gain: 2,
      };
      cases[`${here}: strays wake`] = {
        rule: smallRule({ boundary, hidden: [], kernels: ["identity"], outputBias: false, alive: { mask } }),
        grid: grid(14, 13),
        starts: [mixed, mixed, mixed, strays],
        population: true,
        gain: 2,
        steps: 3,
      };
      for (const threshold of [0, -0.4]) {
        cases[`${here}: threshold ${threshold}`] = {
          rule: smallRule({ boundary, alive: { mask, threshold } }),
          grid: grid(8, 9),
          starts: [empty, disc, oneCell, mixed],
          steps: 4,
          aliveBias: [threshold - 0.1],
        };
      }
      cases[`${here}: cells die`] = {
        rule,
        grid: grid(9, 10),
        starts: [disc, scattered, full],
        gain: 1.5,
        aliveBias: [-0.25],
      };
      cases[`${here}: no output bias`] = {
        rule: { ...rule, outputBias: false },
        grid: grid(12, 13),
        starts: [oneCell, strays, disc],
      };
      cases[`${here}: quiet cells wake in one sample, sink in the other`] = {
        rule,
        grid: grid(12, 13),
        starts: [oneCell, oneCell, empty],
        population: true,
        aliveBias: [0.5, -0.5, 0.5],
        steps: 4,
      };
    }
    for (const boundary of BOUNDARIES) {
      for (const [name, pinned] of [
        ["no channel", []],
        ["the alive channel", [3]],
      ] as const) {
        cases[`mask ${mask} of reach 0, ${boundary}, ${name} pinned`] = {
          rule: smallRule({ boundary, pinned, noise: 0.05, alive: { mask, reach: 0 } }),
          grid: grid(12, 13),
          starts: [mixed, strays, disc, scattered, corners],
          steps: 5,
        };
      }
    }
    cases[`mask ${mask} of reach 0, threshold -0.4`] = {
      rule: smallRule({ alive: { mask, reach: 0, threshold: -0.4 } }),
      grid: grid(8, 9),
      starts: [empty, disc, mixed],
      steps: 4,
    };
    cases[`mask ${mask}: quiet cells wake by their input`] = {
      rule: smallRule({ inputSize: 3, hidden: [], alive: { mask } }),
      grid: grid(12, 13),
      starts: [oneCell, oneCell, empty, empty],
      gain: 2,
    };
  }
  return cases;
}

function firing(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  for (const mask of MASKS) {
    for (const fireRate of [0, 0.25, 1]) {
      const rule = smallRule({ fireRate, alive: { mask } });
      cases[`fire rate ${fireRate}, mask ${mask}`] = { rule, grid: grid(11, 12), starts: [disc, scattered] };
    }
  }
  const after = smallRule({ fireRate: 0, alive: { mask: "after" } });
  cases["quiet cells that would wake never fire"] = {
    rule: after,
    grid: grid(9, 9),
    starts: [oneCell],
    aliveBias: [1],
  };
  for (const stepSize of [2, 0.3, 0, -1]) {
    cases[`step size ${stepSize}`] = {
      rule: smallRule({ stepSize }),
      grid: grid(9, 7),
      starts: [disc, mixed],
      gain: 0.8,
    };
  }
  return cases;
}

function pins(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  for (const mask of MASKS) {
    for (const boundary of BOUNDARIES) {
      for (const [name, pinned] of [
        ["channels", [1, 4]],
        ["the alive channel", [3]],
      ] as const) {
        cases[`${name} pinned, mask ${mask}, ${boundary}`] = {
          rule: smallRule({ boundary, pinned, alive: { mask } }),
          grid: grid(12, 13),
          starts: [mixed, strays, disc, scattered],
          steps: 5,
          gain: 1.5,
        };
      }
    }
    for (const threshold of [0, -0.4]) {
      cases[`channels pinned, mask ${mask}, threshold ${threshold}`] = {
        rule: smallRule({ pinned: [3, 5], inputSize: 3, alive: { mask, threshold } }),
        grid: grid(9, 10),
        starts: [mixed, disc, empty],
      };
    }
  }
  cases["pinned cells far from all life"] = {
    rule: smallRule({ pinned: [0, 2] }),
    grid: grid(24, 21),
    starts: [strays, corners],
    population: true,
    aliveBias: [-0.3],
  };
  cases["all channels pinned"] = {
    rule: smallRule({ pinned: [0, 1, 2, 3, 4, 5] }),
    grid: grid(9, 7),
    starts: [mixed, disc],
  };
  return cases;
}

function noise(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  for (const mask of MASKS) {
    for (const boundary of BOUNDARIES) {
      cases[`noise, mask ${mask}, ${boundary}`] = {
        rule: smallRule({ noise: 0.1, boundary, alive: { mask } }),
        grid: grid(11, 13),
        starts: [mixed, strays, empty, colonies],
        firstStep: 77,
      };
    }
    cases[`noise, step size -0.5, pinned channels, an input, mask ${mask}`] = {
      rule: smallRule({ noise: 0.3, stepSize: -0.5, pinned: [3, 4], inputSize: 2, alive: { mask } }),
      grid: grid(9, 7),
      starts: [disc, mixed],
    };
  }
  cases["noise that wakes empty cells"] = {
    rule: smallRule({ noise: 0.2, alive: { mask: "after" } }),
    grid: grid(12, 13),
    starts: [oneCell, empty],
    aliveBias: [-0.3],
  };
  return cases;
}

function depthwise(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  const perceive = { kind: "depthwise", size: 3, kernels: 3 } as const;
  for (const mask of MASKS) {
    for (const boundary of BOUNDARIES) {
      cases[`depthwise kernels, mask ${mask}, ${boundary}`] = {
        rule: smallRule({ perceive, boundary, alive: { mask } }),
        grid: grid(11, 13),
        starts: [mixed, strays, colonies, corners],
      };
    }
    cases[`depthwise kernels, an input, noise, pinned channels, mask ${mask}`] = {
      rule: smallRule({ perceive, inputSize: 3, noise: 0.1, pinned: [0, 4], alive: { mask } }),
      grid: grid(9, 7),
      starts: [disc, mixed],
    };
  }
  for (const channels of [1, 4, 13, 64]) {
    cases[`depthwise kernels of ${channels} channels`] = {
      rule: smallRule({ perceive: { ...perceive, kernels: 2 }, channels }),
      grid: grid(9, 7),
      starts: [disc, mixed],
    };
  }
  for (const size of [3, 5] as const) {
    for (const boundary of BOUNDARIES) {
      cases[`depthwise kernels of ${size}x${size} on 24x33 cells, ${boundary}`] = {
        rule: smallRule({ perceive: { kind: "depthwise", size, kernels: 4 }, boundary, hidden: [12] }),
        grid: grid(24, 33),
        starts: [full, scattered],
        steps: 4,
        gain: 0.8,
      };
      cases[`depthwise kernels of ${size}x${size} on 1x2 cells, ${boundary}`] = {
        rule: smallRule({ perceive: { kind: "depthwise", size, kernels: 1 }, boundary }),
        grid: grid(1, 2),
        starts: [full, full],
      };
    }
  }
  cases["depthwise kernels of its own for each sample"] = {
    rule: smallRule({ perceive, hidden: [] }),
    grid: grid(9, 7),
    starts: [disc, mixed, scattered, oneCell],
    steps: [5, 2, 3, 6],
    population: true,
  };
  return cases;
}

function attention(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  const perceive = { kind: "attention", heads: 2, size: 3 } as const;
  for (const mask of MASKS) {
    for (const boundary of BOUNDARIES) {
      cases[`attention, mask ${mask}, ${boundary}`] = {
        rule: smallRule({ perceive, boundary, alive: { mask } }),
        grid: grid(11, 13),
        starts: [mixed, strays, colonies, corners],
      };
    }
    cases[`attention, an input, noise, pinned channels, mask ${mask}`] = {
      rule: smallRule({ perceive, inputSize: 3, noise: 0.1, pinned: [0, 4], alive: { mask } }),
      grid: grid(5, 7),
      starts: [disc, mixed],
    };
  }
  for (const [channels, heads, size] of [
    [1, 1, 1],
    [4, 3, 4],
    [13, 1, 9],
    [17, 5, 2],
  ]) {
    cases[`attention of ${heads} heads of ${size} to ${channels} channels`] = {
      rule: smallRule({ perceive: { kind: "attention", heads, size }, channels }),
      grid: grid(9, 7),
      starts: [disc, mixed],
    };
  }
  for (const boundary of BOUNDARIES) {
    cases[`attention on 24x33 cells, ${boundary}`] = {
      rule: smallRule({ perceive, boundary, hidden: [12] }),
      grid: grid(24, 33),
      starts: [full, scattered],
      steps: 4,
    };
    for (const size of [grid(1, 1), grid(1, 2)]) {
      cases[`attention on ${size.join("x")} cells, ${boundary}`] = {
        rule: smallRule({ perceive, boundary, hidden: [] }),
        grid: size,
        starts: [full, full],
      };
    }
    for (const size of [[23], [3, 4, 5]] as const) {
      const count = size.length === 1 ? 1 : 3;
      cases[`attention on a grid of ${count === 1 ? "one axis" : "three axes"}, ${boundary}`] = {
        rule: smallRule({ axes: count, perceive, boundary }),
        grid: size,
        starts: [mixed, scattered],
      };
    }
  }
  cases["attention that is all but certain"] = {
    rule: smallRule({ perceive: { kind: "attention", heads: 2, size: 8 } }),
    grid: grid(9, 7),
    starts: [disc, mixed],
    gain: 4,
    steps: 2,
  };
  cases["attention of its own for each sample"] = {
    rule: smallRule({ perceive, hidden: [] }),
    grid: grid(9, 7),
    starts: [disc, mixed, scattered, oneCell],
    steps: [5, 2, 3, 6],
    population: true,
  };
  return cases;
}

function filter(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  const perceive = { kind: "filter" } as const;
  const named = ["laplacian", "sobelX", "sobelY"] as const;
  const far: Kernel = {
    taps: [
      { offset: [-2, 1], weight: 0.5 },
      { offset: [0, 2], weight: -0.75 },
      { offset: [0, 0], weight: 0.25 },
    ],
  };
  for (const mask of MASKS) {
    for (const boundary of BOUNDARIES) {
      cases[`one filter for each channel, mask ${mask}, ${boundary}`] = {
        rule: smallRule({ perceive, kernels: named, boundary, alive: { mask } }),
        grid: grid(11, 13),
        // Where empty cells become alike, their filters are 0 but for rounding.
        starts: mask === "none" ? [full, full, full] : [mixed, strays, colonies, corners],
      };
    }
    cases[`one filter for each channel, an input, noise, pinned channels, mask ${mask}`] = {
      rule: smallRule({
        perceive,
        kernels: named,
        inputSize: 3,
        noise: 0.1,
        pinned: [0, 4],
        alive: { mask },
      }),
      grid: grid(9, 7),
      starts: [disc, mixed],
    };
  }
  for (const channels of [1, 2, 5, 12]) {
    cases[`one filter for each of ${channels} channels`] = {
      rule: smallRule({ perceive, kernels: [...named, far], channels, hidden: [] }),
      grid: grid(9, 7),
      starts: [disc, mixed],
    };
  }
  for (const boundary of BOUNDARIES) {
    cases[`one filter for each channel on 24x33 cells, ${boundary}`] = {
      rule: smallRule({ perceive, kernels: [far, "sobelY"], boundary, hidden: [], fireRate: 1 }),
      grid: grid(24, 33),
      starts: [full, scattered],
      steps: 4,
      gain: 0.8,
    };
    cases[`one filter for each channel on 1x2 cells, ${boundary}`] = {
      rule: smallRule({ perceive, kernels: [far, "laplacian"], boundary }),
      grid: grid(1, 2),
      starts: [full, full],
    };
  }
  return cases;
}

/** Taps that see two cells far along one axis or three, on no line of symmetry. */
const farAlong: Readonly<Record<1 | 3, Kernel>> = {
  1: {
    taps: [
      { offset: [-2], weight: 0.7 },
      { offset: [3], weight: -0.4 },
    ],
  },
  3: {
    taps: [
      { offset: [-2, 0, 1], weight: 0.7 },
      { offset: [1, -1, 0], weight: -0.4 },
      { offset: [0, 2, -1], weight: 0.3 },
    ],
  },
};

/** Rows of cells, and cells in space. */
function axes(): Record<string, Case> {
  const cases: Record<string, Case> = {};
  const ofAxes = {
    1: {
      named: ["identity", "sobelX", "laplacian"],
      wide: [23],
      sizes: [[1], [2], [40]],
    },
    3: {
      named: ["identity", "sobelX", "sobelY", "sobelZ", "laplacian"],
      wide: [4, 6, 5],
      sizes: [
        [1, 1, 1],
        [1, 3, 2],
        [5, 2, 4],
      ],
    },
  } as const;
  for (const count of [1, 3] as const) {
    const { named, wide, sizes } = ofAxes[count];
    const here = count === 1 ? "one axis" : "three axes";
    const kernelsOf = [...named, farAlong[count]];
    for (const boundary of BOUNDARIES) {
      for (const mask of MASKS) {
        cases[`${here}, mask ${mask}, ${boundary}`] = {
          rule: smallRule({ axes: count, kernels: kernelsOf, boundary, alive: { mask } }),
          grid: wide,
          starts: [mixed, strays, oneCell, scattered],
          steps: 5,
        };
      }
      for (const size of sizes) {
        cases[`${here}, grid ${size.join("x")}, ${boundary}`] = {
          rule: smallRule({ axes: count, kernels: kernelsOf, boundary }),
          grid: size,
          starts: [full, scattered],
          steps: 4,
        };
      }
      for (const side of [3, 5] as const) {
        cases[`${here}, depthwise kernels of ${side}, ${boundary}`] = {
          rule: smallRule({
            axes: count,
            boundary,
            perceive: { kind: "depthwise", size: side, kernels: 2 },
          }),
          grid: wide,
          starts: [mixed, scattered],
          gain: 0.8,
        };
      }
    }
    cases[`${here}, noise, pinned channels, an input`] = {
      rule: smallRule({ axes: count, kernels: named, noise: 0.1, pinned: [0, 4], inputSize: 3 }),
      grid: wide,
      starts: [mixed, full],
      steps: [3, 5],
      population: true,
    };
  }
  return cases;
}

const requests: Record<string, Case> = {
  "parameters of its own for each sample": {
    rule: smallRule({ hidden: [12] }),
    grid: grid(9, 7),
    starts: [disc, mixed, scattered, oneCell],
    population: true,
  },
  "steps of its own for each sample": {
    rule: smallRule(),
    grid: grid(9, 7),
    starts: [disc, mixed, scattered, oneCell, disc],
    steps: [0, 7, 3, 1, 2],
  },
  "a population with inputs and steps": {
    rule: smallRule({ inputSize: 4 }),
    grid: grid(9, 7),
    starts: [disc, mixed, scattered, oneCell],
    steps: [5, 2, 3, 6],
    population: true,
  },
  "no steps": { rule: smallRule(), grid: grid(5, 6), starts: [disc, mixed], steps: 0 },
  "no steps, with an input": {
    rule: smallRule({ inputSize: 2 }),
    grid: grid(5, 6),
    starts: [disc, mixed],
    steps: 0,
  },
  "a later first step": { rule: smallRule(), grid: grid(9, 7), starts: [disc, mixed], firstStep: 1000 },
};

/** What runs too long for its sums to keep clear of every ReLU's kink; one cell there weighs little. */
export const longCases: Readonly<Record<string, Case>> = {
  "24 steps of a Distill automaton on 18x18": {
    rule: rulePresets.distill,
    grid: grid(18, 18),
    starts: [scattered],
    steps: 24,
    gain: 1,
    aliveBias: [-0.02],
    seed: 18,
  },
};

export const namedCases: Readonly<Record<string, Case>> = {
  ...presets,
  ...grids(),
  ...channelsAndLayers(),
  ...kernels(),
  ...masks(),
  ...firing(),
  ...pins(),
  ...noise(),
  ...depthwise(),
  ...attention(),
  ...filter(),
  ...axes(),
  ...requests,
};
