/** Colours of sheets and plots: dark ink on paper, quiet helpers, one accent. */
export const colours = {
  paper: "#ffffff",
  panel: "#f5f4f0",
  frame: "#cfcdc6",
  grid: "#e9e7e1",
  muted: "#6b6a65",
  ink: "#2b2a27",
  accent: "#0c7c66",
} as const;

/** For text in SVG files, which their viewer draws with the fonts it has. */
export const FONT_STACK = "Inter, 'Helvetica Neue', 'Segoe UI', Roboto, Arial, sans-serif";
