// SPDX-License-Identifier: LGPL-2.1-or-later
// Bundles the page into the folder given as the one argument. Nothing of it is loaded from any other host at run time.
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) {
  console.error("usage: node build.mjs FOLDER");
  process.exit(2);
}

await mkdir(out, { recursive: true });
await build({
  entryPoints: [join(here, "src/main.ts")],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  legalComments: "linked",
  outfile: join(out, "app.js"),
});
for (const file of ["index.html", "style.css", "icon.svg"]) await copyFile(join(here, file), join(out, file));
