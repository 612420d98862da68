import { readFileSync } from 'node:fs';
import { parseDurationMs } from '@pilothouse/component';

/** One entry of `extenders` in a KubeSchedulerConfiguration. */
export interface ExtenderConfiguration {
  readonly urlPrefix: string;
  readonly filterVerb?: string;
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

/** Throws on what upstream refuses, and on `preemptVerb`, which would be left out of preemptions it should judge. */
export function validateExtenders(extenders: readonly ExtenderConfiguration[]): void {
  const managed = new Set<string>();
  extenders.forEach((extender, index) => {
    const path = `extenders[${index}]`;
    for (const name of Object.keys(extender))
      if (!FIELDS.has(name)) throw new Error(`strict decoding error: unknown field "${path}.${name}"`);
    if ('preemptVerb' in extender && extender.preemptVerb)
      throw new Error(`${path}.preemptVerb: extenders can not take part in preemption`);
    if (!URL.canParse(extender.urlPrefix))
      throw new Error(`${path}.urlPrefix: Invalid value: "${extender.urlPrefix}": must be a URL`);
    if (extender.prioritizeVerb && !((extender.weight ?? 0) > 0))
      throw new Error(
        `${path}.weight: Invalid value: ${extender.weight ?? 0}: must have a positive weight applied to it`,
      );
    if (extender.httpTimeout !== undefined && parseDurationMs(extender.httpTimeout) === undefined)
      throw new Error(`${path}.httpTimeout: invalid duration "${extender.httpTimeout}"`);
    for (const { name } of extender.managedResources ?? []) {
      if (managed.has(name))
        throw new Error(`${path}.managedResources: Invalid value: "${name}": duplicate extended resource name`);
      managed.add(name);
    }
  });
  const binders = extenders.filter(({ bindVerb }) => bindVerb).length;
  if (binders > 1)
    throw new Error(
      `extenders: Invalid value: "found ${binders} extenders implementing bind": only one extender can implement bind`,
    );
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
