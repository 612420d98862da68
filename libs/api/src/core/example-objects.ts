import type { KubeObject, RequestContext } from '@pilothouse/apimachinery';
import type { Pod, Service } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';

/** Valid objects that tests start from, and the steps an object goes through before it is stored. */

export const NOW = new Date('2026-05-01T12:00:00Z');

export const CONTEXT: RequestContext = {
  now: NOW,
  user: { name: 'alice', groups: ['system:authenticated'] },
  namespace: 'default',
};

export const exampleMeta = () => ({ name: 'x', namespace: 'default' });

/** A row of the kind's table. */
export function cellsOf(columns: KindBehaviour['columns'], object: object): unknown[] {
  return (columns ?? []).map((column) => column.cell(object, NOW));
}

export function examplePod(change: (pod: Pod) => void = () => {}): Pod {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'app', image: 'nginx:1.27' }] },
  };
  change(pod);
  return pod;
}

export function exampleService(change: (service: Service) => void = () => {}): Service {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], clusterIP: '10.0.0.10', clusterIPs: ['10.0.0.10'] },
  };
  change(service);
  return service;
}

/** As the registry creates it: defaulted, prepared, validated. What is wrong with it, in words. */
export function problemsOnCreate<T extends KubeObject>(kind: KindBehaviour<T>, object: T): string[] {
  kind.defaults?.(object);
  kind.strategy?.prepareForCreate?.(object, CONTEXT);
  return (kind.strategy?.validate?.(object, CONTEXT) ?? []).map(String);
}

/** An object as it is after a successful create. */
export function created<T extends KubeObject>(kind: KindBehaviour<T>, object: T): T {
  kind.defaults?.(object);
  kind.strategy?.prepareForCreate?.(object, CONTEXT);
  return object;
}

/** As the registry updates it, through the main resource or a subresource. */
export function problemsOnUpdate<T extends KubeObject>(
  kind: KindBehaviour<T>,
  old: T,
  change: (object: T) => void,
  subresource?: string,
): string[] {
  const object = structuredClone(old);
  change(object);
  kind.defaults?.(object);
  const strategy = subresource === undefined ? kind.strategy : kind.subresources?.[subresource]?.strategy;
  strategy?.prepareForUpdate?.(object, old, CONTEXT);
  const errors = (strategy?.updateChecks ?? (['update'] as const)).flatMap((part) => {
    if (part === 'update') return strategy?.validateUpdate?.(object, old, CONTEXT) ?? [];
    return part === 'object' ? (strategy?.validate?.(object, CONTEXT) ?? []) : [];
  });
  return errors.map(String);
}
