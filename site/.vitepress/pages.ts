import { fileURLToPath } from "node:url";

/** The repository, which is the root of all pages: those of `docs` are read where they lie. Ends with a slash. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where the page of a Markdown file is: both relative, the file's to the repository, the page's to the site. */
export function pageOf(file: string): string {
  return (
    file
      .replace(/^site\/generated\//, "reference/")
      .replace(/^site\//, "")
      // A guide, though whoever reads the repository finds it with the other pages.
      .replace(/^docs\/yourPage\.md$/, "guides/page.md")
      .replace(
        /^src\/(.*)\/README\.md$/,
        (_, folder: string) => `docs/source/${folder.replaceAll("/", "-")}.md`,
      )
      .replace(/(^|\/)README\.md$/, "$1index.md")
  );
}

const doc = (text: string, name: string) => ({ text, link: `/docs/${name}` });

/** The pages of `docs`, in an order in which one could read them. */
export const docPages = [
  {
    text: "Pictures",
    items: [
      doc("Recipes", "recipes"),
      doc("Other starts and damage", "control"),
      doc("What happens inside", "inspection"),
      doc("Textures", "textures"),
      doc("Shaders", "shaders"),
      doc("From one picture to another", "transform"),
    ],
  },
  {
    text: "Other tasks",
    items: [
      doc("Digits from a code", "digits"),
      doc("Cells that classify", "classification"),
      doc("Cells that restore", "restoration"),
      doc("Puzzles in rows", "arc"),
    ],
  },
  {
    text: "Training",
    items: [
      doc("How it was found", "training"),
      doc("Without gradients", "evolution"),
      doc("With a critic", "reinforcement"),
      doc("Sweeps", "sweep"),
      doc("Many machines", "cluster"),
      doc("Graphics cards", "webgpu"),
      doc("Benchmarks", "benchmarks"),
    ],
  },
  {
    text: "Pages and files",
    items: [
      doc("The element", "element"),
      doc("Playground", "playground"),
      doc("Model files", "model"),
      doc("Import", "import"),
      doc("Security", "security"),
    ],
  },
  {
    text: "Source",
    items: [
      doc("The step and its adjoint", "source/engine"),
      doc("The WebGPU engine", "source/engine-webgpu"),
      doc("Shared work", "source/cluster"),
    ],
  },
];
