import { type StatusCause, StatusError } from '../errors/status-error.ts';
import type { FieldSet } from './field-set.ts';
import type { Manager } from './managed-fields.ts';
import { formatFieldPath, type PathElement } from './path-element.ts';

/** A field that an apply would change although someone else manages it. */
export interface Conflict {
  readonly manager: Manager;
  /** Identity of the manager, by which conflicts are grouped. */
  readonly key: string;
  readonly path: readonly PathElement[];
}

/** An apply that met conflicts. It becomes a 409 unless the conflicts turn out to be allowed. */
export class ApplyConflictError extends Error {
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    super(conflictMessage(conflicts));
    this.name = 'ApplyConflictError';
    this.conflicts = conflicts;
  }
}

export function conflictsOf(fields: ReadonlyMap<string, { manager: Manager; set: FieldSet }>): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const key of [...fields.keys()].sort()) {
    const { manager, set } = fields.get(key)!;
    for (const path of set.paths()) conflicts.push({ manager, key, path });
  }
  return conflicts;
}

/** The 409 with which upstream answers, one cause for each field. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const causes: StatusCause[] = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeManager(manager)}`,
    field: formatFieldPath(path),
  }));
  return new StatusError({ message: conflictMessage(conflicts), reason: 'Conflict', details: { causes }, code: 409 });
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  if (conflicts.length === 1) {
    const { manager, path } = conflicts[0]!;
    return `Apply failed with 1 conflict: conflict with ${describeManager(manager)}: ${formatFieldPath(path)}`;
  }
  const lines: string[] = [];
  let previous: string | undefined;
  for (const { manager, key, path } of conflicts) {
    if (key !== previous) lines.push(`conflicts with ${describeManager(manager)}:`);
    previous = key;
    lines.push(`- ${formatFieldPath(path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** `"kubectl" with subresource "status" using apps/v1`; the version of an applier does not matter. */
function describeManager({ name, operation, apiVersion, subresource }: Manager): string {
  const who = JSON.stringify(name) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === 'Update' ? `${who} using ${apiVersion}` : who;
}
