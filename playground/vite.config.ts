import { defineConfig } from "vite";
import { emojiPlugin } from "./emoji.plugin.ts";

/** What makes a page cross-origin isolated, which threads ask for; any host may send it. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  // Works from any host, and under any path of it.
  base: "./",
  plugins: [emojiPlugin()],
  build: { target: "es2022", outDir: "dist", emptyOutDir: true },
  worker: { format: "es" },
  server: { headers },
  preview: { headers },
});
