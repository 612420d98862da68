import { describe, expect } from 'vitest';
import { eventually, story } from '../story.ts';
import { session } from './session.ts';

/** https://kubernetes.io/docs/tasks/manage-kubernetes-objects/imperative-command/ */
describe('imperative commands', () => {
  story('create makes every kind that it knows', async (told) => {
    const { unique } = told;
    const [role, binding, priority] = [unique('role'), unique('binding'), unique('priority')];
    told.after(() =>
      told.kubectl(`delete clusterrole/${role} clusterrolebinding/${binding} priorityclass/${priority}`),
    );
    const soon = '--schedule="0 0 1 1 *"';
    await session(told, [
      ['create configmap c --from-literal=a=1 --from-literal=b=2', 'configmap/c created'],
      ['get cm c', /^NAME +DATA +AGE\nc +2 +\d+s$/],
      ['create secret generic s --from-literal=p=x', 'secret/s created'],
      ['create secret docker-registry reg --docker-username=u --docker-password=p', 'secret/reg created'],
      ['get secrets', /^NAME +TYPE +DATA +AGE\nreg +kubernetes\.io\/dockerconfigjson +1 +\d+s\ns +Opaque +1 +\d+s$/],
      ['create deployment web --image=nginx --replicas=2 --port=80', 'deployment.apps/web created'],
      ['create job once --image=busybox -- echo hi', 'job.batch/once created'],
      [`create cronjob yearly --image=busybox ${soon} -- date`, 'cronjob.batch/yearly created'],
      ['get cronjob yearly', /^NAME .*\nyearly +0 0 1 1 \* +<none> +False +0 +<none> +\d+s$/],
      ['create job by-hand --from=cronjob/yearly', 'job.batch/by-hand created'],
      ['create role r --verb=get,list --resource=pods,deployments.apps', 'role.rbac.authorization.k8s.io/r created'],
      ['create rolebinding rb --role=r --user=jane', 'rolebinding.rbac.authorization.k8s.io/rb created'],
      [
        `create clusterrole ${role} --verb=get --resource=nodes`,
        `clusterrole.rbac.authorization.k8s.io/${role} created`,
      ],
      [
        `create clusterrolebinding ${binding} --clusterrole=${role} --group=devs`,
        `clusterrolebinding.rbac.authorization.k8s.io/${binding} created`,
      ],
      [`get clusterrolebinding ${binding} -o wide`, new RegExp(`\n${binding} +ClusterRole/${role} +\\d+s +devs$`)],
      ['create serviceaccount sa', 'serviceaccount/sa created'],
      ['create token sa --duration=10m', /^[\w-]+\.[\w-]+\.[\w-]+$/],
      ['create quota q --hard=pods=20', 'resourcequota/q created'],
      ['create service clusterip svc --tcp=80:8080', 'service/svc created'],
      ['create service nodeport np --tcp=80', 'service/np created'],
      ['create service loadbalancer lb --tcp=80', 'service/lb created'],
      ['create service externalname en --external-name=example.com', 'service/en created'],
      [
        'get services --no-headers',
        /^en +ExternalName +<none> +example\.com +<none> +\d+s\nlb +LoadBalancer +[\d.]+ +<pending> +80:\d+\/TCP +\d+s\nnp +NodePort +[\d.]+ +<none> +80:\d+\/TCP +\d+s\nsvc +ClusterIP +[\d.]+ +<none> +80\/TCP +\d+s$/,
      ],
      ['create ingress ing --rule=foo.com/bar*=svc:80,tls=t', 'ingress.networking.k8s.io/ing created'],
      ['get ing', /\ning +<none> +foo\.com +80, 443 +\d+s$/],
      ['create pdb pdb --selector=app=web --min-available=1', 'poddisruptionbudget.policy/pdb created'],
      [`create priorityclass ${priority} --value=1000`, `priorityclass.scheduling.k8s.io/${priority} created`],
      ['!', 'create configmap c', 'configmaps "c" already exists'],
    ]);
  });

  story('run and expose make pods and services for them', async (told) => {
    await session(told, [
      ['run p --image=nginx --port=80 --expose --labels=a=b', 'service/p created\npod/p created'],
      ['get pod p --show-labels', /^NAME .*LABELS\np +\d\/1 .* a=b$/],
      ['get service p -o jsonpath={.spec.selector}', '{"a":"b"}'],
      ['expose pod p --name=again --port=81 --target-port=80', 'service/again exposed'],
      ['run once --image=busybox --restart=Never --dry-run=client -o name', 'pod/once'],
      ['run once --image=busybox --restart=Never --dry-run=server', 'pod/once created (server dry run)'],
      ['!', 'get pod once', 'Error from server (NotFound): pods "once" not found'],
      ['delete service p again', 'service "p" deleted\nservice "again" deleted'],
      ['delete pod p --grace-period=0 --force', 'pod "p" force deleted'],
    ]);
  });

  story('set, scale, autoscale and rollout change a deployment', async (told) => {
    const done = /deployment "web" successfully rolled out$/;
    const status = 'rollout status deployment/web --timeout=100s';
    await session(told, [
      ['create deployment web --image=nginx --replicas=2', 'deployment.apps/web created'],
      [status, done],
      ['set image deployment/web nginx=nginx:1.27', 'deployment.apps/web image updated'],
      [status, done],
      [
        'rollout history deployment/web',
        'deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>',
      ],
      [
        'rollout history deployment/web --revision=2',
        /^deployment\.apps\/web with revision #2\nPod Template:\n[^]*Image:\tnginx:1\.27\n/,
      ],
      ['rollout undo deployment/web', 'deployment.apps/web rolled back'],
      [status, done],
      ['get deployment web -o jsonpath={..image}', 'nginx'],
      ['rollout pause deployment/web', 'deployment.apps/web paused'],
      ['!', 'rollout restart deployment/web', "can't restart paused deployment (run rollout resume first)"],
      ['rollout resume deployment/web', 'deployment.apps/web resumed'],
      ['rollout restart deployment/web', 'deployment.apps/web restarted'],
      [status, done],
      ['set env deployment/web A=b', 'deployment.apps/web env updated'],
      ['set env deployment/web --list', '# Deployment web, container nginx\nA=b'],
      ['set resources deployment/web --requests=cpu=10m', 'deployment.apps/web resource requirements updated'],
      ['create serviceaccount sa', 'serviceaccount/sa created'],
      ['set serviceaccount deployment/web sa', 'deployment.apps/web serviceaccount updated'],
      [status, done],
      ['scale deployment/web --replicas=1 --current-replicas=2', 'deployment.apps/web scaled'],
      ['!', 'scale deployment/web --replicas=3 --current-replicas=7', 'error: Expected replicas to be 7, was 1'],
      [
        'autoscale deployment web --min=1 --max=5 --cpu-percent=50',
        'horizontalpodautoscaler.autoscaling/web autoscaled',
      ],
      ['get hpa web', /\nweb +Deployment\/web +cpu: .*\/50% +1 +5 +\d+ +\d+s$/],
      ['create service clusterip s --tcp=80', 'service/s created'],
      ['set selector service s app=web', 'service/s selector updated'],
      ['create rolebinding rb --clusterrole=view --user=jane', 'rolebinding.rbac.authorization.k8s.io/rb created'],
      ['set subject rolebinding rb --user=joe', 'rolebinding.rbac.authorization.k8s.io/rb subjects updated'],
    ]);
  });

  story('label and annotate change what may be changed', async (told) => {
    await session(told, [
      ['create configmap c', 'configmap/c created'],
      ['label configmap c x=y', 'configmap/c labeled'],
      ['!', 'label configmap c x=z', "error: 'x' already has a value (y), and --overwrite is false"],
      ['label configmap c x=z --overwrite', 'configmap/c labeled'],
      ['label configmap c --list', 'x=z'],
      ['label configmap c x-', 'configmap/c unlabeled'],
      ['annotate configmap c note=hi', 'configmap/c annotated'],
      ['annotate configmap c --list', 'note=hi'],
      ['annotate configmap c note-', 'configmap/c annotated'],
      ['!', 'label configmap c "x y=z"', 'metadata.labels'],
    ]);
  });

  story('wait waits for conditions, values, creation and deletion', async (told) => {
    await session(told, [
      ['create deployment web --image=nginx --replicas=2', 'deployment.apps/web created'],
      ['wait deployment/web --for=condition=Available --timeout=100s', 'deployment.apps/web condition met'],
      [
        'wait deployment/web --for=jsonpath={.status.readyReplicas}=2 --timeout=100s',
        'deployment.apps/web condition met',
      ],
      ['wait deployment/web --for=create --timeout=5s', 'deployment.apps/web condition met'],
      [
        '!',
        'wait deployment/web --for=condition=Nope --timeout=1s',
        'error: timed out waiting for the condition on deployments/web',
      ],
      ['delete deployment web --wait=false', 'deployment.apps "web" deleted'],
      ['wait deployment/web --for=delete --timeout=100s', /^(?:|deployment\.apps\/web condition met)$/],
    ]);
  });

  story('auth says who one is and what one may do', async (told) => {
    await session(told, [
      ['auth can-i create pods', 'yes'],
      ['create role r --verb=get,list --resource=pods', 'role.rbac.authorization.k8s.io/r created'],
      ['create rolebinding rb --role=r --user=joe', 'rolebinding.rbac.authorization.k8s.io/rb created'],
      ['auth whoami --as=joe --as-group=g', 'ATTRIBUTE   VALUE\nUsername    joe\nGroups      [g system:authenticated]'],
    ]);
    await eventually(async () => expect(await told.kubectl('auth can-i list pods --as=joe')).toBe('yes'));
    expect(await told.kubectl('auth can-i --list --as=joe')).toMatch(/\npods +\[\] +\[\] +\[get list\]/);
    const role = (...verbs: string[]): string =>
      JSON.stringify({
        ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'rec', namespace: told.ns } },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
      });
    const reconciled = 'role.rbac.authorization.k8s.io/rec reconciled';
    const verbs = 'get role rec -o jsonpath={.rules[*].verbs}';
    await session(
      told,
      [
        ['auth reconcile -f -', reconciled],
        [verbs, '["get"]'],
      ],
      role('get'),
    );
    await session(
      told,
      [
        ['auth reconcile -f -', reconciled],
        [verbs, '["get"] ["list"]'],
      ],
      role('get', 'list'),
    );
  });

  story('taint, cordon and drain say what they did', async (told) => {
    const node = told.unique('node');
    told.after(() => told.kubectl(`delete node/${node} --ignore-not-found`));
    await told.api.create('/api/v1/nodes', { metadata: { name: node } });
    await session(told, [
      [`taint node ${node} k=v:NoSchedule`, `node/${node} tainted`],
      ['!', `taint node ${node} k=w:NoSchedule`, `already has k taint(s) with same effect(s)`],
      [`taint node ${node} k=w:NoSchedule --overwrite`, `node/${node} modified`],
      [`taint node ${node} k:NoSchedule-`, `node/${node} untainted`],
      ['!', `taint node ${node} k:NoSchedule-`, 'error: taint "k:NoSchedule" not found'],
      [`cordon ${node}`, `node/${node} cordoned`],
      [`cordon ${node}`, `node/${node} already cordoned`],
      [`drain ${node} --ignore-daemonsets`, `node/${node} already cordoned\nnode/${node} drained`],
      [`uncordon ${node}`, `node/${node} uncordoned`],
    ]);
  });
});
