import { conversions, sizes } from './conversions.ts';
import { lists, optionals } from './lists.ts';
import { namedFormats } from './named-formats.ts';
import { network } from './network.ts';
import { dynamic, operators } from './operators.ts';
import type { Overload } from './overload.ts';
import { quantities } from './quantities.ts';
import { semvers } from './semver.ts';
import { strings } from './strings.ts';
import { timeParts } from './time-parts.ts';
import { urls } from './urls.ts';

/** Every function that an expression in Kubernetes may call: https://kubernetes.io/docs/reference/using-api/cel/ */
export const kubernetesLibrary: readonly Overload[] = [
  ...operators,
  ...dynamic,
  ...conversions,
  ...sizes,
  ...timeParts,
  ...strings,
  ...lists,
  ...optionals,
  ...urls,
  ...quantities,
  ...network,
  ...semvers,
  ...namedFormats,
];
