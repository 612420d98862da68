import { commandEnds } from './command-ends.ts';
import { commandStopped } from './command-stopped.ts';
import { containerCrashLoops } from './container-crash-loops.ts';
import { containerFails } from './container-fails.ts';
import { containerFinishes } from './container-finishes.ts';
import { containerKilled } from './container-killed.ts';
import { containerOomKilled } from './container-oom-killed.ts';
import { containerStarts } from './container-starts.ts';
import { containerStops } from './container-stops.ts';
import { imageNotFound } from './image-not-found.ts';
import { imagePullFails } from './image-pull-fails.ts';
import { imagePulled } from './image-pulled.ts';
import { imageRegistryUnknown } from './image-registry-unknown.ts';
import { initContainerCompletes } from './init-container-completes.ts';
import { jobContainerCompletes } from './job-container-completes.ts';
import { probeFails } from './probe-fails.ts';
import { probeReady } from './probe-ready.ts';
import { probeRecovers } from './probe-recovers.ts';
import { probeStarted } from './probe-started.ts';
import { probeTurnsBad } from './probe-turns-bad.ts';
import { probeUnready } from './probe-unready.ts';
import { sandboxReady } from './sandbox-ready.ts';
import { sandboxStops } from './sandbox-stops.ts';
import { serverStopped } from './server-stopped.ts';
import type { Stage } from './stage.ts';

/** Every built-in behaviour; the first that matches a subject plays. Stages from a `--stages` file stand before these. */
export const STAGES: readonly Stage[] = [
  sandboxReady,
  sandboxStops,
  imagePullFails,
  imageNotFound,
  imageRegistryUnknown,
  imagePulled,
  containerStarts,
  containerOomKilled,
  containerCrashLoops,
  containerFails,
  containerFinishes,
  commandEnds,
  initContainerCompletes,
  jobContainerCompletes,
  containerKilled,
  commandStopped,
  serverStopped,
  containerStops,
  probeStarted,
  probeFails,
  probeReady,
  probeTurnsBad,
  probeUnready,
  probeRecovers,
];
