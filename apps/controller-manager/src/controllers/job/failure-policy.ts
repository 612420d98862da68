import type { ContainerStatus, Job, Pod, PodFailurePolicyRule } from '@pilothouse/api';

export type FailureVerdict =
  | { readonly action: 'Count' | 'Ignore' | 'FailIndex' }
  | { readonly action: 'FailJob'; readonly message: string };

/**
 * What a failed pod means under the Job's pod failure policy: the first rule that matches decides.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
export function judgeFailure(job: Job, pod: Pod): FailureVerdict {
  for (const [at, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const why = matchExitCodes(rule, pod) ?? matchConditions(rule, pod);
    if (why === undefined) continue;
    switch (rule.action) {
      case 'FailJob':
        return { action: 'FailJob', message: `${why} matching FailJob rule at index ${at}` };
      case 'Ignore':
      case 'FailIndex':
        return { action: rule.action };
      default:
        return { action: 'Count' };
    }
  }
  return { action: 'Count' };
}

function matchExitCodes(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const requirement = rule.onExitCodes;
  if (!requirement) return undefined;
  const statuses: ContainerStatus[] = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ];
  for (const status of statuses) {
    const exitCode = status.state?.terminated?.exitCode ?? 0;
    if (exitCode === 0 || (requirement.containerName && requirement.containerName !== status.name)) continue;
    const listed = requirement.values?.includes(exitCode) === true;
    if (requirement.operator === 'In' ? listed : !listed) {
      return `Container ${status.name} for pod ${pod.metadata.namespace}/${pod.metadata.name} failed with exit code ${exitCode}`;
    }
  }
  return undefined;
}

function matchConditions(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  for (const pattern of rule.onPodConditions ?? []) {
    const condition = pod.status?.conditions?.find(
      (each) => each.type === pattern.type && each.status === (pattern.status || 'True'),
    );
    if (condition) return `Pod ${pod.metadata.namespace}/${pod.metadata.name} has condition ${condition.type}`;
  }
  return undefined;
}
