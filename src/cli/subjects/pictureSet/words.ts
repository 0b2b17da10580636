import { Option } from "commander";
import { HANDWRITING } from "../../../data/handwriting.ts";
import { MNIST_ADDRESS } from "../../../node/download.ts";
import { dataOption } from "../../dataOption.ts";
import { folderNamed, type SubjectWords } from "../subject.ts";

/** Pictures, to learn from and held out: handwriting, or a folder. */
export const pictureSet: SubjectWords = {
  heading: "Pictures and rule:",
  notes:
    "IDX files may be gzipped, and lie where torchvision puts them; pictures lie in the folder, in subfolders whose names are their labels, or below train and test.",
  arguments: () => [],
  options: () => [
    dataOption("handwriting"),
    new Option(
      "--download",
      `fetch MNIST from ${MNIST_ADDRESS} into the folder that --data names, if it is not there`,
    ),
  ],
  sourceOf: (commandLine) => folderNamed(commandLine, HANDWRITING),
  files: async () => (await import("./files.ts")).pictureSetFiles,
};
