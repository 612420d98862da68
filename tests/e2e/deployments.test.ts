import { describe, expect, it } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

const cluster = useCluster();
const kubectl = kubectlOf(cluster);

const images = (namespace: string): Promise<string> =>
  kubectl(`get pods -n ${namespace} -o jsonpath={.items[*].spec.containers[0].image}`);

describe('a Deployment', () => {
  it('is created, scaled, rolled out, rolled back, paused, restarted and deleted', async () => {
    await kubectl('create namespace rolling');
    await kubectl('create deployment web -n rolling --image=nginx:1.25 --replicas=10');
    await kubectl('rollout status deployment/web -n rolling --timeout=60s');
    expect((await kubectl('get pods -n rolling -o name')).split('\n')).toHaveLength(10);

    await kubectl('scale deployment/web -n rolling --replicas=4');
    await kubectl('wait deployment/web -n rolling --for=jsonpath={.status.replicas}=4 --timeout=30s');

    await kubectl('set image deployment/web -n rolling nginx=nginx:1.26');
    await kubectl('rollout status deployment/web -n rolling --timeout=60s');
    expect(new Set((await images('rolling')).split(' '))).toEqual(new Set(['nginx:1.26']));
    expect(await kubectl('rollout history deployment/web -n rolling')).toMatch(/^2 +<none>$/m);

    await kubectl('rollout undo deployment/web -n rolling');
    await kubectl('rollout status deployment/web -n rolling --timeout=60s');
    expect(new Set((await images('rolling')).split(' '))).toEqual(new Set(['nginx:1.25']));

    await kubectl('rollout pause deployment/web -n rolling');
    await kubectl('set image deployment/web -n rolling nginx=nginx:1.27');
    await kubectl('wait deployment/web -n rolling --for=condition=Progressing=Unknown --timeout=30s');
    expect(new Set((await images('rolling')).split(' '))).toEqual(new Set(['nginx:1.25']));
    await kubectl('rollout resume deployment/web -n rolling');
    await kubectl('rollout status deployment/web -n rolling --timeout=60s');
    expect(new Set((await images('rolling')).split(' '))).toEqual(new Set(['nginx:1.27']));

    await kubectl('rollout restart deployment/web -n rolling');
    await kubectl('rollout status deployment/web -n rolling --timeout=60s');

    await kubectl('delete deployment web -n rolling --cascade=foreground --timeout=60s');
    expect(await kubectl('get replicasets,pods -n rolling -o name')).toBe('');
  });

  it('replaces a pod that is deleted', async () => {
    await kubectl('create namespace healing');
    await kubectl('create deployment web -n healing --image=nginx --replicas=2');
    await kubectl('rollout status deployment/web -n healing --timeout=60s');
    const [first] = (await kubectl('get pods -n healing -o name')).split('\n');
    await kubectl(`delete ${first} -n healing`);
    await kubectl('rollout status deployment/web -n healing --timeout=60s');
    const now = (await kubectl('get pods -n healing -o name')).split('\n');
    expect(now).toHaveLength(2);
    expect(now).not.toContain(first);
  });

  it('leaves its ReplicaSet and pods alone when deleted with --cascade=orphan', async () => {
    await kubectl('create namespace orphans');
    await kubectl('create deployment web -n orphans --image=nginx --replicas=2');
    await kubectl('rollout status deployment/web -n orphans --timeout=60s');
    await kubectl('delete deployment web -n orphans --cascade=orphan');
    await kubectl('wait replicasets -n orphans --all --for=jsonpath={.status.readyReplicas}=2 --timeout=30s');
    expect(await kubectl('get replicasets -n orphans -o jsonpath={.items[*].metadata.ownerReferences}')).toBe('');
  });

  it('never has fewer pods available than maxUnavailable allows, nor more than maxSurge', async () => {
    await kubectl('create namespace bounds');
    await kubectl(
      'apply -n bounds',
      `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 6
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.25"}]}
`,
    );
    await kubectl('rollout status deployment/web -n bounds --timeout=60s');
    await kubectl('set image deployment/web -n bounds web=nginx:1.26');
    const rollout = kubectl('rollout status deployment/web -n bounds --timeout=60s');
    let done = false;
    void rollout.then(() => (done = true));
    while (!done) {
      const available = await kubectl('get deployment web -n bounds -o jsonpath={.status.availableReplicas}');
      // What is asked for: pods of the old ReplicaSet may still be there when one of the new is made already.
      const wanted = await kubectl('get replicasets -n bounds -o jsonpath={.items[*].spec.replicas}');
      const sum = wanted.split(' ').reduce((total, replicas) => total + Number(replicas), 0);
      expect(Number(available)).toBeGreaterThanOrEqual(6);
      expect(sum).toBeLessThanOrEqual(7);
    }
    await rollout;
  });
});
