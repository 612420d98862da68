import { nameIsPathSegment } from '@pilothouse/apimachinery';
import type { Role } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { createdAtColumn, nameColumn } from '../printing/index.ts';
import { validateRules } from './policy-rules.ts';

export const role: KindBehaviour<Role> = {
  group: 'rbac.authorization.k8s.io',
  kind: 'Role',
  columns: [nameColumn, createdAtColumn],
  strategy: {
    validateName: nameIsPathSegment,
    validate: ({ rules }: Role) => validateRules(rules ?? [], true),
    validateUpdate: ({ rules }: Role) => validateRules(rules ?? [], true),
    allowCreateOnUpdate: true,
  },
};
