// Which files the built console depends on, and the hashes that say so: the format of sha256sum,
// so that `sha256sum -c dist/SOURCE.sha256` names what differs.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export const OUTPUTS = ["index.html", "app.js", "app.css", "icon.svg"];
const SINGLE_SOURCES = ["package.json", "package-lock.json", "tsconfig.json", "scripts/build.mjs"];

async function filesBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = entries.map((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
  return (await Promise.all(nested)).flat();
}

/** One line a file: the sources, then the outputs found in `dist`. */
export async function hashLines(dist) {
  const sources = [...SINGLE_SOURCES, ...(await filesBelow("src"))].sort();
  const files = [
    ...sources.map((path) => [path, path]),
    ...OUTPUTS.map((name) => [join(dist, name), `dist/${name}`]),
  ];
  const lines = files.map(async ([path, name]) => {
    const hash = createHash("sha256").update(await readFile(path)).digest("hex");
    return `${hash}  ${name}\n`;
  });
  return (await Promise.all(lines)).join("");
}
