import { stringify } from 'yaml';
import type { CertificatePair } from '../key-pair.ts';

export interface KubeconfigContent {
  readonly clusterName: string;
  readonly server: string;
  readonly caPem: string;
  readonly user: string;
  readonly client?: CertificatePair;
  readonly token?: string;
}

/** Everything embedded, so that the one file can be copied anywhere; context named as kubeadm names it. */
export function writeKubeconfig({ clusterName, server, caPem, user, client, token }: KubeconfigContent): string {
  const context = `${user}@${clusterName}`;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: clusterName, cluster: { server, 'certificate-authority-data': base64(caPem) } }],
      users: [
        {
          name: user,
          user: {
            ...(client && {
              'client-certificate-data': base64(client.certPem),
              'client-key-data': base64(client.keyPem),
            }),
            ...(token && { token }),
          },
        },
      ],
      contexts: [{ name: context, context: { cluster: clusterName, user } }],
      'current-context': context,
      preferences: {},
    },
    { lineWidth: 0 },
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
