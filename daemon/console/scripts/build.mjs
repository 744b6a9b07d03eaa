// Builds the console into dist/, or into the folder named as first argument.
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { hashLines } from "./sources.mjs";

const out = process.argv[2] ? resolve(process.argv[2]) : "dist";
process.chdir(fileURLToPath(new URL("..", import.meta.url)));

await mkdir(out, { recursive: true });
await build({
  absWorkingDir: process.cwd(),
  entryPoints: { app: "src/main.tsx" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome123", "firefox124", "safari17.5"],
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});
for (const name of ["index.html", "icon.svg"]) await copyFile(`src/${name}`, join(out, name));
await writeFile(join(out, "SOURCE.sha256"), await hashLines(out));
