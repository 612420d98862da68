import type { KubeObject } from '../meta/object.ts';

/**
 * Thrown by `KindVersions.convert` when a conversion has to be asked of somebody else first. Whoever called the field
 * manager asks, remembers the answer and calls again with the same arguments: managing fields changes nothing outside.
 */
export class ConversionPending extends Error {
  readonly object: KubeObject;
  readonly apiVersion: string;

  constructor(object: KubeObject, apiVersion: string) {
    super(`conversion to ${apiVersion} is pending`);
    this.name = 'ConversionPending';
    this.object = object;
    this.apiVersion = apiVersion;
  }
}
