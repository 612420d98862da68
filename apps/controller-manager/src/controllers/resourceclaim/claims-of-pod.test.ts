import { describe, expect, it } from 'vitest';
import type { Pod, ResourceClaimTemplate } from '@pilothouse/api';
import { claimFromTemplate, claimNamesOf } from './claims-of-pod.ts';

const pod = (name: string): Pod =>
  ({ metadata: { name, namespace: 'default', uid: 'u' }, spec: { containers: [] } }) as unknown as Pod;
const template = {
  spec: { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, spec: { devices: {} } },
} as unknown as ResourceClaimTemplate;

describe('the claim made from a template', () => {
  it('belongs to its pod and says what for', () => {
    const { metadata } = claimFromTemplate(pod('web'), { name: 'gpu' }, template);
    expect(metadata).toMatchObject({
      generateName: 'web-gpu-',
      labels: { a: 'b' },
      annotations: { c: 'd', 'resource.kubernetes.io/pod-claim-name': 'gpu' },
      ownerReferences: [{ kind: 'Pod', name: 'web', uid: 'u', controller: true, blockOwnerDeletion: true }],
    });
  });

  it.each([
    ['p'.repeat(200), 'gpu'],
    ['p'.repeat(200), 'e'.repeat(63)],
    ['web', 'e'.repeat(63)],
  ])('has room for the generated end of its name', (podName, entry) => {
    const { generateName = '' } = claimFromTemplate(pod(podName), { name: entry }, template).metadata;
    expect(generateName).toMatch(/^[pweb]+-[egpu]*-?$/);
    expect(generateName.length).toBeLessThanOrEqual(57);
  });
});

describe('the claims of a pod', () => {
  it('are those it names and those that were made for it', () => {
    const resourceClaims = [
      { name: 'given', resourceClaimName: 'mine' },
      { name: 'made', resourceClaimTemplateName: 't' },
      { name: 'not-made-yet', resourceClaimTemplateName: 't' },
    ];
    const status = {
      resourceClaimStatuses: [{ name: 'made', resourceClaimName: 'web-made-x' }],
      extendedResourceClaimStatus: { resourceClaimName: 'web-extended', requestMappings: [] },
    };
    const using = { ...pod('web'), spec: { containers: [], resourceClaims }, status } as Pod;
    expect(claimNamesOf(using)).toEqual(['mine', 'web-made-x', 'web-extended']);
  });
});
