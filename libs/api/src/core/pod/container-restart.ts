import type { Container, PodSpec } from '@pilothouse/api';

/** Whether a container that ended with `exitCode` is started again: by its rules, its own policy, or its pod's. */
export function shouldContainerRestart(container: Container, spec: PodSpec, exitCode: number): boolean {
  if (container.restartPolicy !== undefined) {
    for (const { exitCodes } of container.restartPolicyRules ?? []) {
      const listed = exitCodes?.values?.includes(exitCode) ?? false;
      if (exitCodes && listed === (exitCodes.operator === 'In')) return true;
    }
  }
  const policy = container.restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}
