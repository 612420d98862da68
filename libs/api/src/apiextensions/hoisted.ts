import { deepEqual, type FieldPath, fieldPath } from '@pilothouse/apimachinery';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../generated/types.ts';

type PerVersion = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields';

export interface Placed<T> {
  readonly value: T;
  readonly path: FieldPath;
  /** Whether a version with this value has the status subresource. */
  readonly hasStatus: boolean;
}

/** Where upstream keeps what all versions have in common, and so where its messages say it stands. */
const COMMON_PLACE: Readonly<Record<PerVersion, string>> = {
  schema: 'validation',
  subresources: 'subresources',
  additionalPrinterColumns: 'additionalPrinterColumns',
  selectableFields: 'selectableFields',
};

/**
 * What the versions say on a subject, with the path that messages name. Upstream's internal form of a CRD says once, at
 * the top of the spec, what is the same in all versions, and it is the internal form that is validated: a CRD of one
 * version has its schema at `spec.validation`.
 */
export function placedValues<K extends PerVersion>(
  crd: CustomResourceDefinition,
  subject: K,
): Placed<CustomResourceDefinitionVersion[K] & {}>[] {
  const versions = crd.spec.versions ?? [];
  const first = versions[0]?.[subject];
  const hasStatus = (version: CustomResourceDefinitionVersion): boolean => version.subresources?.status !== undefined;
  if (versions.length > 0 && versions.every((version) => deepEqual(version[subject], first))) {
    return first === undefined
      ? []
      : [
          {
            value: first as never,
            path: fieldPath('spec', COMMON_PLACE[subject]),
            hasStatus: versions.some(hasStatus),
          },
        ];
  }
  return versions.flatMap((version, at) =>
    version[subject] === undefined
      ? []
      : [
          {
            value: version[subject] as never,
            path: fieldPath('spec', 'versions').index(at).child(subject),
            hasStatus: hasStatus(version),
          },
        ],
  );
}
