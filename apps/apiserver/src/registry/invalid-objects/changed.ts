/** What is changed in the valid object: paths such as `spec.containers[0].image`; null takes a field away. */
export type Change = Readonly<Record<string, unknown>>;

/** A deep copy with the change made. */
export function changed(object: object, change: Change): any {
  const copy = structuredClone(object);
  for (const [path, value] of Object.entries(change)) set(copy, segmentsOf(path), value);
  return copy;
}

/** `a.b[0]['c.d']` → a, b, 0, c.d */
function segmentsOf(path: string): string[] {
  return [...path.matchAll(/\['([^']*)'\]|\[(\d+)\]|([^.[\]]+)/g)].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

function set(object: any, [segment, ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) {
    object[segment!] ??= /^\d+$/.test(rest[0]!) ? [] : {};
    set(object[segment!], rest, value);
  } else if (value === null) delete object[segment!];
  else object[segment!] = value;
}
