/** cel-go's unit costs: https://pkg.go.dev/github.com/google/cel-go/common; `has()` is free, as Kubernetes configures it. */
export const COSTS = {
  identifier: 1,
  select: 1,
  list: 10,
  map: 30,
} as const;

/** What a comprehension costs besides its range and, for every item, its body: cel-go expands it to a fold. */
export const MACRO_COSTS = {
  all: { item: 3, whole: 1 },
  exists: { item: 4, whole: 1 },
  existsOne: { item: 2, whole: 2 },
  filter: { item: 13, whole: 11 },
  map: { item: 12, whole: 11 },
  transformList: { item: 12, whole: 11 },
  transformMap: { item: 32, whole: 31 },
  transformMapEntry: { item: 32, whole: 31 },
  sortBy: { item: 13, whole: 21 },
} as const;
