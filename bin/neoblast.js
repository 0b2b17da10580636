#!/usr/bin/env node
import { existsSync } from "node:fs";

const entry = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(entry)) {
  const { endSoon, main } = await import(entry);
  await main(process.argv.slice(2));
  endSoon();
} else {
  console.error("neoblast: this copy of the source is not built yet; run npm run build in its folder");
  process.exitCode = 1;
}
