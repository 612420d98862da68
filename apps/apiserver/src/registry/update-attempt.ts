import type { StoredObject } from '@pilothouse/storage';
import type { Finish } from './write-hooks.ts';

/** What one try of an update has reserved. */
export class UpdateAttempt {
  created = false;
  onFinish: Finish | undefined;

  async finish(succeeded: boolean): Promise<void> {
    const { onFinish } = this;
    this.onFinish = undefined;
    await onFinish?.(succeeded);
  }
}

/** Leaves a store's update with the result of a dry run. */
export class DryRunDone extends Error {
  readonly object: StoredObject;
  constructor(object: StoredObject) {
    super('dry run');
    this.object = object;
  }
}

/** Leaves a store's update because the object has to be removed instead. */
export class FinishedByUpdate extends Error {
  readonly expected: StoredObject;
  constructor(expected: StoredObject) {
    super('the last finalizer is gone');
    this.expected = expected;
  }
}

/** Leaves a store's write because somebody else wrote first. */
export class Outdated extends Error {}
