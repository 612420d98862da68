import type { FieldError } from '@pilothouse/apimachinery';
import {
  badRequest,
  conflict,
  fieldPath,
  notSupported,
  required,
  type KubeObject,
  type Status,
} from '@pilothouse/apimachinery';
import type { Binding, Pod, PodCondition } from '@pilothouse/api';
import type { StoredObject } from '@pilothouse/storage';
import { writeContext, type Endpoint } from '../endpoints/target.ts';
import { readWriteOptions } from '../endpoints/write-options.ts';
import { admissionAttributes } from '../endpoints/admit.ts';
import type { WriteServices } from '../endpoints/write-services.ts';
import { readBody } from '../http/read-body.ts';
import { respondStatus } from '../http/respond-error.ts';
import { bodyEncoding, decodeBody } from '../negotiation/decode-body.ts';
import { codecFor } from '../printing/meta-codecs.ts';
import { checkUid } from '../registry/deletion.ts';
import { formatTime, matchNamespace } from '../registry/metadata.ts';
import type { Resources } from '../registry/resources.ts';

const BINDING = { group: '', resource: 'pods/binding' };

/** Puts a pod on a node: what a scheduler does. POST to a pod's `binding`, or to the namespace's `bindings`. */
export const bindPod =
  ({ admission }: WriteServices, resources: Resources): Endpoint =>
  async (request, target) => {
    const options = readWriteOptions(request, 'CreateOptions');
    const codec = codecFor('', 'v1', 'Binding');
    const expected = { codec, kind: 'Binding', apiVersion: 'v1' };
    const encoding = bodyEncoding(request.headers['content-type']);
    const body = await readBody(request);
    const warn = (text: string) => request.warnings.add(text);
    const binding = decodeBody(body, encoding, expected, options.fieldValidation, warn) as Binding;
    const pods = resources.get('', 'pods');
    matchNamespace(pods.definition, binding, target.key.namespace);
    const key = { namespace: target.key.namespace, name: target.key.name || (binding.metadata?.name ?? '') };
    if ((binding.metadata?.name ?? '') !== key.name)
      throw badRequest('name in URL does not match name in Binding object');
    validateBinding(binding);
    const context = writeContext(request, target, options.dryRun);
    await admission.admit(admissionAttributes(request, target, 'CREATE', context, { object: binding }));
    const change = (current: StoredObject | undefined): KubeObject => {
      const { uid } = binding.metadata ?? {};
      if (uid) checkUid(pods.definition, key, current!.object.metadata?.uid, uid);
      return assign(current!.object as Pod, binding, context.now);
    };
    await pods.registry.update(key, change, context, {
      subresource: { name: 'binding', verbs: ['create'] },
      allowUnconditional: true,
    });
    await respondStatus(request, SUCCESS);
  };

const SUCCESS: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** Upstream makes no Invalid of these, so there are no causes. */
function validateBinding(binding: Binding): void {
  const target = fieldPath('target');
  const errors: FieldError[] = [];
  const { kind, name } = binding.target ?? {};
  if (kind && kind !== 'Node') errors.push(notSupported(target.child('kind'), kind, ['Node', '<empty>']));
  if (!name) errors.push(required(target.child('name')));
  if (errors.length === 0) return;
  const messages = errors.map(String);
  throw badRequest(messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`);
}

/** Pure: the pod on its node, or a 409. Upstream: BindingREST.setPodNodeAndMetadata. */
function assign(pod: Pod, binding: Binding, now: Date): KubeObject {
  const name = pod.metadata?.name ?? '';
  const refuse = (why: string) => conflict(BINDING, name, why);
  if (pod.metadata?.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec?.nodeName) throw refuse(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if (pod.spec?.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(binding.metadata?.labels ? { labels: { ...pod.metadata?.labels, ...binding.metadata.labels } } : {}),
      ...(binding.metadata?.annotations
        ? { annotations: { ...pod.metadata?.annotations, ...binding.metadata.annotations } }
        : {}),
    },
    spec: { ...pod.spec, nodeName: binding.target.name },
    status: { ...pod.status, conditions: withScheduled(pod.status?.conditions ?? [], now) },
  } as KubeObject;
}

function withScheduled(conditions: readonly PodCondition[], now: Date): PodCondition[] {
  const before = conditions.find(({ type }) => type === 'PodScheduled');
  if (before?.status === 'True') return [...conditions];
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: formatTime(now) } as PodCondition;
  return before ? conditions.map((each) => (each === before ? scheduled : each)) : [...conditions, scheduled];
}
