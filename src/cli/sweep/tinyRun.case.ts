/** Settings of a run of `grow` on a few cells, in four steps, validated every two: for tests of sweeps. */
export const TINY_RUN = {
  "--size": 6,
  "--padding": 2,
  "--steps": 4,
  "--batch": 2,
  "--pool": 4,
  "--rollout": "4..6",
  initial: "random",
  "rule.hidden": [[8]],
  "training.warmup": 1,
  "training.validation": [{ aim: 0, every: 2, runs: 1, steps: [6] }],
};
