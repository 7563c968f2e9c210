import { isIP } from 'node:net';
import * as v from 'valibot';
import type { AppConfig } from '../contracts/config.js';
import { boolean, type FileSchema, type Option, secret } from './option.js';
import { asNumberOrBoolean, asText } from './text.js';

type TrustProxy = AppConfig['trust_proxy'];

/** An address, or a network as address/bits. */
function isNetwork(text: string): boolean {
  const [address = '', bits, more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const network: v.GenericSchema<string, string> = v.pipe(v.string(), v.trim(), v.check(isNetwork));

const TRUST_PROXY: Option<TrustProxy> = {
  schema: v.union([
    v.literal(false),
    v.pipe(
      v.number(),
      v.safeInteger(),
      v.minValue(0),
      v.transform((hops) => (hops === 0 ? false : hops)),
    ),
    v.pipe(
      v.string(),
      v.transform((list) => list.split(',')),
      v.array(network),
    ),
    v.pipe(
      v.array(network),
      v.transform((list): TrustProxy => (list.length === 0 ? false : list)),
    ),
  ]),
  otherwise: () => false,
  allowed: {
    fr: 'false, un nombre de relais (1, 2…), ou des adresses ("10.0.0.1, 192.168.0.0/16", ou une liste)',
    en: 'false, a number of hops (1, 2…), or addresses ("10.0.0.1, 192.168.0.0/16", or a list)',
  },
  fromText: asNumberOrBoolean,
  explain: (value) =>
    value === true
      ? {
          fr: 'un nombre de relais (1 derrière un seul mandataire) ou leurs adresses ; true croirait n’importe quel visiteur sur son adresse',
          en: 'a number of hops (1 behind a single proxy) or their addresses; true would believe any visitor about his address',
        }
      : undefined,
};

const BASE_URL: Option<string> = {
  schema: v.union([
    v.literal(''),
    v.pipe(
      v.string(),
      v.check((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)),
    ),
  ]),
  otherwise: () => '',
  allowed: {
    fr: 'une adresse complète en http:// ou https://, ou un texte vide',
    en: 'a complete http:// or https:// address, or an empty text',
  },
  fromText: asText,
};

const ENV: Option<string> = {
  schema: v.pipe(v.string(), v.regex(/^[\w.-]+$/)),
  otherwise: (_known, context) => context.env['NODE_ENV'] || 'production',
  allowed: {
    fr: 'un nom d’environnement : production, development, test…',
    en: 'the name of an environment: production, development, test…',
  },
  fromText: asText,
};

/** Every option of `config/app.ts` with its default. */
export const APP: FileSchema<AppConfig> = {
  aliases: {},
  options: {
    env: ENV,
    base_url: BASE_URL,
    key: secret(''),
    trust_proxy: TRUST_PROXY,
    debug_bar: boolean(true),
  },
};
