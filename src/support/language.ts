export type Language = 'fr' | 'en';

/**
 * Language of messages: `BLITZ_LANG`, else `LANG` when it names French or English, else French.
 * Read at each call: messages are rare and tests change it.
 */
export function language(env: NodeJS.ProcessEnv = process.env): Language {
  for (const value of [env['BLITZ_LANG'], env['LANG']]) {
    const code = value?.slice(0, 2).toLowerCase();
    if (code === 'fr' || code === 'en') return code;
  }
  return 'fr';
}
