import { describe, expect, it } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

const cluster = useCluster();
const kubectl = kubectlOf(cluster);

describe('kubectl against a fresh cluster', () => {
  it('discovers what is served and explains it', async () => {
    expect(await kubectl('api-versions')).toContain('apps/v1');
    expect(await kubectl('api-resources')).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m);
    expect(await kubectl('explain deployment.spec.strategy')).toMatch(/rollingUpdate\s+<RollingUpdateDeployment>/);
    expect(await kubectl('version -o json')).toMatch(/"minor": "36"/);
    expect(await kubectl('cluster-info')).toContain('control plane');
  });

  it('prints pods in every form', async () => {
    await kubectl('create namespace forms');
    await kubectl('run one -n forms --image=nginx');
    await kubectl('wait pod/one -n forms --for=condition=Ready --timeout=30s');
    expect(await kubectl('get pods -n forms')).toMatch(/^one +1\/1 +Running +0 +/m);
    expect(await kubectl('get pods -n forms -o wide')).toMatch(/node-\d/);
    expect(await kubectl('get pods -n forms -o name')).toBe('pod/one');
    expect(JSON.parse(await kubectl('get pod one -n forms -o json'))).toMatchObject({
      kind: 'Pod',
      status: { phase: 'Running' },
    });
    expect(await kubectl('get pod one -n forms -o yaml')).toContain('phase: Running');
    expect(await kubectl('get pods -n forms -o custom-columns=IMAGE:.spec.containers[0].image --no-headers')).toBe(
      'nginx',
    );
    const described = await kubectl('describe pod one -n forms');
    expect(described).toMatch(/Normal +Scheduled .* Successfully assigned forms\/one to node-\d/);
    expect(described).toMatch(/Normal +Started/);
  });

  it('labels, annotates, patches and edits', async () => {
    await kubectl('create namespace changes');
    await kubectl('create configmap settings -n changes --from-literal=colour=blue');
    await kubectl('label configmap settings -n changes tier=front');
    await kubectl('annotate configmap settings -n changes note=x');
    await kubectl(`patch configmap settings -n changes --type=merge -p '{"data":{"size":"9"}}'`);
    await kubectl(
      `patch configmap settings -n changes --type=json -p '[{"op":"replace","path":"/data/colour","value":"red"}]'`,
    );
    expect(JSON.parse(await kubectl('get configmap -n changes -l tier=front -o jsonpath={.items[0].data}'))).toEqual({
      colour: 'red',
      size: '9',
    });
    expect(await kubectl('create configmap other -n changes --from-literal=a=b --dry-run=server -o name')).toBe(
      'configmap/other',
    );
    await expect(kubectl('get configmap other -n changes')).rejects.toThrow('configmaps "other" not found');
  });

  it('keeps pods off a cordoned or tainted node and drains it', async () => {
    await kubectl('create namespace moving');
    await kubectl('create deployment web -n moving --image=nginx --replicas=6');
    await kubectl('rollout status deployment/web -n moving --timeout=60s');
    await kubectl('drain node-1 --ignore-daemonsets --force --timeout=60s');
    await kubectl('rollout status deployment/web -n moving --timeout=60s');
    const nodes = await kubectl('get pods -n moving -o jsonpath={.items[*].spec.nodeName}');
    expect(nodes.split(' ')).toHaveLength(6);
    expect(nodes).not.toContain('node-1');
    await kubectl('uncordon node-1');
    await kubectl('taint node node-2 held=yes:NoExecute');
    await kubectl('wait deployment/web -n moving --for=jsonpath={.status.readyReplicas}=6 --timeout=60s');
    await kubectl('taint node node-2 held-');
  });

  it('says why a pod cannot be scheduled, in upstream’s words', async () => {
    await kubectl('create namespace stuck');
    await kubectl(
      `run big -n stuck --image=nginx --overrides='{"spec":{"containers":[{"name":"big","image":"nginx","resources":{"requests":{"cpu":"999"}}}]}}'`,
    );
    await kubectl('wait pod/big -n stuck --for=condition=PodScheduled=False --timeout=30s');
    expect(await kubectl('get pod big -n stuck -o jsonpath={.status.conditions[0].message}')).toMatch(
      /^0\/3 nodes are available: 3 Insufficient cpu\./,
    );
  });

  it('empties a namespace and then deletes it', async () => {
    await kubectl('create namespace doomed');
    await kubectl('create deployment web -n doomed --image=nginx --replicas=3');
    await kubectl('create configmap a -n doomed --from-literal=a=b');
    await kubectl('delete namespace doomed --timeout=60s');
    await expect(kubectl('get namespace doomed')).rejects.toThrow('namespaces "doomed" not found');
    expect(await kubectl('get pods -A -o jsonpath={.items[*].metadata.namespace}')).not.toContain('doomed');
  });

  it('runs a CronJob’s Jobs by hand and by clock', async () => {
    await kubectl('create namespace clock');
    await kubectl(`create cronjob tick -n clock --image=busybox --schedule='* * * * *' -- echo tock`);
    await kubectl('create job now -n clock --from=cronjob/tick');
    await kubectl('wait job/now -n clock --for=condition=Complete --timeout=60s');
    expect(await kubectl('logs job/now -n clock')).toContain('tock');
  });

  it('shows an image that cannot be pulled', async () => {
    await kubectl('create namespace pulls');
    await kubectl('run broken -n pulls --image=registry.invalid/app:1');
    await kubectl(
      'wait pod/broken -n pulls --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull --timeout=30s',
    ).catch(() =>
      kubectl(
        'wait pod/broken -n pulls --for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff --timeout=30s',
      ),
    );
    expect(await kubectl('get pods -n pulls')).toMatch(/ErrImagePull|ImagePullBackOff/);
  });
});
