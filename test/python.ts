/** Python, for what is to be read there; tests that need it are skipped where it is missing. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The first Python that has all the modules, of .venv, $NEOBLAST_PYTHON and python3; undefined for none. */
export function findPython(modules: readonly string[]): string | undefined {
  const own = fileURLToPath(new URL("../.venv/bin/python", import.meta.url));
  const probe = `import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, ${JSON.stringify(modules)})))`;
  return [own, process.env.NEOBLAST_PYTHON, "python3"].find((python) => {
    if (!python) return false;
    try {
      execFileSync(python, ["-c", probe], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}
