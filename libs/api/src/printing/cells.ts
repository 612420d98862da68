import { humanDuration } from './human-duration.ts';

/** What a cell says when there is nothing to say, and when it is not known; kubectl's readers know both by sight. */
export const NONE = '<none>';
export const UNKNOWN = '<unknown>';
export const UNSET = '<unset>';

/** How long ago an RFC 3339 timestamp was: the age column. */
export function ageCell(timestamp: string | null | undefined, now: Date): string {
  if (!timestamp) return UNKNOWN;
  return humanDuration(now.getTime() - Date.parse(timestamp));
}

/** `a=1,b=2`, sorted by key. */
export function labelsCell(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? NONE : pairs.sort().join(',');
}

interface NamedImage {
  readonly name: string;
  readonly image?: string;
}

/** The containers and images columns of everything that has a pod template; init containers are not shown. */
export function containerNamesCell(containers: readonly NamedImage[] | undefined): string {
  return (containers ?? []).map((container) => container.name).join(',');
}

export function containerImagesCell(containers: readonly NamedImage[] | undefined): string {
  return (containers ?? []).map((container) => container.image ?? '').join(',');
}
