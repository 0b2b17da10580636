import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { docPages, pageOf, root } from "./pages.ts";
import { repositoryAddress, resolveLinks } from "./links.ts";
import { formulas } from "./math.ts";
import { sidebarOf } from "./reference.ts";

const lessons = [
  ["What a cell holds", "state"],
  ["What a cell sees", "perception"],
  ["What a cell decides", "network"],
  ["No clock", "stochastic-update"],
  ["Alive or not", "living-cells"],
  ["Learning to grow", "training"],
].map(([text, name], index) => ({ text: `${index + 1}. ${text}`, link: `/lessons/${name}` }));

const guides = [
  ["Install", "install"],
  ["Your picture", "picture"],
  ["On your page", "page"],
  ["Research", "research"],
  ["Many machines", "machines"],
].map(([text, name]) => ({ text, link: `/guides/${name}` }));

const icon = readFileSync(new URL("icon.svg", import.meta.url), "utf8");

/** A static site that works under any path of any host, and asks no other host for anything. */
export default defineConfig({
  title: "Neoblast",
  description: "Train, run and show neural cellular automata, in Node and in the browser.",
  base: "./",
  lang: "en",
  srcDir: "..",
  srcExclude: ["!(site|docs|src)/**", "src/**/!(README).md", "README.md", "CONTRIBUTING.md", "**/dist/**"],
  rewrites: pageOf,
  outDir: "dist",
  // A visitor loads what they read.
  router: { prefetchLinks: false },
  cacheDir: "generated/cache",
  // Of the sources, whose folders have files that are named like those of a site's configuration, none.
  additionalConfig: {},
  // In the page, as pages that follow one another share it and lie in different folders.
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: `data:image/svg+xml,${encodeURIComponent(icon)}` }],
  ],
  markdown: {
    config: (markdown) => {
      formulas(markdown);
      markdown.core.ruler.push("neoblast-links", resolveLinks);
    },
    image: { lazyLoading: true },
  },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === "nca-canvas" } } },
  vite: {
    plugins: [
      {
        name: "neoblast-playground",
        configureServer: ({ middlewares }) => {
          // As hosts do, and Vite does not.
          middlewares.use((request, _, next) => {
            if (request.url === "/playground/") request.url = "/playground/index.html";
            next();
          });
        },
      },
    ],
    publicDir: fileURLToPath(new URL("../generated/public", import.meta.url)),
    // Pages import the library as those who installed it do.
    resolve: {
      alias: [
        { find: /^neoblast$/, replacement: `${root}src/index.ts` },
        { find: /^neoblast\/train$/, replacement: `${root}src/index.train.ts` },
        { find: /^neoblast\/element$/, replacement: `${root}src/element/index.ts` },
      ],
    },
    worker: { format: "es" },
    build: { target: "es2022" },
  },
  themeConfig: {
    search: {
      provider: "local",
      // What explains a word comes before the many names that mention it.
      options: {
        miniSearch: {
          searchOptions: { boostDocument: (page: string) => (page.includes("/reference/api/") ? 0.3 : 1) },
        },
      },
    },
    outline: { level: [2, 3] },
    nav: [
      { text: "Lessons", link: "/lessons/state", activeMatch: "/lessons/" },
      { text: "Guides", link: "/guides/install", activeMatch: "/guides/" },
      { text: "Documentation", link: "/docs/recipes", activeMatch: "/docs/" },
      {
        text: "Reference",
        activeMatch: "/reference/",
        items: [
          { text: "Programs: API", link: "/reference/api/" },
          { text: "Commands", link: "/reference/commands/" },
        ],
      },
      { text: "Playground", link: "/playground/", target: "_self" },
    ],
    sidebar: {
      "/lessons/": [{ text: "Lessons", items: lessons }],
      "/guides/": [{ text: "Guides", items: guides }],
      "/docs/": docPages,
      "/reference/api/": sidebarOf("api"),
      "/reference/commands/": sidebarOf("commands"),
    },
    socialLinks: [{ icon: "github", link: repositoryAddress, ariaLabel: "Source" }],
  },
});
