import * as v from 'valibot';
import type { Interop } from '../contracts/interop.js';
import type { Option } from './option.js';
import { asBoolean } from './text.js';

type Peer = Exclude<Interop, false>['peer'];

/** The releases whose sessions were measured; taken when the file names none. */
const MEASURED: Readonly<Record<Peer, string>> = {
  blitzphp: '1.5.1',
  codeigniter4: '4.7.2',
  php: '8.2',
};

const PEERS: readonly Peer[] = ['blitzphp', 'codeigniter4', 'php'];

function settle(value: false | 'php' | { peer: Peer; version?: string | undefined }): Interop {
  if (value === false) return false;
  // The short form means the framework whose library this is; plain PHP is { peer: 'php' }.
  if (value === 'php') return { peer: 'blitzphp', version: MEASURED.blitzphp };
  return { peer: value.peer, version: value.version ?? MEASURED[value.peer] };
}

/** `false`, `'php'` (a BlitzPHP application), or a peer and its version. In text: `peer` or `peer:version`. */
export const INTEROP: Option<Interop> = {
  schema: v.pipe(
    v.union([
      v.literal(false),
      v.literal('php'),
      v.strictObject({
        peer: v.picklist(PEERS),
        version: v.optional(v.pipe(v.string(), v.regex(/^\d+(?:\.\d+){0,2}$/))),
      }),
    ]),
    v.transform(settle),
  ),
  otherwise: () => false,
  allowed: {
    fr: "false, 'php', ou { peer: 'blitzphp' | 'codeigniter4' | 'php', version: '1.5.1' }",
    en: "false, 'php', or { peer: 'blitzphp' | 'codeigniter4' | 'php', version: '1.5.1' }",
  },
  fromText: (text) => {
    const named = /^(blitzphp|codeigniter4|php)(?::(.*))?$/.exec(text.trim());
    if (named === null) return asBoolean(text);
    if (named[0] === 'php') return 'php';
    return named[2] === undefined ? { peer: named[1] } : { peer: named[1], version: named[2] };
  },
};
