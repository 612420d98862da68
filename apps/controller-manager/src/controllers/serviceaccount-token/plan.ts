import { deepEqual } from '@pilothouse/apimachinery';
import type { Secret, ServiceAccount } from '@pilothouse/api';
import { signToken } from './sign-token.ts';

export const TOKEN_TYPE = 'kubernetes.io/service-account-token';
export const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
export const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

export type TokenPlan =
  | { readonly do: 'nothing' }
  | { readonly do: 'delete' }
  | { readonly do: 'update'; readonly secret: Secret };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** What becomes of a token Secret: filled for its account, or deleted when that is gone or another by now. */
export function planToken(
  secret: Secret,
  account: ServiceAccount | undefined,
  { privateKeyPem, rootCa }: { readonly privateKeyPem: string; readonly rootCa: string | undefined },
): TokenPlan {
  const { name = '', namespace = '', annotations = {} } = secret.metadata;
  const uid = account?.metadata.uid ?? '';
  if (!account || (annotations[ACCOUNT_UID] && annotations[ACCOUNT_UID] !== uid)) return { do: 'delete' };
  const data: Record<string, string> = {
    ...secret.data,
    ...(rootCa === undefined ? {} : { 'ca.crt': base64(rootCa) }),
    namespace: base64(namespace),
  };
  if (!data['token']) {
    const accountName = account.metadata.name ?? '';
    const prefix = 'kubernetes.io/serviceaccount';
    const claims = {
      iss: 'kubernetes/serviceaccount',
      [`${prefix}/namespace`]: namespace,
      [`${prefix}/secret.name`]: name,
      [`${prefix}/service-account.name`]: accountName,
      [`${prefix}/service-account.uid`]: uid,
      sub: `system:serviceaccount:${namespace}:${accountName}`,
    };
    data['token'] = base64(signToken(privateKeyPem, claims));
  }
  if (deepEqual(data, secret.data) && annotations[ACCOUNT_UID] === uid) return { do: 'nothing' };
  const metadata = { ...secret.metadata, annotations: { ...annotations, [ACCOUNT_UID]: uid } };
  return { do: 'update', secret: { ...secret, metadata, data } };
}
