// How public names are grouped: under the topic that has the longest beginning of the path of their file.

/** Topics of each subpath of the package, in the order in which they are listed: title, and places in `src`, in order. */
export const topics = {
  neoblast: [
    ["Engines", "engine/wasm/", "engine/webgpu/", "engine/reference/", "engine.ts", "engine/"],
    ["Models", "model/", "formats/", "tensor.ts"],
    ["Rules and steps", "rule/", "step/"],
    ["Starts and edits", "model/start.ts", "model/seed.ts", "edit/"],
    ["Pictures and data", "data/", "render/"],
    ["Evaluation", "analysis/"],
    ["Import", "importers/"],
    ["Export", "exporters/", "player/"],
    ["Errors and settings", "errors.ts", "config/", "random.ts"],
  ],
  "neoblast/train": [
    [
      "Growing",
      "experiments/growing/growing.ts",
      "experiments/growing/config.ts",
      "experiments/growing/",
      "experiments/picture.ts",
    ],
    ["Textures", "experiments/texture/"],
    ["Digits", "experiments/digits/"],
    ["Classification", "experiments/classification/"],
    ["Restoration", "experiments/restoration/"],
    ["Transformation", "experiments/transform/"],
    ["Puzzles", "experiments/arc/"],
    ["Evolution", "experiments/evolution/", "train/evolution/"],
    ["Reinforcement", "experiments/reinforcement/", "train/reinforcement/"],
    ["Trainers", "train/", "train/bptt/", "experiments/"],
    [
      "Tasks",
      "train/task.ts",
      "train/composeTask.ts",
      "train/pictureTask.ts",
      "train/goals.ts",
      "train/memory/",
    ],
    ["Losses", "train/loss/"],
    ["Optimisers", "train/optim/"],
    ["Settings", "config/"],
  ],
  "neoblast/nets": [["Networks", "nets/"]],
  "neoblast/node": [["Files and threads", "node/"]],
  "neoblast/element": [
    ["The element", "element/ncaCanvas.ts", "element/events.ts", "element/background.ts", "element/"],
  ],
  "neoblast/conformance": [["The suite", "conformance/"]],
};

/** The topic of a name that lies in a file of `src`, and the number of its place there. @throws Error where none has it. */
export function topicOf(subpath, file) {
  const found = topics[subpath]
    .flatMap(([title, ...places]) => places.map((place, index) => ({ title, place, index })))
    .filter(({ place }) => file.startsWith(place))
    .toSorted((a, b) => b.place.length - a.place.length);
  if (found.length > 0) return found[0];
  throw new Error(`scripts/site/api/topics.mjs has no topic of ${subpath} for src/${file}`);
}
