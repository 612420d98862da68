export interface Issue {
  readonly at: number;
  readonly message: string;
}

/** What is wrong with an expression, in the words and the layout of cel-go. */
export class CompileError extends Error {
  readonly issues: readonly Issue[];

  constructor(source: string, issues: readonly Issue[]) {
    super(issues.map((issue) => formatIssue(source, issue)).join('\n'));
    this.name = 'CompileError';
    this.issues = issues;
  }
}

/**
 * ```
 * ERROR: <input>:1:6: undefined field 'x'
 *  | self.x > 1
 *  | .....^
 * ```
 */
function formatIssue(source: string, { at, message }: Issue): string {
  const before = source.slice(0, Math.max(at, 0)).split('\n');
  const line = source.split('\n')[before.length - 1] ?? '';
  const column = before.at(-1)!.length;
  return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${line}\n | ${'.'.repeat(column)}^`;
}
