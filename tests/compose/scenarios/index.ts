import { disasterRecovery } from './disaster-recovery.ts';
import { faults } from './faults.ts';
import { hardening } from './hardening.ts';
import { images } from './images.ts';
import { memberReplacement } from './member-replacement.ts';
import { rollingUpgrade } from './rolling-upgrade.ts';
import type { Scenario } from './scenario.ts';
import { start } from './start.ts';
import { state } from './state.ts';
import { stopSignal } from './stop-signal.ts';

/** In the order in which they run: each works with the cluster that the one before has left. */
export const SCENARIOS: readonly Scenario[] = [
  images,
  start,
  hardening,
  faults,
  rollingUpgrade,
  disasterRecovery,
  memberReplacement,
  stopSignal,
  state,
];
