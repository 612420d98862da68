import { readFileSync } from 'node:fs';
import { parseDurationMs } from '@pilothouse/component';

/** One entry of `extenders` in a KubeSchedulerConfiguration. */
export interface ExtenderConfiguration {
  readonly urlPrefix: string;
  readonly filterVerb?: string;
  readonly preemptVerb?: string;
  readonly prioritizeVerb?: string;
  readonly bindVerb?: string;
  readonly weight?: number;
  readonly enableHTTPS?: boolean;
  readonly tlsConfig?: {
    readonly insecure?: boolean;
    readonly serverName?: string;
    readonly certFile?: string;
    readonly keyFile?: string;
    readonly caFile?: string;
    /** Base64. */
    readonly certData?: string;
    readonly keyData?: string;
    readonly caData?: string;
  };
  /** Like `5s`. */
  readonly httpTimeout?: string;
  /** It knows the nodes itself: their names are enough. */
  readonly nodeCacheCapable?: boolean;
  readonly managedResources?: readonly { readonly name: string; readonly ignoredByScheduler?: boolean }[];
  /** An extender that does not answer is left out. */
  readonly ignorable?: boolean;
}

const FIELDS = new Set([
  'urlPrefix',
  'filterVerb',
  'preemptVerb',
  'prioritizeVerb',
  'weight',
  'bindVerb',
  'enableHTTPS',
  'tlsConfig',
  'httpTimeout',
  'nodeCacheCapable',
  'managedResources',
  'ignorable',
]);

/** Throws on what cannot be read. */
export function checkExtenderFields(extenders: readonly ExtenderConfiguration[]): void {
  extenders.forEach((extender, index) => {
    const path = `extenders[${index}]`;
    for (const name of Object.keys(extender))
      if (!FIELDS.has(name)) throw new Error(`strict decoding error: unknown field "${path}.${name}"`);
    if (extender.httpTimeout !== undefined && parseDurationMs(extender.httpTimeout) === undefined)
      throw new Error(`${path}.httpTimeout: invalid duration "${extender.httpTimeout}"`);
  });
}

/** What upstream's validation says against them. */
export function extenderProblems(extenders: readonly ExtenderConfiguration[]): string[] {
  const problems: string[] = [];
  const managed = new Set<string>();
  extenders.forEach(({ urlPrefix, prioritizeVerb, weight = 0, managedResources = [] }, index) => {
    const path = `extenders[${index}]`;
    if (!URL.canParse(urlPrefix)) problems.push(`${path}.urlPrefix: Invalid value: "${urlPrefix}": must be a URL`);
    if (prioritizeVerb && weight <= 0)
      problems.push(`${path}.weight: Invalid value: ${weight}: must have a positive weight applied to it`);
    managedResources.forEach(({ name }, at) => {
      const namePath = `${path}.managedResources[${at}].name`;
      if (!isExtendedResource(name))
        problems.push(`${namePath}: Invalid value: "${name}": is an invalid extended resource name`);
      if (managed.has(name))
        problems.push(`${namePath}: Invalid value: "${name}": duplicate extender managed resource name`);
      managed.add(name);
    });
  });
  const binders = extenders.filter(({ bindVerb }) => bindVerb).length;
  if (binders > 1) {
    const found = `"found ${binders} extenders implementing bind"`;
    problems.push(`extenders: Invalid value: ${found}: only one extender can implement bind`);
  }
  return problems;
}

/** A name of somebody's own domain, and no request that a quota counts. */
function isExtendedResource(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

/** What a TLS connection to the extender is made with. */
export function tlsOptions({ tlsConfig = {} }: ExtenderConfiguration): object {
  const { insecure, serverName, certFile, keyFile, caFile, certData, keyData, caData } = tlsConfig;
  const read = (data: string | undefined, file: string | undefined): Buffer | undefined =>
    data ? Buffer.from(data, 'base64') : file ? readFileSync(file) : undefined;
  const entries = Object.entries({
    cert: read(certData, certFile),
    key: read(keyData, keyFile),
    ca: read(caData, caFile),
    servername: serverName,
    rejectUnauthorized: insecure ? false : undefined,
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
