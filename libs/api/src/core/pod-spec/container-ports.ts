import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalidValue,
  isValidPortName,
  isValidPortNum,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { Container, ContainerPort } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';

export const PORT_PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

export function validateContainerPorts(ports: readonly ContainerPort[], path: FieldPath, errors: FieldError[]): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const at = path.index(index);
    if (port.name) {
      const messages = isValidPortName(port.name);
      pushInvalid(errors, at.child('name'), port.name, messages);
      if (messages.length === 0) {
        if (names.has(port.name)) errors.push(duplicate(at.child('name'), port.name));
        names.add(port.name);
      }
    }
    if (!port.containerPort) errors.push(required(at.child('containerPort')));
    else pushInvalid(errors, at.child('containerPort'), port.containerPort, isValidPortNum(port.containerPort));
    if (port.hostPort) pushInvalid(errors, at.child('hostPort'), port.hostPort, isValidPortNum(port.hostPort));
    validateProtocol(port.protocol, at.child('protocol'), errors);
  });
}

export function validateProtocol(protocol: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (!protocol) errors.push(required(path));
  else if (!PORT_PROTOCOLS.includes(protocol)) errors.push(notSupported(path, protocol, PORT_PROTOCOLS));
}

/** No two ports may claim the same protocol, address and port of the host. */
export function validateHostPortConflicts(
  containers: readonly Container[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const taken = new Set<string>();
  containers.forEach((container, i) => {
    (container.ports ?? []).forEach((port, j) => {
      if (!port.hostPort) return;
      const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (taken.has(key)) errors.push(duplicate(path.index(i).child('ports').index(j).child('hostPort'), key));
      taken.add(key);
    });
  });
}

/** A port by number or by the name it has in the container. */
export function validatePortNumOrName(port: number | string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (typeof port === 'string') pushInvalid(errors, path, port, isValidPortName(port));
  else for (const message of isValidPortNum(port ?? 0)) errors.push(invalidValue(path, port ?? 0, message));
}
