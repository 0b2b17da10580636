import { tex } from "@mdit/plugin-tex";
import temml from "temml";
import type { MarkdownRenderer } from "vitepress";

/** Formulas between dollars and in fences, as GitHub has them, in MathML: browsers draw it without a font or a style. */
export function formulas(markdown: MarkdownRenderer): void {
  markdown.use(tex, { mathFence: true, render });
}

function render(content: string, displayMode: boolean): string {
  const math = temml.renderToString(content, { displayMode, throwOnError: true });
  // To be reached by keyboard where it is wider than the page.
  return displayMode ? `<div class="formula" tabindex="0" v-pre>${math}</div>` : `<span v-pre>${math}</span>`;
}
