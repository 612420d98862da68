import type { Stage } from './stage.ts';

/** `pilothouse.dev/oom-kill: "true"`: the kernel kills the container, after `exit-after` (1 s). */
export const containerOomKilled: Stage = {
  name: 'container-oom-killed',
  for: 'container',
  selector: {
    state: 'running',
    matchExpressions: [
      { key: 'annotation.oom-kill', operator: 'In', values: ['true'] },
      { key: 'container.exitsSpent', operator: 'DoesNotExist' },
    ],
  },
  delay: { durationFrom: 'annotation.exit-after', duration: '1s' },
  next: { state: 'exited', exitCode: 137, reason: 'OOMKilled' },
};
