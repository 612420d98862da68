import { type FieldPath, parseQuantity } from '@pilothouse/apimachinery';
import type { Container } from '@pilothouse/api';

/** Half a byte of memory is a typing error: `100m` for `100M`. */
export function fractionalBytes(text: string | undefined, path: FieldPath, warnings: string[]): void {
  if (text === undefined || !/[mun]$/.test(text)) return;
  if (parseQuantity(text).toMilli() % 1000 === 0) return;
  warnings.push(`${path}: fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`);
}

export function containerWarnings(container: Container, path: FieldPath, warnings: string[]): void {
  for (const resource of ['memory', 'ephemeral-storage']) {
    for (const which of ['limits', 'requests'] as const) {
      const text = container.resources?.[which]?.[resource];
      if (text !== undefined) fractionalBytes(text, path.child('resources', which).key(resource), warnings);
    }
  }
  duplicateEnvWarnings(container, path, warnings);
}

/** A variable may build on an earlier one of its name (`X=$(X):more`); otherwise it hides it. */
function duplicateEnvWarnings({ env }: Container, path: FieldPath, warnings: string[]): void {
  const names = new Set<string>();
  env?.forEach(({ name, value = '', valueFrom }, index) => {
    if (names.has(name)) {
      const reference = `$(${name})`;
      if (valueFrom || value === reference || !value.includes(reference)) {
        const at = path.child('env').index(index);
        warnings.push(`${at}: hides previous definition of "${name}", which may be dropped when using apply`);
      }
    }
    names.add(name);
  });
}
