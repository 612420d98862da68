import { forbidden } from '@pilothouse/apimachinery';
import type { CertificateSigningRequest, ClusterTrustBundle } from '@pilothouse/api';
import { deepEqual } from '@pilothouse/apimachinery';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

const GROUP = 'certificates.k8s.io';

/** Who approves a request for a signer must be allowed to, and so must who signs. */
export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    operations: ['UPDATE'],
    async validate(attributes) {
      if (isRequest(attributes, 'approval')) await checkSigner(authorizer, attributes, 'approve');
    },
  };
}

export function certificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    operations: ['UPDATE'],
    async validate(attributes) {
      if (!isRequest(attributes, 'status')) return;
      const [next, before] = [attributes.object, attributes.oldObject] as CertificateSigningRequest[];
      const failed = (request: CertificateSigningRequest | undefined) =>
        request?.status?.conditions?.filter(({ type }) => type === 'Failed');
      if (next?.status?.certificate === before?.status?.certificate && deepEqual(failed(next), failed(before))) return;
      await checkSigner(authorizer, attributes, 'sign');
    },
  };
}

/** Who publishes trust in a signer must be allowed to attest for it. */
export function clusterTrustBundleAttest(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'ClusterTrustBundleAttest',
    operations: ['CREATE', 'UPDATE'],
    async validate(attributes) {
      const { definition, name, object, oldObject } = attributes;
      if (definition.group !== GROUP || definition.resource !== 'clustertrustbundles') return;
      const [next, before] = [object, oldObject] as (ClusterTrustBundle | undefined)[];
      // The garbage collector may take an owner away without being asked about signers.
      if (before && deepEqual(next?.spec, before.spec)) return;
      const signer = next?.spec.signerName ?? '';
      if (signer === '' || (await maySpeakFor(authorizer, attributes, 'attest', signer))) return;
      throw forbidden(definition, name, `user not permitted to attest for signerName ${JSON.stringify(signer)}`);
    },
  };
}

/** No certificate for the apiserver's clients makes its holder all-powerful. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  operations: ['CREATE'],
  async validate(attributes) {
    if (!isRequest(attributes, '')) return;
    const { spec } = attributes.object as CertificateSigningRequest;
    if (spec?.signerName !== 'kubernetes.io/kube-apiserver-client') return;
    const { readCertificateRequest } = await import('@pilothouse/pki');
    const { organizations } = await readCertificateRequest(Buffer.from(spec.request ?? '', 'base64').toString());
    if (!organizations?.includes('system:masters')) return;
    const why = 'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed';
    throw forbidden(attributes.definition, attributes.name, why);
  },
};

function isRequest({ definition, subresource }: AdmissionAttributes, wanted: string): boolean {
  return definition.group === GROUP && definition.resource === 'certificatesigningrequests' && subresource === wanted;
}

async function checkSigner(
  authorizer: Authorizer,
  attributes: AdmissionAttributes,
  verb: 'approve' | 'sign',
): Promise<void> {
  const signer = (attributes.oldObject as CertificateSigningRequest).spec?.signerName ?? '';
  if (await maySpeakFor(authorizer, attributes, verb, signer)) return;
  const why = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`;
  throw forbidden(attributes.definition, attributes.name, why);
}

/** Permission for all signers of a domain is asked for as `<domain>/*`. */
async function maySpeakFor(
  authorizer: Authorizer,
  { user }: AdmissionAttributes,
  verb: string,
  signer: string,
): Promise<boolean> {
  const domain = `${signer.split('/')[0]}/*`;
  for (const name of [signer, domain]) {
    const place = {
      isResource: true,
      path: '',
      apiGroup: GROUP,
      apiVersion: '*',
      namespace: '',
      resource: 'signers',
      subresource: '',
    };
    if ((await authorizer.authorize({ user, verb, name, ...place })).decision === 'allow') return true;
  }
  return false;
}
