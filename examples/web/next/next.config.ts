import type { NextConfig } from "next";

// Without `output` the same page is rendered by `next start`.
export default { output: "export" } satisfies NextConfig;
