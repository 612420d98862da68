import { flag } from '../flags/flag.ts';
import type { Flag } from '../flags/flag.ts';

/** Flags that every component has. */
export const COMMON_FLAGS = {
  v: flag.int({ description: 'Number for the log level verbosity: 4 debugs, 6 traces.' }),
  'logging-format': flag.string({ default: 'json', description: 'Format of log lines: "json" or "text".' }),
  'feature-gates': flag.boolMap({ description: 'Pairs that switch features on or off, as in A=true,B=false.' }),
  'shutdown-timeout': flag.duration({ default: 4000, description: 'How long a graceful stop may take.' }),
  help: flag.bool({ description: 'Print this text.' }),
  version: flag.bool({ description: 'Print the version.' }),
};

export interface HealthServerDefaults {
  /** Upstream's port of this component. */
  readonly port: number;
  readonly host?: string;
  /** Names of the flags; `secure-port` and `bind-address` unless told. */
  readonly portFlag?: string;
  readonly hostFlag?: string;
  /** Plain HTTP, as the kubelet's healthz port is. */
  readonly insecure?: boolean;
}

/** The flags of the health server; port 0 as a value means that none is started. */
export function healthServerFlags(defaults: HealthServerDefaults): Record<string, Flag<unknown>> {
  const flags: Record<string, Flag<unknown>> = {
    [defaults.portFlag ?? 'secure-port']: flag.int({
      default: defaults.port,
      description: 'The port for health checks and metrics; 0 serves none.',
    }) as Flag<unknown>,
    [defaults.hostFlag ?? 'bind-address']: flag.string({
      default: defaults.host ?? '0.0.0.0',
      description: 'The address on which that port listens.',
    }) as Flag<unknown>,
  };
  if (!defaults.insecure) {
    flags['tls-cert-file'] = flag.string({
      description: 'Server certificate; self-signed unless given.',
    }) as Flag<unknown>;
    flags['tls-private-key-file'] = flag.string({ description: 'Key of the server certificate.' }) as Flag<unknown>;
    flags['client-ca-file'] = flag.string({
      description: 'Authority whose client certificates may read metrics and debug pages.',
    }) as Flag<unknown>;
  }
  return flags;
}
