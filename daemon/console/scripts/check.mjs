// Builds the console anew beside dist/ and fails where the two differ.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OUTPUTS } from "./sources.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), "xrayd-console-"));
let stale;
try {
  execFileSync(process.execPath, [join(folder, "scripts/build.mjs"), fresh]);
  stale = [...OUTPUTS, "SOURCE.sha256"].filter(
    (name) => !readFileSync(join(fresh, name)).equals(readFileSync(join(folder, "dist", name))),
  );
} finally {
  rmSync(fresh, { recursive: true });
}
if (stale.length > 0) {
  console.error(`dist/ is not what src/ builds to: ${stale.join(", ")}`);
  console.error("npm run build, and commit dist/ with the sources");
  process.exitCode = 1;
}
