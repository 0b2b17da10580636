import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DefaultTheme } from "vitepress";
import { root } from "./pages.ts";

/** What `scripts/site` made beside the pages of a part of the reference. */
export function sidebarOf(part: "api" | "commands"): DefaultTheme.SidebarItem[] {
  const file = join(root, "site/generated", part, "sidebar.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}
