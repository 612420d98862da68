import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages } from './bundled-packages.ts';
import { softwareBillOfMaterials, thirdPartyLicences } from './bill-of-materials.ts';

/** What can be bundled, and so be an image: every folder below apps/ that starts from a `main.ts`. */
export const APPS = [
  'apiserver',
  'scheduler',
  'controller-manager',
  'kubelet',
  'metrics-server',
  'pilothouse',
] as const;

export interface Bundle {
  readonly files: number;
  readonly bytes: number;
}

/** Our sources are ES modules and much of what they use is CommonJS, which expects these three names. */
const COMMONJS_NAMES = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `import { dirname as __pathDirname } from 'node:path';`,
  `import { fileURLToPath as __fileURLToPath } from 'node:url';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = __fileURLToPath(import.meta.url);`,
  `const __dirname = __pathDirname(__filename);`,
].join('\n');

/** Packages that others load when they are there; we ship none of them. */
const OPTIONAL = ['bufferutil', 'utf-8-validate', 'pino-pretty'];

/**
 * One app and all it uses, as `<outDir>/bin/main.js`; what is imported on demand is also evaluated on demand there. The same
 * sources give the same bytes. Nothing but Node is needed to run it.
 */
export async function bundleApp(app: string, root: string, outDir: string): Promise<Bundle> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const { metafile } = await build({
    entryPoints: { main: join(root, 'apps', app, 'src', 'main.ts') },
    outdir: join(outDir, 'bin'),
    absWorkingDir: root,
    metafile: true,
    bundle: true,
    // Split, an `import()` of a CommonJS package would bring its default export only.
    splitting: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Names of classes and functions stand in logs, and errors are told apart by them.
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    banner: { js: COMMONJS_NAMES },
    external: OPTIONAL,
    logLevel: 'error',
  });
  const packages = await bundledPackages(Object.keys(metafile.inputs), root);
  // etcd3 reads its .proto files at run time, from the folder `../proto` of the file it stands in.
  const etcd3 = packages.find(({ name }) => name === 'etcd3');
  if (etcd3) await cp(join(etcd3.directory, 'proto'), join(outDir, 'proto'), { recursive: true });
  await writeFile(join(outDir, 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(outDir, 'sbom.cdx.json'), softwareBillOfMaterials(app, packages));
  await writeFile(join(outDir, 'THIRD-PARTY-LICENCES.txt'), await thirdPartyLicences(packages));
  return measure(outDir);
}

async function measure(directory: string): Promise<Bundle> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return { files: files.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
