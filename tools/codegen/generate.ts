/**
 * proto/ → libs/api/src/generated: TypeScript types, the runtime schema, resource constants for clients, and
 * the descriptions of fields.
 * Does nothing when the inputs have not changed since the last run.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const protoFolder = join(root, 'proto');
const output = join(root, 'libs/api/src/generated');
const stampPath = join(output, '.stamp');

function inputsHash(): string {
  const hash = createHash('sha256');
  for (const folder of [protoFolder, here]) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (/\.(proto|ts)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex');
}

const stamp = inputsHash();
if (!existsSync(stampPath) || readFileSync(stampPath, 'utf8') !== stamp) {
  const { parseProtos } = await import('./parse-proto.ts');
  const { schemaJson } = await import('./schema-json.ts');
  const { descriptionsJson } = await import('./descriptions-json.ts');
  const { typesOf } = await import('./typescript-types.ts');
  const { typesIndex } = await import('./types-index.ts');
  const { resourceRefs } = await import('./resource-refs.ts');

  const model = parseProtos(protoFolder);
  rmSync(join(output, 'types'), { recursive: true, force: true });
  mkdirSync(join(output, 'types'), { recursive: true });
  for (const each of model.packages) writeFileSync(join(output, 'types', `${each.slug}.ts`), typesOf(each, model));
  writeFileSync(join(output, 'types.ts'), typesIndex(model));
  writeFileSync(join(output, 'schema.json'), schemaJson(model));
  writeFileSync(join(output, 'descriptions.json'), descriptionsJson(model));
  writeFileSync(join(output, 'resources.ts'), resourceRefs(model));
}
// Also when nothing had changed: whoever compares times must not look again.
writeFileSync(stampPath, stamp);
