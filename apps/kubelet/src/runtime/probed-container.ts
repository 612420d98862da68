import type { Pod } from '@pilothouse/api';
import type { PlayedSubject } from '../stages/stage-player.ts';
import type { ProcessContext } from './shell/process.ts';

/** So much of a container as its probes and hooks look at. */
export interface ProbedContainer extends Pick<PlayedSubject, 'key' | 'labels' | 'annotations' | 'fact'> {
  readonly name: string;
  readonly pod: Pod;
  readonly podIP: string;
  /** Its main program is outside the simulation. */
  readonly isOpaque: boolean;
  /** What a program started in it sees. */
  processContext(
    extraEnv?: Readonly<Record<string, string>>,
    unknownProgram?: ProcessContext['unknownProgram'],
  ): ProcessContext;
}
