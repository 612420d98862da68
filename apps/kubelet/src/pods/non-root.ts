import type { Container, Pod } from '@pilothouse/api';
import { parseImageReference } from '../runtime/image-reference.ts';
import { knownImage } from '../runtime/known-images.ts';

/**
 * Why a container with `runAsNonRoot` may not be created; upstream's verifyRunAsNonRoot and its texts. Every known image
 * runs as root unless told otherwise; as whom others run nobody knows, and they are believed.
 * https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 */
export function nonRootProblem(
  { metadata, spec }: Pod,
  { name, image = '', securityContext }: Container,
): string | undefined {
  if (!(securityContext?.runAsNonRoot ?? spec.securityContext?.runAsNonRoot)) return undefined;
  const where = `(pod: "${metadata.name}_${metadata.namespace}(${metadata.uid})", container: ${name})`;
  const user = securityContext?.runAsUser ?? spec.securityContext?.runAsUser;
  if (user === 0) return `container's runAsUser breaks non-root policy ${where}`;
  if (user !== undefined) return undefined;
  const reference = parseImageReference(image);
  return reference && knownImage(reference)
    ? `container has runAsNonRoot and image will run as root ${where}`
    : undefined;
}
