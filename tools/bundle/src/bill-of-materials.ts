import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundledPackage } from './bundled-packages.ts';

/** CycloneDX 1.6, which image scanners read: https://cyclonedx.org/docs/1.6/json/. Without time and serial: reproducible. */
export function softwareBillOfMaterials(app: string, packages: readonly BundledPackage[]): string {
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: `pilothouse-${app}`, licenses: licences('Apache-2.0') } },
    components: packages.map(({ name, version, licence }) => ({
      type: 'library',
      name,
      version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: licences(licence),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The text of every licence, because a bundle is a copy of what it contains. */
export async function thirdPartyLicences(packages: readonly BundledPackage[]): Promise<string> {
  const sections = packages.map(async ({ name, version, licence, directory }) => {
    const entries = await readdir(directory, { withFileTypes: true });
    const named = entries.filter((entry) => entry.isFile() && /^(licen[cs]e|notice|copying)/i.test(entry.name));
    const files = named.map((entry) => entry.name).sort();
    const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
    return [`${name} ${version} (${licence || 'see the package'})`, '', ...texts.map((text) => text.trim()), ''];
  });
  return `${(await Promise.all(sections)).flat().join('\n')}\n`;
}

function licences(expression: string): { expression: string }[] {
  return expression === '' ? [] : [{ expression }];
}
