import { formatApiVersion, type ResourceDefinition } from '@pilothouse/apimachinery';

/** What `--runtime-config` says of one version: the most particular key that names it wins, `api/all` loses to all. */
const LEVELS: Readonly<Record<string, (version: string) => boolean>> = {
  'api/all': () => true,
  'api/ga': (version) => /^v\d+$/.test(version),
  'api/beta': (version) => version.includes('beta'),
  'api/alpha': (version) => version.includes('alpha'),
};

/**
 * The definitions as `--runtime-config` wants them served: `api/all`, `api/ga`, `api/beta`, `api/alpha`,
 * `<group>/<version>` (`api/v1` for core) or `<group>/<version>/<resource>`, each `=true` or `=false`. A version that is
 * switched off is still read from storage and used by the server itself. Unless switched off, all versions are served.
 * Throws for keys and values that mean nothing.
 * https://kubernetes.io/docs/reference/using-api/#enabling-or-disabling-api-groups
 */
export function applyRuntimeConfig(
  definitions: readonly ResourceDefinition[],
  entries: readonly string[],
): readonly ResourceDefinition[] {
  if (entries.length === 0) return definitions;
  const settings = new Map(entries.map(parseEntry));
  checkKeys(settings, definitions);
  return definitions.map((definition) => {
    const isServed = ({ version }: { readonly version: string }) => serves(settings, definition, version);
    const off = definition.versions.filter((each) => !isServed(each));
    if (off.length === 0) return definition;
    const unservedVersions = [...(definition.unservedVersions ?? []), ...off];
    return { ...definition, versions: definition.versions.filter(isServed), unservedVersions };
  });
}

function parseEntry(entry: string): [key: string, isOn: boolean] {
  const at = entry.indexOf('=');
  const [key, value] = at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
  if (!/^(true|false|)$/i.test(value)) throw new Error(`invalid value of runtime-config key ${key}: ${value}`);
  return [key.trim(), value.toLowerCase() !== 'false'];
}

function checkKeys(settings: ReadonlyMap<string, boolean>, definitions: readonly ResourceDefinition[]): void {
  const known = new Set([
    ...Object.keys(LEVELS),
    ...definitions.flatMap((each) => each.versions.flatMap(({ version }) => keysOf(each, version))),
  ]);
  const groups = new Set(definitions.map(({ group }) => group));
  for (const key of settings.keys()) {
    const [group = ''] = key.split('/');
    // A version that this release no longer has may still be switched off or on.
    if (known.has(key) || (key.includes('/') && groups.has(group))) continue;
    throw new Error(`unknown api groups ${group}`);
  }
}

/** From the most particular to the most general. */
function keysOf({ group, resource }: ResourceDefinition, version: string): string[] {
  const groupVersion = group === '' ? `api/${version}` : formatApiVersion({ group, version });
  return [`${groupVersion}/${resource}`, groupVersion, ...(group === '' ? [version] : [])];
}

function serves(settings: ReadonlyMap<string, boolean>, definition: ResourceDefinition, version: string): boolean {
  const levels = Object.keys(LEVELS)
    .filter((level) => LEVELS[level]!(version))
    .reverse();
  for (const key of [...keysOf(definition, version), ...levels]) {
    const isOn = settings.get(key);
    if (isOn !== undefined) return isOn;
  }
  return true;
}
