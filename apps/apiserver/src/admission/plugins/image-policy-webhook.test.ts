import { systemClock } from '@pilothouse/component';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KubeconfigService } from '../../testing/kubeconfig-service.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import { imagePolicyWebhook } from './image-policy-webhook.ts';

interface Review {
  readonly spec: { readonly containers: { readonly image: string }[]; readonly annotations?: object };
}

let service: KubeconfigService<Review>;

beforeAll(async () => {
  service = await KubeconfigService.start(statusOf);
});

afterAll(() => service?.close());

beforeEach(() => service.reset());

function statusOf({ spec }: Review): unknown {
  const bad = spec.containers.find(({ image }) => image.endsWith(':latest'));
  const status = bad ? { allowed: false, reason: `${bad.image} may be anything` } : { allowed: true };
  return { ...status, auditAnnotations: { checked: 'yes' } };
}

function plugin(settings: object = {}) {
  const imagePolicy = { kubeConfigFile: service.kubeConfigFile, retryBackoff: 1, ...settings };
  const made = imagePolicyWebhook(new Map([['ImagePolicyWebhook', { imagePolicy }]]), systemClock());
  made.configure!();
  return made;
}

const notes = new Map<string, string>();

const attributes = (spec: object, annotations: object = {}, subresource = '') =>
  ({
    definition: { group: '', resource: 'pods' },
    ...{ subresource, namespace: 'default', name: 'a', object: { metadata: { annotations }, spec } },
    annotate: (key: string, value: string) => void notes.set(key, value),
  }) as unknown as AdmissionAttributes;

describe('ImagePolicyWebhook', () => {
  it('asks about every image, with the annotations that are meant for it, and remembers the answer', async () => {
    const made = plugin();
    const spec = { containers: [{ image: 'a:1' }], initContainers: [{ image: 'b:1' }] };
    const breakGlass = { 'team.image-policy.k8s.io/break-glass': 'yes', other: 'x' };
    for (let i = 0; i < 2; i++) await made.validate!(attributes(spec, breakGlass));
    expect(service.asked).toMatchObject([
      {
        kind: 'ImageReview',
        apiVersion: 'imagepolicy.k8s.io/v1alpha1',
        spec: {
          containers: [{ image: 'a:1' }, { image: 'b:1' }],
          annotations: { 'team.image-policy.k8s.io/break-glass': 'yes' },
          namespace: 'default',
        },
      },
    ]);
    expect(service.asked[0]!.spec.annotations).not.toHaveProperty('other');
    expect(notes.get('imagepolicywebhook.image-policy.k8s.io/checked')).toBe('yes');
  });

  it('refuses in upstream’s words', async () => {
    await expect(plugin().validate!(attributes({ containers: [{ image: 'a:latest' }] }))).rejects.toThrow(
      'pods "a" is forbidden: image policy webhook backend denied one or more images: a:latest may be anything',
    );
    const ephemeral = { containers: [{ image: 'a:latest' }], ephemeralContainers: [{ image: 'debug:1' }] };
    await plugin().validate!(attributes(ephemeral, {}, 'ephemeralcontainers'));
    expect(service.asked.at(-1)!.spec.containers).toEqual([{ image: 'debug:1' }]);
  });

  it('does as it is told when nobody answers', async () => {
    service.code = 503;
    const spec = { containers: [{ image: 'a:1' }] };
    await expect(plugin().validate!(attributes(spec))).rejects.toThrow('Error contacting webhook: 503');
    expect(service.asked).toHaveLength(5);
    await plugin({ defaultAllow: true }).validate!(attributes(spec));
    expect(notes.get('imagepolicywebhook.image-policy.k8s.io/failed-open')).toBe('true');
  });

  it('needs settings that make sense', () => {
    expect(() => plugin({ kubeConfigFile: '' })).toThrow('no kubeConfigFile provided');
    expect(() => plugin({ allowTTL: 4_000 })).toThrow('allowTTL: valid value is between 1s and 1800s, got 4000s');
  });
});
