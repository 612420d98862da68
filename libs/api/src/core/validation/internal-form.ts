/**
 * A field of one of upstream's internal types: its name in our (v1) form, what stands for it when it is unset, and for a
 * struct or a list of structs its own fields.
 */
export type InternalField = readonly [name: string, unset: '' | 0 | null, fields?: InternalFields];

/** All fields by their Go name, in the order in which Go declares them. */
export type InternalFields = Readonly<Record<string, InternalField>>;

/**
 * A value as error messages show it. Upstream validates its internal types, which have no JSON names: all fields are
 * there, under their Go names, whether they are set or not.
 */
export function internalForm(value: object, fields: InternalFields): object {
  if (Array.isArray(value)) return value.map((each: object) => internalForm(each, fields));
  const given = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(fields).map(([goName, [name, unset, inner]]) => {
      const own = given[name] ?? unset;
      return [goName, inner && typeof own === 'object' && own !== null ? internalForm(own, inner) : own];
    }),
  );
}

/** A map as Go's JSON encoder writes it: sorted by key, `null` when there is none. */
export function sortedMap<T>(map: Readonly<Record<string, T>> | undefined): Record<string, T> | null {
  if (map === undefined) return null;
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
