import { isCrdConditionTrue, type CustomResourceDefinition, type CustomResourceDefinitionNames } from '@pilothouse/api';

export interface NamesPlan {
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly accepted: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string };
  /** The status of Established when it is not already true. */
  readonly established: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string };
}

/**
 * Which of its names a CRD gets: those that no other CRD of its group has. Names that it cannot have are left as they
 * were, and the last conflict is the reason. Upstream: NamingConditionController.
 */
export function planNames(crd: CustomResourceDefinition, others: Iterable<CustomResourceDefinition>): NamesPlan {
  const taken = new Set<string>();
  const takenKinds = new Set<string>();
  for (const other of others) {
    if (other.spec.group !== crd.spec.group || other.metadata?.uid === crd.metadata?.uid) continue;
    const names = other.status?.acceptedNames;
    if (names === undefined) continue;
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) if (name) taken.add(name);
    for (const kind of [names.kind, names.listKind]) if (kind) takenKinds.add(kind);
  }
  const requested = crd.spec.names;
  const acceptedNames: CustomResourceDefinitionNames = { ...(crd.status?.acceptedNames ?? { plural: '', kind: '' }) };
  let conflict: { reason: string; message: string } | undefined;
  const claim = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    names: ReadonlySet<string>,
    reason: string,
  ): void => {
    const name = requested[field] ?? '';
    if (name !== acceptedNames[field] && names.has(name))
      conflict = { reason, message: `${JSON.stringify(name)} is already in use` };
    else acceptedNames[field] = name;
  };
  claim('plural', taken, 'PluralConflict');
  claim('singular', taken, 'SingularConflict');
  const shortConflicts = (requested.shortNames ?? []).filter((name) => taken.has(name));
  if (shortConflicts.length > 0) {
    const messages = shortConflicts.map((name) => `${JSON.stringify(name)} is already in use`);
    conflict = {
      reason: 'ShortNamesConflict',
      message: messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`,
    };
  } else acceptedNames.shortNames = requested.shortNames;
  claim('kind', takenKinds, 'KindConflict');
  claim('listKind', takenKinds, 'ListKindConflict');
  acceptedNames.categories = requested.categories;
  if (acceptedNames.shortNames === undefined) delete acceptedNames.shortNames;
  if (acceptedNames.categories === undefined) delete acceptedNames.categories;

  if (conflict) {
    const established = { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' } as const;
    return { acceptedNames, accepted: { status: 'False', ...conflict }, established };
  }
  return {
    acceptedNames,
    accepted: { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    established: { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
  };
}

/** Objects can be served once it is established, and until its last instance is gone. */
export const isServed = (crd: CustomResourceDefinition): boolean => isCrdConditionTrue(crd, 'Established');
