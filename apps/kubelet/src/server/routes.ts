import { containerLogs } from './container-logs.ts';
import { podList, runningPodList } from './pod-list.ts';
import { resourceMetrics } from './resource-metrics.ts';
import type { Route } from './route.ts';
import { statsSummary } from './stats-summary.ts';

/** The kubelet's API, but for what upgrades its connection (`upgrade.ts`) and the pages every process has. */
export const ROUTES: readonly Route[] = [containerLogs, podList, runningPodList, resourceMetrics, statsSummary];
