import { JsonDecodeError, StatusError } from '@pilothouse/apimachinery';
import { flag, parseFlags } from '@pilothouse/component';
import { UserError } from '../user-error.ts';
import { convert, ENCODINGS, type Encoding } from './convert.ts';

const FLAGS = {
  from: flag.string({ default: 'yaml', description: `Encoding of standard input: ${ENCODINGS.join(', ')}.` }),
  to: flag.string({ default: 'json', description: 'Encoding of standard output.' }),
};

/** `pilothouse codec --from protobuf --to yaml < pod.pb`: any built-in kind, from standard input to standard output. */
export async function codec(args: readonly string[]): Promise<number> {
  const { values } = parse(args);
  const [from, to] = [encodingOf('from', values.from), encodingOf('to', values.to)];
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  try {
    process.stdout.write(convert(Buffer.concat(chunks), from, to));
    return 0;
  } catch (error) {
    if (isUnreadable(error))
      throw new UserError(`cannot read the object as ${from}: ${(error as Error).message.split('\n', 1)[0]}`);
    throw error;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseFlags(FLAGS, args);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

function encodingOf(name: string, value: string): Encoding {
  const encoding = ENCODINGS.find((each) => each === value);
  if (!encoding) throw new UserError(`--${name}: ${JSON.stringify(value)} is not one of ${ENCODINGS.join(', ')}`);
  return encoding;
}

/** Malformed JSON, YAML, Protobuf or UTF-8, or a kind that is not built in. */
function isUnreadable(error: unknown): boolean {
  return (
    error instanceof StatusError ||
    error instanceof JsonDecodeError ||
    error instanceof TypeError ||
    (error as Error).name.startsWith('YAML')
  );
}
