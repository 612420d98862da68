import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

// Those that are off unless they are asked for have rights of their own, too.
const controllers = '--controllers=*,bootstrap-signer-controller,token-cleaner-controller';
const cluster = useCluster({ nodes: 2, args: ['--extra', `kube-controller-manager=${controllers}`] });
const kubectl = kubectlOf(cluster);

const CLUSTER_INFO = 'get configmap cluster-info -n kube-public';
const BOOTSTRAP_TOKEN = `apiVersion: v1
kind: Secret
metadata: {name: bootstrap-token-abcdef, namespace: kube-system}
type: bootstrap.kubernetes.io/token
stringData: {token-id: abcdef, token-secret: 0123456789abcdef, usage-bootstrap-signing: 'true'}
`;

/** What was refused to a component for want of a right. While a new cluster starts, its roles may not be there yet. */
function refusals(): string[] {
  const logs = ['kube-controller-manager', 'kube-scheduler', 'kubelet'].map((name) =>
    readFileSync(join(cluster.get().dataDir, 'logs', `${name}.log`), 'utf8'),
  );
  return logs.join('').match(/User \\"[^"]*\\" cannot [^"]*/g) ?? [];
}

describe('who does what in a cluster', () => {
  it('is each controller under its own account, and each node as itself', async () => {
    const atStart = refusals();
    await kubectl('create namespace who');
    await kubectl('apply', readFileSync(join(import.meta.dirname, 'everything.yaml'), 'utf8'));
    await kubectl('create deployment web -n who --image=nginx --replicas=2');
    await kubectl('rollout status deployment/web -n who --timeout=90s');
    await kubectl('set image deployment/web -n who nginx=nginx:1.27');
    await kubectl('rollout status deployment/web -n who --timeout=90s');

    await kubectl('delete namespace who everything --timeout=90s');
    expect(refusals()).toEqual(atStart);
  });

  it('signs what nodes that join read first, as long as the token holds', async () => {
    const signatures = async () => Object.keys(JSON.parse(await kubectl(`${CLUSTER_INFO} -o jsonpath={.data}`)));
    await kubectl('create configmap cluster-info -n kube-public --from-literal=kubeconfig=content');
    await kubectl('apply', BOOTSTRAP_TOKEN);
    await expect.poll(signatures, { timeout: 20_000 }).toEqual(['jws-kubeconfig-abcdef', 'kubeconfig']);
    await kubectl('delete secret bootstrap-token-abcdef -n kube-system');
    await expect.poll(signatures, { timeout: 20_000 }).toEqual(['kubeconfig']);
    await kubectl(
      'apply',
      BOOTSTRAP_TOKEN.replace('stringData: {', "stringData: {expiration: '2020-01-01T00:00:00Z', "),
    );
    const tokens = () =>
      kubectl('get secrets -n kube-system --field-selector type=bootstrap.kubernetes.io/token -o name');
    await expect.poll(tokens, { timeout: 20_000 }).toBe('');
  });

  it('can be seen in accounts and managed fields', async () => {
    await kubectl('create deployment seen --image=nginx');
    await kubectl('rollout status deployment/seen --timeout=90s');
    const accounts = (await kubectl('get serviceaccounts -n kube-system -o name')).split('\n');
    for (const name of ['deployment-controller', 'replicaset-controller', 'generic-garbage-collector'])
      expect(accounts).toContain(`serviceaccount/${name}`);
    const managers = await kubectl('get deployment seen --show-managed-fields -o yaml');
    expect(managers).toContain('manager: kube-controller-manager');
  });

  it('is allowed to do what its work needs, and no more', async () => {
    const can = (who: string, what: string) =>
      kubectl(`auth can-i ${what} --as=${who}`).then(
        () => true,
        () => false,
      );
    const account = 'system:serviceaccount:kube-system';
    expect(await can(`${account}:replicaset-controller`, 'create pods')).toBe(true);
    expect(await can(`${account}:replicaset-controller`, 'get secrets')).toBe(false);
    expect(await can('system:kube-controller-manager', 'create pods')).toBe(false);
    expect(await can('system:kube-scheduler', 'create pods --subresource=binding')).toBe(true);
    expect(await can('pilothouse:kubelet', 'delete nodes')).toBe(false);
  });
});
