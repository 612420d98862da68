import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebhookServer } from '../integration/webhook-server.ts';
import { kubectlOf, useCluster } from './cluster.ts';

const cluster = useCluster();
const kubectl = kubectlOf(cluster);

let hooks: WebhookServer;
beforeAll(async () => {
  hooks = await WebhookServer.start();
});
afterAll(() => hooks?.close());

const configuration = (
  kind: 'Mutating' | 'Validating',
  name: string,
  clientConfig: { url: string; caBundle: string },
) => `
apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: {name: ${name}}
webhooks:
- name: ${name}.example.com
  clientConfig: {url: "${clientConfig.url}", caBundle: ${clientConfig.caBundle}}
  rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
  namespaceSelector: {matchLabels: {hooked: "yes"}}
  sideEffects: None
  admissionReviewVersions: [v1]
`;

describe('an operator’s webhooks', () => {
  it('change and refuse what kubectl creates', async () => {
    const label = [{ op: 'add', path: '/metadata/labels/injected', value: 'yes' }];
    await kubectl(
      'apply',
      configuration(
        'Mutating',
        'inject',
        hooks.serve('/inject', () => ({ allowed: true, patch: label })),
      ),
    );
    const verdict = hooks.serve('/check', ({ object }) => ({
      allowed: object.metadata.labels.injected === 'yes' && object.metadata.name !== 'bad',
      status: { message: 'bad is a bad name' },
    }));
    await kubectl('apply', configuration('Validating', 'check', verdict));
    await kubectl('create namespace hooked');
    await kubectl('label namespace hooked hooked=yes');
    // Who configures webhooks waits until they are asked, as on any cluster.
    const injected = '-n hooked run probe --image=nginx --dry-run=server -o jsonpath={.metadata.labels.injected}';
    await expect.poll(() => kubectl(injected), { timeout: 20_000 }).toBe('yes');
    await kubectl('-n hooked run good --image=nginx');
    expect(await kubectl('-n hooked get pod good -o jsonpath={.metadata.labels.injected}')).toBe('yes');
    await expect(kubectl('-n hooked run bad --image=nginx')).rejects.toThrow(
      'admission webhook "check.example.com" denied the request: bad is a bad name',
    );
  });
});

describe('a quota', () => {
  it('holds back a Deployment, and lets it go on when there is room again', async () => {
    await kubectl('create namespace limited');
    await kubectl('-n limited create quota pods --hard=pods=2');
    await kubectl('-n limited wait quota/pods --for=jsonpath={.status.hard.pods}=2 --timeout=20s');
    await kubectl('-n limited create deployment web --image=nginx --replicas=3');
    await kubectl('-n limited wait quota/pods --for=jsonpath={.status.used.pods}=2 --timeout=20s');
    await kubectl('-n limited wait deployment/web --for=condition=ReplicaFailure --timeout=20s');
    await kubectl('-n limited patch quota pods --type=merge -p \'{"spec":{"hard":{"pods":"3"}}}\'');
    await kubectl('-n limited scale deployment web --replicas=1');
    await kubectl('-n limited wait quota/pods --for=jsonpath={.status.used.pods}=1 --timeout=20s');
  });
});

describe('a disruption budget', () => {
  it('is kept up to date for evictions', async () => {
    await kubectl('create deployment budgeted --image=nginx --replicas=2');
    await kubectl('wait deployment/budgeted --for=condition=Available --timeout=30s');
    await kubectl('create poddisruptionbudget budgeted --selector=app=budgeted --min-available=2');
    await kubectl('wait poddisruptionbudget/budgeted --for=jsonpath={.status.currentHealthy}=2 --timeout=20s');
    expect(await kubectl('get poddisruptionbudget budgeted -o jsonpath={.status.disruptionsAllowed}')).toBe('0');
    await kubectl('scale deployment budgeted --replicas=3');
    await kubectl('wait poddisruptionbudget/budgeted --for=jsonpath={.status.disruptionsAllowed}=1 --timeout=20s');
  });
});

describe('a volume', () => {
  it('is bound to the claim that it fits, and released when the claim has gone', async () => {
    await kubectl(
      'apply',
      `
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec: {capacity: {storage: 2Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /tmp/disk}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`,
    );
    await kubectl('wait pvc/data --for=jsonpath={.status.phase}=Bound --timeout=20s');
    expect(await kubectl('get pvc data -o jsonpath={.spec.volumeName}')).toBe('disk');
    await kubectl('delete pvc data --timeout=20s');
    await kubectl('wait pv/disk --for=jsonpath={.status.phase}=Released --timeout=20s');
  });
});
