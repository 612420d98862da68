import {
  type FieldError,
  type FieldPath,
  cidrContains,
  forbiddenField,
  invalidValue,
  isValidPortName,
  isValidPortNum,
  type LabelSelectorValidationOptions,
  notSupported,
  parseCidr,
  required,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { IPBlock, NetworkPolicyPeer, NetworkPolicyPort } from '@pilothouse/api';
import { validateLegacyCidr } from '../core/validation/ip-address.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

export function validatePolicyPort(
  { protocol, port, endPort }: NetworkPolicyPort,
  path: FieldPath,
  errors: FieldError[],
): void {
  const end = path.child('endPort');
  if (protocol !== undefined && !PROTOCOLS.includes(protocol))
    errors.push(notSupported(path.child('protocol'), protocol, PROTOCOLS));
  if (typeof port === 'number') {
    pushInvalid(errors, path.child('port'), port, isValidPortNum(port));
    if (endPort === undefined) return;
    if (endPort < port) errors.push(invalidValue(end, port, 'must be greater than or equal to `port`'));
    pushInvalid(errors, end, endPort, isValidPortNum(endPort));
  } else if (port !== undefined) {
    if (endPort !== undefined)
      errors.push(invalidValue(end, endPort, 'may not be specified when `port` is non-numeric'));
    pushInvalid(errors, path.child('port'), port, isValidPortName(port));
  } else if (endPort !== undefined)
    errors.push(invalidValue(end, endPort, 'may not be specified when `port` is not specified'));
}

/** `oldCidrs`: those of the stored object stay allowed as they are. */
export function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  path: FieldPath,
  options: LabelSelectorValidationOptions,
  oldCidrs: readonly string[],
  errors: FieldError[],
): void {
  errors.push(
    ...validateLabelSelector(podSelector, path.child('podSelector'), options),
    ...validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), options),
  );
  if (ipBlock) validateIpBlock(ipBlock, path.child('ipBlock'), oldCidrs, errors);
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'));
  else if (ipBlock && (podSelector || namespaceSelector))
    errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'));
}

function validateIpBlock(
  { cidr, except = [] }: IPBlock,
  path: FieldPath,
  oldCidrs: readonly string[],
  errors: FieldError[],
): void {
  if (!cidr) {
    errors.push(required(path.child('cidr')));
    return;
  }
  validateLegacyCidr(cidr, path.child('cidr'), errors, oldCidrs);
  const block = parseCidr(cidr);
  if (!block) return;
  except.forEach((text, index) => {
    const at = path.child('except').index(index);
    validateLegacyCidr(text, at, errors, oldCidrs);
    const hole = parseCidr(text);
    if (hole && !(cidrContains(block, hole.address) && block.prefixLength < hole.prefixLength)) {
      errors.push(invalidValue(at, text, 'must be a strict subset of `cidr`'));
    }
  });
}
