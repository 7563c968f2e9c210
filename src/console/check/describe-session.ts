import type { SessionConfig } from '../../contracts/config.js';
import type { Words } from '../command.js';

/** What each option of `config/session` does, in one sentence. The type leaves none out and allows none that is gone. */
export const SESSION_TEXTS: Readonly<Record<keyof SessionConfig, Words>> = {
  handler: {
    fr: 'Où les sessions sont rangées : un gestionnaire, par son nom ou sa classe.',
    en: 'Where sessions are stored: a handler, by its name or its class.',
  },
  interop: {
    fr: 'L’application PHP avec laquelle les mêmes sessions sont partagées ; false : aucune.',
    en: 'The PHP application with which the same sessions are shared; false: none.',
  },
  cookie_name: {
    fr: 'Le nom du cookie qui porte l’identifiant de session.',
    en: 'The name of the cookie that carries the session id.',
  },
  expiration: {
    fr: 'Secondes d’inactivité après lesquelles la session s’éteint ; 0 : à la fermeture du navigateur.',
    en: 'Seconds of inactivity after which the session ends; 0: when the browser closes.',
  },
  savePath: {
    fr: 'Le dossier, la table ou l’adresse où le gestionnaire range les sessions.',
    en: 'The folder, table or address where the handler stores the sessions.',
  },
  matchIP: {
    fr: 'La session ne répond qu’à l’adresse IP qui l’a créée.',
    en: 'The session answers only the IP address that created it.',
  },
  time_to_update: {
    fr: 'Secondes entre deux renouvellements automatiques de l’identifiant ; 0 : jamais.',
    en: 'Seconds between two automatic renewals of the id; 0: never.',
  },
  regenerate_destroy: {
    fr: 'Le renouvellement automatique ne laisse aucun chemin de l’ancien identifiant vers le nouveau.',
    en: 'The automatic renewal leaves no way from the old id to the new one.',
  },
  group: {
    fr: 'Le groupe de config/database où sont les sessions ; null : le groupe par défaut.',
    en: 'The group of config/database that holds the sessions; null: the default group.',
  },
  serialize_handler: {
    fr: 'Le format des données rangées : json, ou l’un de ceux de PHP.',
    en: 'The format of the stored data: json, or one of those of PHP.',
  },
  gc_probability: {
    fr: 'Chances, sur gc_divisor, qu’une requête supprime les sessions expirées ; 0 : jamais.',
    en: 'Chances, out of gc_divisor, that a request deletes expired sessions; 0: never.',
  },
  gc_divisor: {
    fr: 'Le diviseur de gc_probability : 1 sur 100, c’est une requête sur cent.',
    en: 'The divisor of gc_probability: 1 out of 100 is one request in a hundred.',
  },
  gc_maxlifetime: {
    fr: 'Secondes pendant lesquelles le serveur garde une session quand expiration vaut 0.',
    en: 'Seconds for which the server keeps a session when expiration is 0.',
  },
  lock_ttl: {
    fr: 'Secondes que dure le bail du verrou, renouvelé tant que la requête court.',
    en: 'Seconds that the lease of the lock lasts, renewed while the request runs.',
  },
  lock_max: {
    fr: 'Secondes après lesquelles une session ouverte se ferme d’office.',
    en: 'Seconds after which an open session is closed whatever happens.',
  },
  lock_wait: {
    fr: 'Secondes qu’une requête attend, au plus, le verrou de sa session.',
    en: 'Seconds that a request waits, at most, for the lock of its session.',
  },
  lock_max_waiters: {
    fr: 'Requêtes d’un même processus qui peuvent attendre une même session ; les suivantes sont refusées.',
    en: 'Requests of one process that may wait for one session; those after them are refused.',
  },
  absolute_expiration: {
    fr: 'Secondes après sa création où la session s’éteint, quelle que soit l’activité ; 0 : sans limite.',
    en: 'Seconds after its creation when the session ends, whatever its activity; 0: no limit.',
  },
  grace: {
    fr: 'Secondes pendant lesquelles un ancien identifiant mène encore au nouveau.',
    en: 'Seconds during which an old id still leads to the new one.',
  },
  touch_interval: {
    fr: 'Secondes après lesquelles une session inchangée mais utilisée est datée de nouveau.',
    en: 'Seconds after which a session that was used but not changed is dated anew.',
  },
  operation_timeout: {
    fr: 'Secondes accordées à une opération du stockage.',
    en: 'Seconds given to one operation of the store.',
  },
  file_lock: {
    fr: 'Le verrou du gestionnaire file : flock, ou lease là où le système n’a pas flock.',
    en: 'The lock of the file handler: flock, or lease where the system has no flock.',
  },
  file_trust_folder: {
    fr: 'Accepte un dossier de sessions où d’autres utilisateurs de la machine peuvent écrire.',
    en: 'Accepts a session folder that other users of the machine may write to.',
  },
  save_uninitialized: {
    fr: 'Enregistre une session, et envoie un cookie, même quand rien n’a été rangé.',
    en: 'Saves a session, and sends a cookie, even when nothing was stored.',
  },
};
