import { controllerRefOf, type KubeObject } from '@pilothouse/apimachinery';

/** What a controller does with an object that it might own. */
export type Claim = 'keep' | 'adopt' | 'release' | 'ignore';

/** The rules of ownership between one controller and one object. See upstream's ClaimObject. */
export function planClaim(object: KubeObject, controller: KubeObject, matches: boolean): Claim {
  const owner = controllerRefOf(object);
  if (owner) {
    if (owner.uid !== controller.metadata?.uid) return 'ignore';
    if (matches) return 'keep';
    // While the controller is being deleted the garbage collector decides what becomes of its objects.
    return controller.metadata?.deletionTimestamp ? 'ignore' : 'release';
  }
  if (!matches || controller.metadata?.deletionTimestamp || object.metadata?.deletionTimestamp) return 'ignore';
  return object.metadata?.namespace === controller.metadata?.namespace || !controller.metadata?.namespace
    ? 'adopt'
    : 'ignore';
}
