import {
  type FieldError,
  type FieldPath,
  fieldNotFound,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { Container, VolumeMount } from '@pilothouse/api';
import type { PodSpecContext } from './pod-validation-options.ts';
import { hasBackstep, validateDescendingPath } from './volumes/local-path.ts';

const MOUNT_PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible'];

/** Where a container mounts the pod's volumes. Some paths below lack the mount's index, as upstream's do. */
export function validateVolumeMounts(container: Container, path: FieldPath, context: PodSpecContext): void {
  const mounts = container.volumeMounts;
  if (!mounts?.length) return;
  const { errors, volumes } = context;
  const devices = container.volumeDevices ?? [];
  const mountPaths = new Set<string>();
  mounts.forEach((mount, index) => {
    const at = path.index(index);
    const name = mount.name ?? '';
    const mountPath = mount.mountPath ?? '';
    if (!name) errors.push(required(at.child('name')));
    if (!volumes.has(name)) errors.push(fieldNotFound(at.child('name'), name));
    if (!mountPath) errors.push(required(at.child('mountPath')));
    if (mountPaths.has(mountPath)) errors.push(invalidValue(at.child('mountPath'), mountPath, 'must be unique'));
    mountPaths.add(mountPath);
    if (devices.some((device) => device.name === name)) {
      errors.push(invalidValue(at.child('name'), name, 'must not already exist in volumeDevices'));
    }
    if (devices.some((device) => device.devicePath === mountPath)) {
      const detail = 'must not already exist as a path in volumeDevices';
      errors.push(invalidValue(at.child('mountPath'), mountPath, detail));
    }
    if (mount.subPath) validateDescendingPath(mount.subPath, path.child('subPath'), errors);
    if (mount.subPathExpr) {
      if (mount.subPath) {
        const detail = 'subPathExpr and subPath are mutually exclusive';
        errors.push(invalidValue(at.child('subPathExpr'), mount.subPathExpr, detail));
      }
      validateDescendingPath(mount.subPathExpr, path.child('subPathExpr'), errors);
    }
    if (mount.mountPropagation !== undefined) validateMountPropagation(mount, container, path, errors);
    if (mount.recursiveReadOnly !== undefined) validateRecursiveReadOnly(mount, path, errors);
  });
}

function validateMountPropagation(
  mount: VolumeMount,
  container: Container,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('mountPropagation');
  const propagation = mount.mountPropagation ?? '';
  if (!MOUNT_PROPAGATIONS.includes(propagation)) errors.push(notSupported(at, propagation, MOUNT_PROPAGATIONS));
  if (propagation === 'Bidirectional' && !container.securityContext?.privileged) {
    errors.push(forbiddenField(at, 'Bidirectional mount propagation is available only to privileged containers'));
  }
}

function validateRecursiveReadOnly(mount: VolumeMount, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('recursiveReadOnly');
  const value = mount.recursiveReadOnly ?? '';
  if (!RECURSIVE_READ_ONLY.includes(value)) errors.push(notSupported(at, value, RECURSIVE_READ_ONLY));
  else if (value !== 'Disabled') {
    if (!mount.readOnly) errors.push(forbiddenField(at, 'may only be specified when readOnly is true'));
    if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') {
      errors.push(forbiddenField(at, 'may only be specified when mountPropagation is None or not specified'));
    }
  }
}

/** Where a container sees raw block devices; only claims can be devices. */
export function validateVolumeDevices(container: Container, path: FieldPath, context: PodSpecContext): void {
  const devices = container.volumeDevices;
  if (!devices?.length) return;
  const { errors, volumes } = context;
  const mounts = container.volumeMounts ?? [];
  const names = new Set<string>();
  const paths = new Set<string>();
  devices.forEach((device, index) => {
    const namePath = path.index(index).child('name');
    const pathPath = path.index(index).child('devicePath');
    const name = device.name ?? '';
    const devicePath = device.devicePath ?? '';
    const volume = volumes.get(name);
    if (!name) errors.push(required(namePath));
    if (names.has(name)) errors.push(invalidValue(namePath, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalidValue(namePath, name, detail));
    }
    if (!volume) errors.push(fieldNotFound(namePath, name));
    if (!devicePath) errors.push(required(pathPath));
    if (paths.has(devicePath)) errors.push(invalidValue(pathPath, devicePath, 'must be unique'));
    if (hasBackstep(devicePath)) {
      errors.push(invalidValue(pathPath, devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(invalidValue(namePath, name, 'must not already exist in volumeMounts'));
    }
    if (mounts.some((mount) => mount.mountPath === devicePath)) {
      errors.push(invalidValue(pathPath, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (name) names.add(name);
  });
}
