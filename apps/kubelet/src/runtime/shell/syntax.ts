/** The part of the POSIX shell language that is simulated. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html */
export type Node =
  | { readonly type: 'command'; readonly words: readonly Word[]; readonly redirects: readonly Redirect[] }
  | { readonly type: 'pipe'; readonly commands: readonly Node[] }
  | { readonly type: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly type: 'not'; readonly body: Node }
  | { readonly type: 'list'; readonly items: readonly Node[] }
  | { readonly type: 'background'; readonly body: Node }
  /** A loop, a group or another compound command with redirects. */
  | { readonly type: 'redirected'; readonly body: Node; readonly redirects: readonly Redirect[] }
  | { readonly type: 'loop'; readonly until: boolean; readonly condition: Node; readonly body: Node }
  | { readonly type: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: Node }
  | { readonly type: 'if'; readonly condition: Node; readonly then: Node; readonly otherwise?: Node };

export interface Redirect {
  /** 0 is standard input. */
  readonly fd: 0 | 1 | 2;
  readonly append: boolean;
  /** A file, or `&1` / `&2`; of a here-document its text. */
  readonly target: Word;
  readonly isHereDocument?: boolean;
}

/** A word before expansion. */
export type Word = readonly WordPart[];

export type WordPart =
  /** Quoted parts are never split into fields. */
  | { readonly text: string; readonly quoted: boolean }
  | { readonly variable: string; readonly fallback?: string; readonly quoted: boolean }
  | { readonly substitution: Node; readonly quoted: boolean }
  | { readonly arithmetic: string };

/** Said of what the simulation does not understand; the caller then treats the program as an opaque service. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError';
}
