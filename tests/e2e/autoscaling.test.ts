import { describe, expect, it } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

const flags = ['sync-period=1s', 'cpu-initialization-period=0s', 'downscale-stabilization=2s'];
const cluster = useCluster({
  args: [
    '--metrics-server',
    ...flags.flatMap((each) => ['--extra', `kube-controller-manager=--horizontal-pod-autoscaler-${each}`]),
  ],
});
const kubectl = kubectlOf(cluster);

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
`;
const usage = (cpu: string) => kubectl(`annotate pods -l app=web pilothouse.dev/cpu-usage=${cpu} --overwrite`);
const replicas = () => kubectl('get deployment web -o jsonpath={.spec.replicas}');

describe('kubectl top and kubectl autoscale', () => {
  it('show what simulated pods use, and scale by it', async () => {
    await kubectl('apply', WEB);
    await kubectl('rollout status deployment/web --timeout=60s');
    // Half of the request, unless an annotation says otherwise.
    await expect.poll(() => kubectl('top pods --no-headers').catch(String), { timeout: 20_000 }).toMatch(/50m +32Mi/);
    expect((await kubectl('top nodes --no-headers')).split('\n')).toHaveLength(3);

    await kubectl('autoscale deployment web --min=1 --max=4 --cpu-percent=50');
    await usage('150m');
    // Three by what the one pod uses; their own half requests then make it five, of which four are allowed.
    await expect.poll(replicas, { timeout: 20_000 }).toBe('4');
    const events = await kubectl('get events -o jsonpath={.items[*].message}');
    expect(events).toContain('reason: cpu resource utilization (percentage of request) above target');

    await kubectl('wait pods -l app=web --for=condition=Ready --timeout=60s');
    await usage('1m');
    await expect.poll(replicas, { timeout: 30_000 }).toBe('1');
    expect(await kubectl('get hpa web -o jsonpath={.status.conditions[*].status}')).toMatch(/^True True (True|False)$/);
  });
});
