import { describe, expect, it } from 'vitest';
import type { Pod, PodTemplateSpec } from '@pilothouse/api';
import { examplePod } from '../example-objects.ts';
import { defaultPod } from '../pod/default-pod.ts';
import { defaultImagePullPolicy, imageTag } from './default-image-pull-policy.ts';
import { defaultPodTemplateSpec } from './default-pod-spec.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('the pull policy of an image', () => {
  it.each([
    ['nginx', 'latest', 'Always'],
    ['nginx:latest', 'latest', 'Always'],
    ['nginx:1.27', '1.27', 'IfNotPresent'],
    ['localhost:5000/a/b', 'latest', 'Always'],
    ['localhost:5000/a/b:v2', 'v2', 'IfNotPresent'],
    [`nginx@${digest}`, '', 'IfNotPresent'],
    [`nginx:latest@${digest}`, 'latest', 'Always'],
    ['Nginx', '', 'IfNotPresent'],
    ['', '', 'IfNotPresent'],
    ['a'.repeat(64), '', 'IfNotPresent'],
  ])('%s', (image, tag, policy) => {
    expect(imageTag(image)).toBe(tag);
    expect(defaultImagePullPolicy(image)).toBe(policy);
  });
});

function defaulted(change: (pod: Pod) => void): Pod {
  const pod = examplePod(change);
  defaultPod(pod);
  return pod;
}

describe('a Pod', () => {
  it('gets what every PodSpec gets', () => {
    expect(defaulted(() => {}).spec).toEqual({
      containers: [
        {
          name: 'app',
          image: 'nginx:1.27',
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    });
  });

  it('keeps what was said', () => {
    const { spec } = defaulted((pod) => {
      pod.spec.restartPolicy = 'Never';
      pod.spec.terminationGracePeriodSeconds = 0;
      pod.spec.enableServiceLinks = false;
    });
    expect(spec).toMatchObject({ restartPolicy: 'Never', terminationGracePeriodSeconds: 0, enableServiceLinks: false });
  });

  it('requests what it limits', () => {
    const { spec } = defaulted((pod) => {
      pod.spec.containers[0]!.resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m' } };
    });
    expect(spec.containers[0]!.resources!.requests).toEqual({ cpu: '100m', memory: '1Gi' });
  });

  it('has its ports on the host when it is on the host network', () => {
    const { spec } = defaulted((pod) => {
      pod.spec.hostNetwork = true;
      pod.spec.containers[0]!.ports = [{ containerPort: 80 }];
    });
    expect(spec.containers[0]!.ports).toEqual([{ containerPort: 80, protocol: 'TCP', hostPort: 80 }]);
  });

  it('counts resources in thousandths', () => {
    const { spec } = defaulted((pod) => {
      pod.spec.containers[0]!.resources = { requests: { cpu: '100u' } };
    });
    expect(spec.containers[0]!.resources!.requests).toEqual({ cpu: '1m' });
  });

  it('mirrors the deprecated name of its account', () => {
    expect(defaulted((pod) => (pod.spec.serviceAccount = 'robot')).spec.serviceAccountName).toBe('robot');
    expect(defaulted((pod) => (pod.spec.serviceAccountName = 'robot')).spec.serviceAccount).toBe('robot');
  });

  it('fills probes and handlers', () => {
    const { spec } = defaulted((pod) => {
      pod.spec.containers[0]!.livenessProbe = { httpGet: { port: 80 } };
    });
    expect(spec.containers[0]!.livenessProbe).toEqual({
      httpGet: { port: 80, path: '/', scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
  });

  it('fills volumes', () => {
    const { spec } = defaulted((pod) => {
      pod.spec.volumes = [
        { name: 'empty' },
        { name: 'secret', secret: { secretName: 's' } },
        { name: 'host', hostPath: { path: '/x' } },
        { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
        { name: 'claim', ephemeral: { volumeClaimTemplate: { spec: {} } } },
        { name: 'image', image: { reference: 'busybox' } },
      ];
    });
    expect(spec.volumes).toEqual([
      { name: 'empty', emptyDir: {} },
      { name: 'secret', secret: { secretName: 's', defaultMode: 420 } },
      { name: 'host', hostPath: { path: '/x', type: '' } },
      {
        name: 'token',
        projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }], defaultMode: 420 },
      },
      { name: 'claim', ephemeral: { volumeClaimTemplate: { spec: { volumeMode: 'Filesystem' } } } },
      { name: 'image', image: { reference: 'busybox', pullPolicy: 'Always' } },
    ]);
  });

  it('says for itself as a whole what its containers say (pod-level resources)', () => {
    const { spec } = defaulted((pod) => {
      pod.spec.resources = { limits: { cpu: '2', memory: '1Gi' } };
      pod.spec.containers[0]!.resources = { requests: { cpu: '500m' } };
    });
    expect(spec.resources!.requests).toEqual({ cpu: '500m', memory: '1Gi' });
  });
});

it('a template gets neither requests, host ports nor service links', () => {
  const template: PodTemplateSpec = {
    metadata: {},
    spec: {
      hostNetwork: true,
      containers: [{ name: 'app', image: 'a:1', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }],
    },
  };
  defaultPodTemplateSpec(template);
  expect(template.spec!.enableServiceLinks).toBeUndefined();
  expect(template.spec!.containers[0]).toMatchObject({
    ports: [{ containerPort: 80, protocol: 'TCP' }],
    resources: { limits: { cpu: '1' } },
  });
  expect(template.spec!.containers[0]!.resources!.requests).toBeUndefined();
});
