import { deepEqual, forbidden } from '@pilothouse/apimachinery';
import type { Node, Pod, TokenRequest } from '@pilothouse/api';
import { nodeNameOf } from '../../authorization/node-authorizer.ts';
import type { ObjectRegistry } from '../../registry/object-registry.ts';
import type { AdmissionAttributes } from '../attributes.ts';
import type { AdmissionPlugin } from '../chain.ts';

/**
 * A kubelet touches its own node, the pods on it, and what belongs to both.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
export function nodeRestriction(pods: ObjectRegistry): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    async validate(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return;
      const { group, resource } = attributes.definition;
      switch (`${group}/${resource}`) {
        case '/pods':
          return checkPod(pods, node, attributes);
        case '/nodes':
          return checkNode(node, attributes);
        case '/serviceaccounts':
          return checkToken(pods, node, attributes);
        case 'coordination.k8s.io/leases':
          return checkLease(node, attributes);
        case 'storage.k8s.io/csinodes':
          return checkOwnName('CSINode', node, attributes);
      }
    },
  };
}

function refuse({ definition, name }: AdmissionAttributes, why: string): never {
  throw forbidden(definition, name, why);
}

async function checkPod(pods: ObjectRegistry, node: string, attributes: AdmissionAttributes): Promise<void> {
  const { operation, subresource, object, oldObject, namespace, name } = attributes;
  if (subresource === 'eviction') {
    const pod = (await pods.peek({ namespace, name }))?.object as Pod | undefined;
    if (pod && pod.spec?.nodeName !== node)
      refuse(attributes, `node "${node}" can only evict pods with spec.nodeName set to itself`);
    return;
  }
  if (operation === 'CREATE') {
    const pod = object as Pod;
    if (pod.metadata?.annotations?.['kubernetes.io/config.mirror'] === undefined) {
      refuse(
        attributes,
        `pod does not have "kubernetes.io/config.mirror" annotation, node "${node}" can only create mirror pods`,
      );
    }
    if (pod.spec?.nodeName !== node)
      refuse(attributes, `node "${node}" can only create pods with spec.nodeName set to itself`);
    return;
  }
  if (operation === 'UPDATE' && subresource !== 'status')
    refuse(attributes, `unexpected pod subresource ${JSON.stringify(subresource)}`);
  const pod = oldObject as Pod | undefined;
  if (pod && pod.spec?.nodeName !== node) {
    const verb = operation === 'DELETE' ? 'delete' : 'update pod status for';
    refuse(attributes, `node "${node}" can only ${verb} pods with spec.nodeName set to itself`);
  }
  if (operation === 'UPDATE' && !deepEqual((object as Pod).metadata?.labels, pod?.metadata?.labels)) {
    refuse(attributes, `node "${node}" cannot update labels through pod status`);
  }
}

/** Labels under `kubernetes.io` that a kubelet may give its node. */
const OWN_LABELS =
  /^(kubernetes\.io\/(hostname|os|arch)|(beta\.)?kubernetes\.io\/(os|arch|instance-type)|(topology|failure-domain\.beta)\.kubernetes\.io\/(region|zone)|node\.kubernetes\.io\/.*|kubelet\.kubernetes\.io\/.*|.*\.(kubelet|node)\.kubernetes\.io\/.*)$/;
const RESTRICTED_LABEL = /(^|\.)(kubernetes|k8s)\.io\//;

function checkNode(node: string, attributes: AdmissionAttributes): void {
  const { operation, object, oldObject, name, subresource } = attributes;
  if (operation === 'DELETE' || (name !== node && name !== '')) {
    refuse(
      attributes,
      `node "${node}" is not allowed to ${operation === 'DELETE' ? 'delete' : 'modify'} node "${name}"`,
    );
  }
  const [next, before] = [object as Node, oldObject as Node | undefined];
  if (before && subresource === '' && !deepEqual(next.spec?.taints, before.spec?.taints)) {
    refuse(attributes, `node "${node}" is not allowed to modify taints`);
  }
  const changed = changedLabels(next, before).filter((key) => RESTRICTED_LABEL.test(key) && !OWN_LABELS.test(key));
  if (changed.length > 0) refuse(attributes, `is not allowed to modify labels: ${changed.sort().join(', ')}`);
}

function changedLabels(next: Node, before: Node | undefined): string[] {
  const [labels, old] = [next.metadata?.labels ?? {}, before?.metadata?.labels ?? {}];
  return [...new Set([...Object.keys(labels), ...Object.keys(old)])].filter((key) => labels[key] !== old[key]);
}

async function checkToken(pods: ObjectRegistry, node: string, attributes: AdmissionAttributes): Promise<void> {
  if (attributes.subresource !== 'token') return;
  const reference = (attributes.object as TokenRequest).spec?.boundObjectRef;
  if (!reference || reference.kind !== 'Pod' || reference.apiVersion !== 'v1')
    refuse(attributes, `node requested token not bound to a pod`);
  if (!reference.uid) refuse(attributes, 'node requested token with a pod binding without a uid');
  const pod = (await pods.peek({ namespace: attributes.namespace, name: reference.name ?? '' }))?.object as
    | Pod
    | undefined;
  if (pod?.spec?.nodeName !== node)
    refuse(attributes, `node requested token bound to a pod scheduled on a different node`);
}

const LEASE_NAMESPACE = 'kube-node-lease';

function checkLease(node: string, attributes: AdmissionAttributes): void {
  if (attributes.namespace !== LEASE_NAMESPACE) {
    refuse(attributes, `can only access leases in the "${LEASE_NAMESPACE}" system namespace`);
  }
  if (attributes.name !== node)
    refuse(attributes, 'can only access node lease with the same name as the requesting node');
}

function checkOwnName(kind: string, node: string, attributes: AdmissionAttributes): void {
  if (attributes.name !== node) refuse(attributes, `can only access ${kind} with the same name as the requesting node`);
}
