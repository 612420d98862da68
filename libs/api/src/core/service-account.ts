import { fieldPath } from '@pilothouse/apimachinery';
import type { ServiceAccount } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

const ENFORCE_MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';

export const serviceAccount: KindBehaviour<ServiceAccount> = {
  group: '',
  kind: 'ServiceAccount',
  columns: [nameColumn, column<ServiceAccount>('Secrets', ({ secrets = [] }) => secrets.length), ageColumn],
  strategy: {
    prepareForCreate: keepOnlySecretNames,
    prepareForUpdate: keepOnlySecretNames,
    warnings: ({ metadata }: ServiceAccount, old: ServiceAccount | undefined) => {
      const value = metadata.annotations?.[ENFORCE_MOUNTABLE_SECRETS];
      if (value === undefined || value === old?.metadata.annotations?.[ENFORCE_MOUNTABLE_SECRETS]) return [];
      const at = fieldPath('metadata', 'annotations').key(ENFORCE_MOUNTABLE_SECRETS);
      return [`${at}: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`];
    },
    updateChecks: ['metadataUpdate', 'metadata'],
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
};

/** Secrets are in the account's own namespace; nothing but the name of a reference counts. */
function keepOnlySecretNames(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}
