// Bundles the pages into a folder: index.html, and a script and a style named by their content.
//
// usage: node build.mjs FOLDER
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2]);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const result = await build({
  absWorkingDir: here,
  entryPoints: ['src/main.tsx', 'src/theme-first.ts', 'src/style.css'],
  entryNames: '[name]-[hash]',
  outdir: out,
  bundle: true,
  minify: true,
  metafile: true,
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});

let page = readFileSync(join(here, 'index.html'), 'utf8');
for (const [path, made] of Object.entries(result.metafile.outputs)) {
  const source = made.entryPoint && basename(made.entryPoint);
  if (source) page = page.replace(`src/${source}`, basename(path));
}
writeFileSync(join(out, 'index.html'), page);
copyFileSync(join(here, 'icon.svg'), join(out, 'icon.svg'));

// What is bundled is others' work, too; their licences want to go with it.
const bundled = ['preact', '@preact/signals', '@preact/signals-core', 'uplot'];
const licences = bundled.map((name) => {
  const folder = join(here, 'node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8')}`;
});
writeFileSync(join(out, 'licences.txt'), licences.join('\n\n'));
