import type { Pod, Service } from '@pilothouse/api';

/** The service of the apiserver: every pod knows it, wherever it runs and whatever it asks for. */
const MASTER = { namespace: 'default', name: 'kubernetes' };

/**
 * The variables that tell a pod of the services of its namespace: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 * Only those that have an address; `enableServiceLinks: false` leaves out all but the apiserver's.
 */
export function serviceEnv(pod: Pod, services: readonly Service[]): Record<string, string> {
  const env: Record<string, string> = {};
  const known = services.filter(({ spec }) => spec?.clusterIP && spec.clusterIP !== 'None');
  const master = known.filter(
    ({ metadata }) => metadata.namespace === MASTER.namespace && metadata.name === MASTER.name,
  );
  const own = known.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
  for (const service of [...master, ...(pod.spec.enableServiceLinks === false ? [] : own)]) {
    Object.assign(env, variablesOf(service));
  }
  return env;
}

function variablesOf({ metadata, spec }: Service): Record<string, string> {
  const ports = spec?.ports ?? [];
  const address = spec?.clusterIP ?? '';
  const prefix = variableName(metadata.name ?? '');
  const env: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: address };
  if (ports[0]) env[`${prefix}_SERVICE_PORT`] = String(ports[0].port);
  for (const { name, port } of ports) if (name) env[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port);
  const host = address.includes(':') ? `[${address}]` : address;
  for (const [at, { port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`;
    if (at === 0) env[`${prefix}_PORT`] = url;
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    Object.assign(env, {
      [link]: url,
      [`${link}_PROTO`]: protocol.toLowerCase(),
      [`${link}_PORT`]: String(port),
      [`${link}_ADDR`]: address,
    });
  }
  return env;
}

const variableName = (name: string): string => name.toUpperCase().replaceAll('-', '_');
