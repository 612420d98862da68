import {
  controllerRefOf,
  fieldPath,
  formatGroupKind,
  parseApiVersion,
  required,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { ControllerRevision } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, NONE } from '../printing/index.ts';
import { nonNegative } from './workload.ts';

export const controllerRevision: KindBehaviour<ControllerRevision> = {
  group: 'apps',
  kind: 'ControllerRevision',
  columns: [
    nameColumn,
    column<ControllerRevision>('Controller', (each) => {
      const owner = controllerRefOf(each);
      if (!owner) return NONE;
      return `${formatGroupKind(parseApiVersion(owner.apiVersion).group, owner.kind).toLowerCase()}/${owner.name}`;
    }),
    column<ControllerRevision>('Revision', ({ revision }) => revision),
    ageColumn,
  ],
  strategy: {
    validate: validateRevision,
    validateUpdate: (next: ControllerRevision, old: ControllerRevision) => [
      ...validateRevision(next),
      ...validateImmutableField(next.data, old.data, fieldPath('data')),
    ],
    allowUnconditionalUpdate: true,
  },
};

function validateRevision({ data, revision }: ControllerRevision) {
  return [
    ...(data === undefined || data === null ? [required(fieldPath('data'), 'data is mandatory')] : []),
    ...nonNegative(revision, fieldPath('revision')),
  ];
}
