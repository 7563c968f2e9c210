import { type Language, language } from '../../support/language.js';
import type { ConsoleContext } from '../command.js';
import type { Paint } from '../paint.js';
import type { About } from './description.js';
import type { LockKind, StoreAnswer } from './store.js';

const TEXTS = {
  fr: {
    application: 'Application',
    store: 'Stockage des sessions',
    production: 'Pour la production',
    platform: 'système',
    absent: 'absent',
    root: 'dossier',
    environment: 'environnement',
    handler: 'gestionnaire',
    database: 'base',
    savePath: 'emplacement',
    serializer: 'format',
    interop: 'partage avec PHP',
    cookie: 'cookie',
    lock: 'verrou',
    start: 'démarrage',
    answer: 'réponse',
    reachable: (ms: string) => `répond, lecture en ${ms} ms`,
    started: (ms: string) => `${ms} ms`,
    failed: 'échec',
    hint: 'à vérifier',
    warning: 'à corriger',
    clean: 'Rien à signaler.',
    locks: {
      flock: 'flock, tenu par le système',
      lease: 'bail, renouvelé tant que la requête court',
      store: 'celui du gestionnaire',
      process: 'dans ce processus seulement',
    } satisfies Record<LockKind, string>,
  },
  en: {
    application: 'Application',
    store: 'Session store',
    production: 'For production',
    platform: 'platform',
    absent: 'absent',
    root: 'folder',
    environment: 'environment',
    handler: 'handler',
    database: 'database',
    savePath: 'place',
    serializer: 'format',
    interop: 'shared with PHP',
    cookie: 'cookie',
    lock: 'lock',
    start: 'start',
    answer: 'answer',
    reachable: (ms: string) => `answers, read in ${ms} ms`,
    started: (ms: string) => `${ms} ms`,
    failed: 'failed',
    hint: 'to check',
    warning: 'to correct',
    clean: 'Nothing to report.',
    locks: {
      flock: 'flock, held by the system',
      lease: 'a lease, renewed while the request runs',
      store: 'the handler’s own',
      process: 'in this process only',
    } satisfies Record<LockKind, string>,
  },
} satisfies Record<Language, unknown>;

type Fact = readonly [label: string, value: string];

export function printAbout(told: About, line: ConsoleContext['line'], paint: Paint): void {
  const lang = language();
  const texts = TEXTS[lang];
  const sections: (readonly [title: string, facts: readonly Fact[]])[] = [
    ['blitz-session', versionFacts(told, texts.absent, texts.platform)],
  ];
  if (told.application !== undefined) sections.push([texts.application, applicationFacts(told)]);
  if (told.store !== undefined) sections.push([texts.store, storeFacts(told.store, paint)]);
  const width = Math.max(...sections.flatMap(([, facts]) => facts.map(([label]) => label.length)));
  for (const [title, facts] of sections) {
    line(paint.strong(title));
    for (const [label, value] of facts) line(`  ${paint.soft(label.padEnd(width))}  ${value}`);
    line();
  }
  if (told.error !== undefined) line(paint.bad(told.error.message));
  if (told.production === undefined) return;
  line(paint.strong(texts.production));
  if (told.production.length === 0) line(`  ${paint.good(texts.clean)}`);
  for (const { level, option, message } of told.production) {
    const label = level === 'warning' ? paint.bad(texts.warning) : paint.warn(texts.hint);
    line(`  ${label}  ${paint.name(option)} ${message}`);
  }
}

function versionFacts({ versions, root }: About, absent: string, platform: string): Fact[] {
  return [
    ['blitz-session', versions['blitz-session']],
    ['Node.js', versions.node],
    [platform, versions.platform],
    ['fastify', versions.fastify ?? absent],
    ['eta', versions.eta ?? absent],
    [TEXTS[language()].root, root],
  ];
}

function applicationFacts({ application }: About): Fact[] {
  const texts = TEXTS[language()];
  if (application === undefined) return [];
  return [
    [texts.environment, application.environment],
    [texts.handler, application.handler],
    ...(application.database === undefined
      ? []
      : [[texts.database, databaseText(application.database)] as const]),
    ...(application.savePath === '' ? [] : [[texts.savePath, application.savePath] as const]),
    [texts.serializer, application.serializer],
    ...(application.interop === false ? [] : [[texts.interop, application.interop] as const]),
    [texts.cookie, application.cookie],
  ];
}

function databaseText({ group, place }: NonNullable<NonNullable<About['application']>['database']>): string {
  return `${group} (${place})`;
}

function storeFacts(store: StoreAnswer, paint: Paint): Fact[] {
  const lang = language();
  const texts = TEXTS[lang];
  const ms = (value: number) => value.toLocaleString(lang);
  const facts: Fact[] = [];
  if (store.lock !== undefined) facts.push([texts.lock, texts.locks[store.lock]]);
  if (store.bootMilliseconds !== undefined)
    facts.push([texts.start, texts.started(ms(store.bootMilliseconds))]);
  if (store.failure !== undefined) {
    const { code, message } = store.failure;
    facts.push([texts.answer, paint.bad([texts.failed, code].filter(Boolean).join(', '))], ['', message]);
  } else facts.push([texts.answer, paint.good(texts.reachable(ms(store.readMilliseconds ?? 0)))]);
  return facts;
}
