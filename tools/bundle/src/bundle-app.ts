import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** What can be bundled, and so be an image: every folder below apps/ that starts from a `main.ts`. */
export const APPS = ['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'pilothouse'] as const;

export interface Bundle {
  readonly outDir: string;
  readonly bytes: number;
  readonly files: number;
}

/**
 * Our sources are ES modules and most of what they use is CommonJS, which expects these three names. A chunk has the
 * same folder as the entry, so the paths are right in each.
 */
const COMMONJS_NAMES = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `import { dirname as __pathDirname } from 'node:path';`,
  `import { fileURLToPath as __fileURLToPath } from 'node:url';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = __fileURLToPath(import.meta.url);`,
  `const __dirname = __pathDirname(__filename);`,
].join('\n');

/**
 * One app and all it uses, as `<outDir>/bin/main.js` and chunks beside it that are loaded when they are first needed.
 * The same sources give the same bytes. Nothing but Node is needed to run it.
 */
export async function bundleApp(app: string, root: string, outDir: string): Promise<Bundle> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await build({
    entryPoints: { main: join(root, 'apps', app, 'src', 'main.ts') },
    outdir: join(outDir, 'bin'),
    chunkNames: 'chunk-[hash]',
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Names of classes and functions appear in logs and in errors that are told apart by them.
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    sourcemap: false,
    banner: { js: COMMONJS_NAMES },
    logLevel: 'error',
    external: ['bufferutil', 'utf-8-validate', 'pino-pretty'],
  });
  // etcd3 reads its .proto files at run time, from the folder `../proto` of the file it stands in.
  const require = createRequire(join(root, 'libs', 'etcd', 'package.json'));
  if (app === 'apiserver' || app === 'pilothouse') {
    await cp(join(dirname(require.resolve('etcd3/package.json')), 'proto'), join(outDir, 'proto'), { recursive: true });
  }
  await writeFile(join(outDir, 'package.json'), '{ "type": "module" }\n');
  return measure(outDir);
}

async function measure(outDir: string): Promise<Bundle> {
  const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map((file) => stat(join(file.parentPath, file.name)).then(({ size }) => size)));
  return { outDir, files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
