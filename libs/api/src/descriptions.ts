/** What is said of a message, or of one of its fields: the comments in `proto/`. */
export type Describe = (message: string, field?: string) => string | undefined;

type Descriptions = Readonly<Record<string, readonly [own: string, fields: Readonly<Record<string, string>>]>>;

/** Loaded when first asked for: nobody but who publishes the API needs them. */
export async function loadDescriptions(): Promise<Describe> {
  const { default: json } = await import('./generated/descriptions.json', { with: { type: 'json' } });
  const descriptions = json as unknown as Descriptions;
  return (message, field) => {
    const [own, fields] = descriptions[message] ?? ['', {}];
    return (field === undefined ? own : fields[field]) || undefined;
  };
}
