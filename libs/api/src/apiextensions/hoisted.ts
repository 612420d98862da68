import { deepEqual, type FieldPath, fieldPath } from '@pilothouse/apimachinery';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../generated/types.ts';

const SUBJECTS = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;
type Subject = (typeof SUBJECTS)[number];

/** What one version says, or all of them alike. */
export type VersionPart = Pick<CustomResourceDefinitionVersion, Subject>;

/**
 * What the versions say, as upstream's internal form of a CRD holds it: once at the top of the spec where all versions
 * say the same, and below each version where they differ. It is the internal form that is validated, so messages name
 * its paths: a CRD of one version has its schema at `spec.validation`.
 */
export interface Hoisted {
  readonly common: VersionPart;
  /** Of each version, in order: what it does not share with all others. */
  readonly own: readonly VersionPart[];
}

export function hoisted({ spec }: CustomResourceDefinition): Hoisted {
  const versions = spec.versions ?? [];
  const shared = new Set(versions.length === 0 ? [] : SUBJECTS.filter((subject) => isShared(versions, subject)));
  // Fields can only be selected where there is a schema.
  if (!shared.has('schema')) shared.delete('selectableFields');
  const part = (version: CustomResourceDefinitionVersion | undefined, wanted: boolean): VersionPart => {
    const subjects = SUBJECTS.filter((subject) => shared.has(subject) === wanted && version?.[subject] !== undefined);
    return Object.fromEntries(subjects.map((subject) => [subject, version![subject]]));
  };
  return { common: part(versions[0], true), own: versions.map((version) => part(version, false)) };
}

function isShared(versions: readonly CustomResourceDefinitionVersion[], subject: Subject): boolean {
  return versions.every((version) => deepEqual(version[subject], versions[0]?.[subject]));
}

/** The schemas of a CRD with the paths that messages name. */
export function placedSchemas(crd: CustomResourceDefinition): { schema: unknown; path: FieldPath }[] {
  const { common, own } = hoisted(crd);
  return [
    ...own.map(({ schema }, at) => ({ schema, path: fieldPath('spec', 'versions').index(at).child('schema') })),
    { schema: common.schema, path: fieldPath('spec', 'validation') },
  ].flatMap(({ schema, path }) =>
    schema?.openAPIV3Schema === undefined
      ? []
      : [{ schema: schema.openAPIV3Schema, path: path.child('openAPIV3Schema') }],
  );
}
