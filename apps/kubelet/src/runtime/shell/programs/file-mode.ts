import type { FileAttributes } from '../../file-tree.ts';

const NAMES: Readonly<Record<number, string>> = { 0: 'root', 65534: 'nobody' };

/** Of a user or a group; a number where `/etc/passwd` has no name for it. */
export function userName(id: number): string {
  return NAMES[id] ?? String(id);
}

/** As `ls -l` shows it: `-rw-r--r--`, `drwxrwsrwx`, `drwxrwxrwt`. */
export function modeText({ mode, isDirectory }: Pick<FileAttributes, 'mode'> & { isDirectory: boolean }): string {
  const bits = permissionBits(mode);
  const special = (at: number, isSet: boolean, letter: string): void => {
    if (isSet) bits[at] = bits[at] === '-' ? letter.toUpperCase() : letter;
  };
  special(2, (mode & 0o4000) !== 0, 's');
  special(5, (mode & 0o2000) !== 0, 's');
  special(8, (mode & 0o1000) !== 0, 't');
  return (isDirectory ? 'd' : '-') + bits.join('');
}

/** As Go prints a file's mode: what is special stands before the permissions, `dtrwxrwxrwx`. */
export function goModeText({ mode, isDirectory }: Pick<FileAttributes, 'mode'> & { isDirectory: boolean }): string {
  const special = `${isDirectory ? 'd' : ''}${mode & 0o2000 ? 'g' : ''}${mode & 0o1000 ? 't' : ''}`;
  return (special || '-') + permissionBits(mode).join('');
}

function permissionBits(mode: number): string[] {
  return [...'rwxrwxrwx'].map((letter, index) => (mode & (1 << (8 - index)) ? letter : '-'));
}

/** `640`, `u+x`, `g=rw,o-r`; undefined where it is neither. */
export function parseMode(text: string, before: number): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  let mode = before;
  for (const clause of text.split(',')) {
    const [, who = '', operator, permissions = ''] = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause) ?? [];
    if (operator === undefined) return undefined;
    const wanted = [...permissions].reduce((bits, letter) => bits | { r: 4, w: 2, x: 1 }[letter]!, 0);
    for (const class_ of who === '' || who.includes('a') ? 'ugo' : who) {
      const shift = { u: 6, g: 3, o: 0 }[class_]!;
      if (operator === '=') mode &= ~(7 << shift);
      mode = operator === '-' ? mode & ~(wanted << shift) : mode | (wanted << shift);
    }
  }
  return mode;
}
