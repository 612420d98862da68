import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubectlOf, useCluster } from './cluster.ts';

const cluster = useCluster();
const kubectl = kubectlOf(cluster);

const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {set: pruned}}\ndata: {key: ${value}}\n---\n`;

describe('kubectl', () => {
  it('prunes what a set of manifests no longer has, shows differences, and replaces', async () => {
    await kubectl('apply', configMap('kept', 'one') + configMap('dropped', 'one'));
    expect(await kubectl('apply --prune -l set=pruned', configMap('kept', 'one'))).toContain(
      'configmap/dropped pruned',
    );
    const path = cluster.get().file(configMap('kept', 'two'));
    await expect(kubectl(`diff -f ${path}`)).rejects.toThrow();
    const before = await kubectl('get configmap kept -o jsonpath={.metadata.uid}');
    expect(await kubectl(`replace --force -f ${path}`)).toContain('configmap/kept replaced');
    expect(await kubectl('get configmap kept -o jsonpath={.metadata.uid}')).not.toBe(before);
  });

  it('sets what a workload runs with', async () => {
    await kubectl('create deployment web --image=nginx --port=80');
    await kubectl('expose deployment web --port=80');
    await kubectl('set resources deployment/web --limits=cpu=200m');
    await kubectl('set env deployment/web GREETING=hello');
    await kubectl('set serviceaccount deployment/web default');
    await kubectl('set selector service web app=other');
    const template = JSON.parse(await kubectl('get deployment web -o jsonpath={.spec.template.spec}'));
    expect(template).toMatchObject({
      serviceAccountName: 'default',
      containers: [{ resources: { limits: { cpu: '200m' } }, env: [{ name: 'GREETING', value: 'hello' }] }],
    });
    await expect(kubectl('scale deployment/web --replicas=3 --current-replicas=7')).rejects.toThrow(
      'Expected replicas to be 7, was 1',
    );
    expect(await kubectl('autoscale deployment web --min=1 --max=3')).toContain('autoscaled');
  });

  it('reconciles roles, and says what may be done', async () => {
    const roles = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: User, name: ann, apiGroup: rbac.authorization.k8s.io}]
`;
    const path = cluster.get().file(roles);
    expect(await kubectl(`auth reconcile -f ${path}`)).toContain(
      'clusterrole.rbac.authorization.k8s.io/reader reconciled',
    );
    expect(await kubectl(`auth reconcile -f ${path}`)).toContain(
      'clusterrolebinding.rbac.authorization.k8s.io/readers',
    );
    expect(await kubectl('auth can-i get pods --as ann')).toBe('yes');
    await expect(kubectl('auth can-i delete pods --as ann')).rejects.toThrow();
    expect(await kubectl('auth can-i --list --as ann')).toMatch(/^pods +\[\] +\[\] +\[get\]$/m);
    expect(await kubectl('auth whoami')).toMatch(
      /^Username +kubernetes-admin\nGroups .*\nExtra: authentication\.kubernetes\.io\/credential-id +\[X509SHA256=[0-9a-f]{64}\]$/m,
    );
  });

  it('approves and denies certificates', async () => {
    const key = join(cluster.get().dataDir, 'ann.key');
    const arguments_ = ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const pem = execFileSync('openssl', [...arguments_, '-keyout', key, '-subj', '/CN=ann'], { stdio: 'pipe' });
    for (const name of ['good', 'bad']) {
      await kubectl(
        'create',
        `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: ${name}}
spec: {request: ${pem.toString('base64')}, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}
`,
      );
    }
    await kubectl('certificate approve good');
    await kubectl('certificate deny bad');
    expect(await kubectl('get csr')).toMatch(/^good .* kubernetes-admin +<none> +Approved/m);
    expect(await kubectl('get csr')).toMatch(/^bad .* kubernetes-admin +<none> +Denied$/m);
  });

  it('says that there are no metrics, in upstream’s words', async () => {
    await expect(kubectl('top nodes')).rejects.toThrow('error: Metrics API not available');
  });
});
