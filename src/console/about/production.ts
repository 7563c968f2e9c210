import { existsSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ResolvedConfig } from '../../contracts/config.js';
import { language } from '../../support/language.js';
import { isRemote, keepsInTable, targetOf } from '../database/target.js';
import type { LockKind } from './store.js';

/** `warning`: wrong in production. `hint`: right or wrong depending on what only the reader knows. */
export interface Finding {
  readonly level: 'warning' | 'hint';
  /** `cookie.secure`. */
  readonly option: string;
  readonly message: string;
}

const DAY = 86_400;
const LONG_LIFE = 30 * DAY;
/** Seconds that proxies commonly wait for an answer. */
const PROXY_PATIENCE = 60;
/** Seconds that a process may stand still (garbage collection, a virtual machine that moves) and still be alive. */
const SHORT_LEASE = 5;
const OTHERS_MAY_WRITE = 0o022;

/** What should be put right before production. `lock` as the store answered, undefined when it did not. */
export function findings(config: ResolvedConfig, lock: LockKind | undefined): Finding[] {
  const found: Finding[] = [];
  const lang = language();
  const say = (level: Finding['level']) => (option: string, fr: string, en: string) => {
    found.push({ level, option, message: { fr, en }[lang] });
  };
  const context: Context = { config, lock, warn: say('warning'), hint: say('hint') };
  for (const check of [environment, cookie, store, database, lifetime, locks]) check(context);
  return found;
}

type Tell = (option: string, fr: string, en: string) => void;

interface Context {
  readonly config: ResolvedConfig;
  readonly lock: LockKind | undefined;
  readonly warn: Tell;
  readonly hint: Tell;
}

function environment({ config: { app }, warn }: Context): void {
  if (!/^(?:dev|development|local|test|testing)$/i.test(app.env)) return;
  warn(
    'app.env',
    `vaut « ${app.env} » : les erreurs montrent du code source. Retirez NODE_ENV, ou mettez production.`,
    `is "${app.env}": errors show source code. Remove NODE_ENV, or set it to production.`,
  );
}

function cookie({ config: { cookie, session, app }, warn, hint }: Context): void {
  if (cookie.secure === false) {
    warn(
      'cookie.secure',
      "vaut false : l’identifiant de session passe aussi en clair. Mettez true, ou 'auto' si le site répond aussi en HTTP.",
      "is false: the session id also travels unencrypted. Set it to true, or to 'auto' if the site answers over HTTP too.",
    );
  }
  if (cookie.samesite === 'None') {
    warn(
      'cookie.samesite',
      'vaut None : les autres sites envoient des requêtes avec la session. Prenez Lax, sauf si vos pages sont incorporées ailleurs.',
      'is None: other sites send requests with the session. Take Lax, unless your pages are embedded elsewhere.',
    );
  }
  if (app.trust_proxy !== false) return;
  const depends = [cookie.secure === 'auto' ? 'cookie.secure' : '', session.matchIP ? 'session.matchIP' : ''];
  const options = depends.filter(Boolean).join(', ');
  if (options === '') return;
  hint(
    'app.trust_proxy',
    `vaut false : derrière un mandataire, mettez le nombre de relais ou leurs adresses, sans quoi ${options} se trompe.`,
    `is false: behind a proxy, set the number of hops or their addresses, or else ${options} goes wrong.`,
  );
}

function store({ config: { root, session }, lock, warn, hint }: Context): void {
  if (session.handler === 'array') {
    warn(
      'session.handler',
      'vaut array : un redémarrage perd toutes les sessions, et deux processus ne les partagent pas. Prenez file.',
      'is array: a restart loses every session, and two processes do not share them. Take file.',
    );
    return;
  }
  if (lock === 'process') {
    hint(
      'session.handler',
      'n’a pas de verrou à lui : servez l’application avec un seul processus.',
      'has no lock of its own: serve the application with a single process.',
    );
  }
  if (session.handler !== 'file') return;
  const folder = real(String(session.savePath));
  if (isInside(folder, real(join(root, 'public')))) {
    warn(
      'session.savePath',
      'est dans public/ : n’importe qui pourrait télécharger les sessions. Prenez storage/framework/session.',
      'is inside public/: anybody could download the sessions. Take storage/framework/session.',
    );
  }
  const temporary = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm'].map(real);
  // An application that lies there as a whole is being tried out, and this would tell nothing.
  if (temporary.some((place) => isInside(folder, place) && !isInside(real(root), place))) {
    warn(
      'session.savePath',
      'est un dossier temporaire : le système le vide, et d’autres y écrivent. Prenez storage/framework/session.',
      'is a temporary folder: the system empties it, and others write there. Take storage/framework/session.',
    );
  }
  if (session.file_trust_folder && isOpen(folder)) {
    warn(
      'session.file_trust_folder',
      `vaut true, et d’autres utilisateurs peuvent écrire dans ${session.savePath} : chmod go-w, puis retirez l’option.`,
      `is true, and other users can write to ${session.savePath}: chmod go-w, then remove the option.`,
    );
  } else if (session.file_trust_folder) {
    hint(
      'session.file_trust_folder',
      'vaut true sans nécessité : le dossier convient. Retirez l’option, et son contrôle revient.',
      'is true without need: the folder is fine. Remove the option, and it is checked again.',
    );
  }
}

function database({ config, hint }: Context): void {
  if (!keepsInTable(config)) return;
  const { group, options } = targetOf(config);
  if (options.ssl === false && isRemote(options)) {
    hint(
      `database.${group}.ssl`,
      'vaut false, et la base est sur une autre machine : les sessions passent en clair. Mettez true, sauf si ce réseau est à vous seul.',
      'is false, and the database is on another machine: sessions travel unencrypted. Set it to true, unless that network is yours alone.',
    );
  }
}

function lifetime({ config: { session }, hint }: Context): void {
  const bounded = session.absolute_expiration > 0 && session.absolute_expiration <= LONG_LIFE;
  if (session.expiration > LONG_LIFE && !bounded) {
    const days = Math.round(session.expiration / DAY);
    hint(
      'session.expiration',
      `laisse vivre une session ${days} jours sans visite, et un cookie volé aussi. Réduisez-la, ou fixez absolute_expiration.`,
      `lets a session live ${days} days without a visit, and a stolen cookie too. Reduce it, or set absolute_expiration.`,
    );
  }
  if (session.gc_probability === 0) {
    hint(
      'session.gc_probability',
      'vaut 0 : aucune requête ne supprime les sessions expirées. Lancez « klinge session:gc » à heure fixe.',
      'is 0: no request deletes expired sessions. Run "klinge session:gc" at fixed hours.',
    );
  }
}

function locks({ config: { session }, lock, hint }: Context): void {
  if (session.lock_wait > PROXY_PATIENCE) {
    hint(
      'session.lock_wait',
      `vaut ${session.lock_wait} s : la plupart des mandataires abandonnent la requête après ${PROXY_PATIENCE} s.`,
      `is ${session.lock_wait} s: most proxies give the request up after ${PROXY_PATIENCE} s.`,
    );
  }
  if ((lock === 'lease' || lock === 'store') && session.lock_ttl < SHORT_LEASE) {
    hint(
      'session.lock_ttl',
      `vaut ${session.lock_ttl} s : un processus arrêté aussi longtemps perd son verrou, et la requête échoue. Mettez 30.`,
      `is ${session.lock_ttl} s: a process that stands still that long loses its lock, and the request fails. Set it to 30.`,
    );
  }
}

function real(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function isOpen(folder: string): boolean {
  return existsSync(folder) && (statSync(folder).mode & OTHERS_MAY_WRITE) !== 0;
}
