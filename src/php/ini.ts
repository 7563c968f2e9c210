/** PHP's `session.*` settings that mean something here, and the values that PHP has without a php.ini. */
const DEFAULTS = {
  save_path: '',
  name: 'PHPSESSID',
  gc_probability: '1',
  gc_divisor: '100',
  gc_maxlifetime: '1440',
  serialize_handler: 'php',
  cookie_lifetime: '0',
  cookie_path: '/',
  cookie_domain: '',
  cookie_secure: '0',
  cookie_httponly: '0',
  cookie_samesite: '',
  use_strict_mode: '0',
  use_cookies: '1',
  use_only_cookies: '1',
  cache_limiter: 'nocache',
  cache_expire: '180',
  sid_length: '32',
  sid_bits_per_character: '4',
  lazy_write: '1',
} as const;

/** Without `session.`. */
export type Setting = keyof typeof DEFAULTS;

/** What `ini_set` and the options of `session_start` take. */
export type SettingValue = string | number | boolean | null;

type Check = (value: string) => boolean;

const integer = (min: number, max: number): Check => {
  return (value) => /^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
};
const HEADER_SAFE: Check = (value) => !/[\u0000-\u0020,;]/.test(value);

const CHECKS: Partial<Record<Setting, Check>> = {
  save_path: (value) => !value.includes('\0'),
  name: (value) => value !== '' && !/^\d+$/.test(value) && /^[!#$%&'*+\-^_`|~0-9A-Za-z]+$/.test(value),
  gc_probability: integer(0, 2 ** 31),
  gc_divisor: integer(1, 2 ** 31),
  gc_maxlifetime: integer(0, 2 ** 40),
  serialize_handler: (value) => /^(?:php|php_binary|php_serialize|json)$/.test(value),
  cookie_lifetime: integer(0, 2 ** 40),
  cookie_path: (value) => !/[\u0000-\u001f,;]/.test(value),
  cookie_domain: HEADER_SAFE,
  cookie_samesite: (value) => /^(?:|Lax|Strict|None)$/i.test(value),
  use_only_cookies: (value) => isOn(value),
  cache_expire: integer(0, 2 ** 31),
  sid_length: integer(22, 256),
  sid_bits_per_character: integer(4, 6),
};

/** Where settings that were not set come from: another table, or a function that knows better than PHP's defaults. */
export interface SettingSource {
  get(name: Setting): string;
}

export const PHP_DEFAULTS: SettingSource = { get: (name) => DEFAULTS[name] };

/** Settings of the process, or of one request over those of the process. */
export class Settings implements SettingSource {
  readonly #own = new Map<Setting, string>();
  readonly #below: SettingSource;

  constructor(below: SettingSource) {
    this.#below = below;
  }

  get(name: Setting): string {
    return this.#own.get(name) ?? this.#below.get(name);
  }

  /** What was set here itself. */
  own(name: Setting): string | undefined {
    return this.#own.get(name);
  }

  number(name: Setting): number {
    return Number(this.get(name));
  }

  isOn(name: Setting): boolean {
    return isOn(this.get(name));
  }

  /** False when PHP knows no such setting, or refuses the value. */
  set(name: string, value: SettingValue): boolean {
    if (!isSetting(name)) return false;
    const text = value === true ? '1' : value === false || value === null ? '' : String(value);
    if (CHECKS[name]?.(text) === false) return false;
    this.#own.set(name, text);
    return true;
  }
}

export function isSetting(name: string): name is Setting {
  return Object.hasOwn(DEFAULTS, name);
}

function isOn(value: string): boolean {
  return /^(?:on|yes|true)$/i.test(value) || Number.parseInt(value, 10) > 0;
}

/** Whether this request runs the collector: `session.gc_probability` times in `session.gc_divisor`. */
export function drawsGc(settings: Settings): boolean {
  return Math.random() * settings.number('gc_divisor') < settings.number('gc_probability');
}
