import { Option } from "commander";
import { HANDWRITING } from "../../../data/handwriting.ts";
import { MNIST_ADDRESS } from "../../../node/download.ts";
import { dataOption } from "../../dataOption.ts";
import { folderNamed, type SubjectWords } from "../subject.ts";

/** Pictures, to learn from and held out: handwriting, or a folder. */
export const pictureSet: SubjectWords = {
  heading: "Pictures and rule:",
  arguments: () => [],
  options: () => [
    dataOption("handwriting"),
    new Option(
      "--download",
      `fetch MNIST from ${MNIST_ADDRESS} into the folder that --data names, where it is not there yet`,
    ),
  ],
  sourceOf: (commandLine) => folderNamed(commandLine, HANDWRITING),
  files: async () => (await import("./files.ts")).pictureSetFiles,
};
