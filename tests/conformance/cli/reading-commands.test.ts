import { describe, expect } from 'vitest';
import { eventually, story } from '../story.ts';
import { AGNHOST } from '../pods.ts';
import { session } from './session.ts';

/** https://kubernetes.io/docs/reference/kubectl/quick-reference/ */
describe('commands that read', () => {
  story('get prints in every form', async (told) => {
    await session(told, [
      ['create configmap b --from-literal=k=v', 'configmap/b created'],
      ['create configmap a --from-literal=k=v', 'configmap/a created'],
      ['label configmap a b x=y', 'configmap/a labeled\nconfigmap/b labeled'],
      ['get configmaps -l x=y -o name', 'configmap/a\nconfigmap/b'],
      ['get cm -l x=y --no-headers', /^a +1 +\d+s\nb +1 +\d+s$/],
      ['get cm a -L x', /^NAME +DATA +AGE +X\na +1 +\d+s +y$/],
      [
        'get cm -l x=y --sort-by=.metadata.creationTimestamp -o custom-columns=N:.metadata.name,D:.data.k --no-headers',
        /^[ab] +v\n[ab] +v$/,
      ],
      ['get cm -l x=y -o jsonpath={.items[*].metadata.name}', 'a b'],
      [`get cm -l x=y -o 'go-template={{range .items}}{{.metadata.name}};{{end}}'`, 'a;b;'],
      ['get cm a -o json', /^\{\n {4}"apiVersion": "v1",\n {4}"data": \{\n {8}"k": "v"\n {4}\},\n/],
      ['get cm a -o yaml', /^apiVersion: v1\ndata:\n {2}k: v\nkind: ConfigMap\n/],
      ['get cm -l x=y --chunk-size=1 -o name', 'configmap/a\nconfigmap/b'],
      ['get cm --field-selector=metadata.name=a -o name', 'configmap/a'],
      [`get --raw /api/v1/namespaces/${told.ns}/configmaps/a`, /^\{"kind":"ConfigMap","apiVersion":"v1",/],
      ['get cm nope --ignore-not-found', ''],
      ['!', 'get nope', 'error: the server doesn\'t have a resource type "nope"'],
      ['!', 'get cm nope', 'Error from server (NotFound): configmaps "nope" not found'],
      ['!', 'get pods --field-selector=bad=1', 'field label not supported: bad'],
      ['!', `get pods -l '='`, "found '=', expected: !, identifier, or 'end of string'"],
    ]);
  });

  story('get of endpoints warns that they are deprecated', async (told) => {
    const { headers } = await told.api.send('GET', `${told.in()}/endpoints`);
    expect(headers['warning']).toBe(
      '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
    );
  });

  story('describe tells of what a namespace holds', async (told) => {
    await session(told, [
      ['create deployment web --image=nginx --replicas=1', 'deployment.apps/web created'],
      ['rollout status deployment/web --timeout=100s', /successfully rolled out$/],
      ['create service clusterip web --tcp=80', 'service/web created'],
      ['create job once --image=busybox -- echo hi', 'job.batch/once created'],
      ['wait job/once --for=condition=Complete --timeout=100s', 'job.batch/once condition met'],
      ['create quota q --hard=services=5', 'resourcequota/q created'],
      ['create pdb pdb --selector=app=web --min-available=0', 'poddisruptionbudget.policy/pdb created'],
      ['create secret generic s --from-literal=p=x', 'secret/s created'],
      [
        'describe deployment web',
        /\nReplicas: +1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable\n[^]*NewReplicaSet: +web-\w+ \(1\/1 replicas created\)\nEvents:\n[^]*Scaled up replica set web-\w+ from 0 to 1$/,
      ],
      ['describe rs', /\nControlled By: +Deployment\/web\nReplicas: +1 current \/ 1 desired\n[^]*Created pod: web-/],
      [
        'describe pod -l app=web',
        /\nControlled By: +ReplicaSet\/web-[^]*\n {2}Ready +True *\n[^]*Successfully assigned /,
      ],
      ['describe job once', /\nPods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed\n/],
      ['describe service web', /\nType: +ClusterIP\n[^]*\nTargetPort: +80\/TCP\n[^]*\nSession Affinity: +None\n/],
      ['describe quota q', /\nResource +Used +Hard\n-+ +-+ +-+\nservices +\d +5$/],
      ['describe pdb pdb', /\nMin available: +0\n[^]* Allowed disruptions: +\d\n/],
      ['describe secret s', /\nType: +Opaque\n\nData\n====\np: +1 bytes$/],
      [`describe namespace ${told.ns}`, /\nStatus: +Active\n\nResource Quotas\n[^]*\nNo LimitRange resource\.$/],
      ['describe nodes', /\nAllocated resources:\n/],
    ]);
  });

  story('explain, api-resources, api-versions and events speak of what is there', async (told) => {
    await session(told, [
      ['explain pod.spec.containers.livenessProbe', /^KIND: +Pod\nVERSION: +v1\n\nFIELD: livenessProbe <Probe>\n/],
      ['explain deployment --recursive', /\n {4}annotations\t<map\[string\]string>\n/],
      [
        'explain hpa --api-version=autoscaling/v1',
        /^GROUP: +autoscaling\nKIND: +HorizontalPodAutoscaler\nVERSION: +v1\n/,
      ],
      ['!', 'explain pod.spec.nope', 'error: field "nope" does not exist'],
      [
        'api-resources --api-group=apps -o name',
        'controllerrevisions.apps\ndaemonsets.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps',
      ],
      [
        'api-resources --namespaced=false --api-group= -o name',
        'componentstatuses\nnamespaces\nnodes\npersistentvolumes',
      ],
      ['api-versions', /^admissionregistration\.k8s\.io\/v1\n[^]*\nv1$/],
      ['run p --image=busybox --restart=Never -- true', 'pod/p created'],
    ]);
    await eventually(async () => {
      expect(await told.kubectl('events --for pod/p')).toMatch(
        /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n[^]* Scheduled +Pod\/p +Successfully assigned /,
      );
    });
    expect(await told.kubectl(`cluster-info dump --namespaces=${told.ns}`)).toContain('"kind": "PodList"');
  });

  story('logs, exec, cp and debug work on a running pod', async (told) => {
    const script = 'for i in 1 2 3; do echo line $i; done; sleep 1000';
    await session(told, [
      [`run p --image=${AGNHOST} --restart=Never --command -- sh -c '${script}'`, 'pod/p created'],
      ['wait pod/p --for=condition=Ready --timeout=100s', 'pod/p condition met'],
      ['logs p', 'line 1\nline 2\nline 3'],
      ['logs p --tail=1', 'line 3'],
      ['logs p --limit-bytes=3', 'lin'],
      ['logs p --timestamps --tail=1', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line 3$/],
      ['logs -l run=p --prefix --tail=1', '[pod/p/p] line 3'],
      [
        '!',
        'logs p --previous',
        'Error from server (BadRequest): previous terminated container "p" in pod "p" not found',
      ],
      ['!', 'logs p -c nope', 'error: container nope is not valid for pod p'],
      ['!', 'logs nope', 'pods "nope" not found'],
      ['exec p -- sh -c "echo hello > /tmp/f; cat /tmp/f"', 'hello'],
      ['!', 'exec p -- sh -c "exit 3"', 'command terminated with exit code 3'],
      ['debug p --image=busybox --target=p --profile=general -- sleep 100', /Targeting container "p"|^Defaulting|^$/],
      ['get pod p -o jsonpath={.spec.ephemeralContainers[0].targetContainerName}', 'p'],
      ['debug p --image=busybox --copy-to=copy --container=d --profile=general -- sleep 100', ''],
      ['get pod copy -o jsonpath={.spec.containers[*].name}', 'p d'],
    ]);
    await session(told, [['exec -i p -- sh', 'said by stdin']], 'echo said by stdin\n');
  });
});
