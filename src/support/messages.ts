/** One sentence a code and a language. `{name}` is filled in from the details; ids and data never are. */
export const MESSAGES = {
  E_SESSION_NO_REQUEST: {
    fr: "Aucune session ici : ce code s'exécute hors d'une requête. Placez-le sous withSession(…), ou ouvrez une session à la main avec Session.run(cible, async (session) => …).",
    en: 'No session here: this code runs outside a request. Put it below withSession(…), or open a session by hand with Session.run(target, async (session) => …).',
  },
  E_SESSION_NESTED: {
    fr: 'Cette session est déjà ouverte dans ce contexte : Session.run attendrait son propre verrou. Utilisez la session courante, ou fermez-la d’abord avec await session().close().',
    en: 'This session is already open in this context: Session.run would wait for its own lock. Use the current session, or close it first with await session().close().',
  },
  E_SESSION_CLOSED: {
    fr: "La session est fermée : « {call} » ne peut plus la modifier. Écrivez avant close(), avant destroy() et avant le premier octet de la réponse, ou rouvrez-la d'abord avec await session().start() si la réponse n'est pas commencée.",
    en: 'The session is closed: "{call}" can no longer change it. Write before close(), before destroy() and before the first byte of the response, or reopen it first with await session().start() if the response has not begun.',
  },
  E_SESSION_READ_ONLY: {
    fr: 'Cette requête a ouvert la session en lecture seule : « {call} » est refusé. Retirez l’option readOnly de cette route pour écrire.',
    en: 'This request opened the session read-only: "{call}" is refused. Remove the readOnly option of this route to write.',
  },
  E_SESSION_LOCK_TIMEOUT: {
    fr: "Le verrou de la session n'a pas été obtenu en {seconds} s : une autre requête du même visiteur la garde ouverte. Fermez la session plus tôt dans les requêtes lentes (await session().close()), ou augmentez lock_wait.",
    en: 'The session lock was not obtained within {seconds} s: another request of the same visitor keeps it open. Close the session earlier in slow requests (await session().close()), or raise lock_wait.',
  },
  E_SESSION_LOCK_LOST: {
    fr: "Le verrou de la session a été perdu (durée lock_max dépassée, bail expiré ou serveur redémarré) : rien n'a été écrit. Fermez la session avant un travail long, puis rouvrez-la avec await session().start().",
    en: 'The session lock was lost (lock_max exceeded, lease expired or server restarted): nothing was written. Close the session before long work, then reopen it with await session().start().',
  },
  E_SESSION_BUSY: {
    fr: 'Trop de requêtes attendent déjà cette session (lock_max_waiters : {limit}). Réessayez dans un instant.',
    en: 'Too many requests are already waiting for this session (lock_max_waiters: {limit}). Try again in a moment.',
  },
  E_SESSION_CLIENT_LEFT: {
    fr: "Le client est parti pendant que sa requête attendait la session : le gestionnaire n'est pas exécuté.",
    en: 'The client left while its request was waiting for the session: the handler is not run.',
  },
  E_SESSION_BACKEND: {
    fr: 'Le stockage des sessions (gestionnaire « {handler} ») a échoué pendant « {operation} ». La cause est jointe ; vérifiez le disque ou le serveur, puis réessayez.',
    en: 'The session store (handler "{handler}") failed during "{operation}". The cause is attached; check the disk or the server, then try again.',
  },
  E_SESSION_CORRUPT: {
    fr: 'Un enregistrement de session illisible a été mis de côté ; le visiteur reçoit une nouvelle session. Gestionnaire : {handler}.',
    en: 'An unreadable session record was kept aside; the visitor gets a new session. Handler: {handler}.',
  },
  E_SESSION_RETIRED: {
    fr: "Un identifiant de session retiré a été présenté après son délai de grâce : une nouvelle session est ouverte. Répété, c'est le signe d'un cookie volé ou d'un client qui ignore Set-Cookie.",
    en: 'A retired session id was presented after its grace delay: a new session is opened. Repeated, this is the sign of a stolen cookie or of a client that ignores Set-Cookie.',
  },
  E_SESSION_UNREMOVABLE: {
    fr: 'Le ramassage des sessions a laissé {count} fichier(s) de {folder} qu’il n’a pas pu ouvrir. Vérifiez à qui ils appartiennent.',
    en: 'The session collector left {count} file(s) of {folder} that it could not open. Check who owns them.',
  },
  E_SESSION_UNKNOWN_ID: {
    fr: 'Aucune session vivante ne correspond à la cible donnée à Session.run. Passez undefined pour en créer une nouvelle.',
    en: 'No live session corresponds to the target given to Session.run. Pass undefined to create a new one.',
  },
  E_SESSION_VALUE: {
    fr: 'La valeur sous « {key} » ne peut pas être conservée en session ({found}). Convertissez-la en données simples : objets littéraux, listes, textes, nombres, dates, Map, Set, bigint ou Uint8Array (ni dates, ni Map, ni Set dans les formats de PHP).',
    en: 'The value under "{key}" cannot be kept in a session ({found}). Convert it to plain data: object literals, lists, strings, numbers, dates, Map, Set, bigint or Uint8Array (no dates, Map or Set in the formats of PHP).',
  },
  E_SESSION_TYPE: {
    fr: '« {call} » attend {expected} sous « {key} », mais y trouve {found}. Corrigez la clé ou remplacez la valeur avec put().',
    en: '"{call}" expects {expected} under "{key}" but finds {found}. Correct the key or replace the value with put().',
  },
  E_SESSION_CONFIG: { fr: 'Configuration refusée :\n{faults}', en: 'Configuration refused:\n{faults}' },
  E_SESSION_HANDLER: {
    fr: 'Le gestionnaire de session « {name} » est inconnu. Connus : {known}. Enregistrez le vôtre avec Session.extend(nom, Classe) dans un écouteur de app:init (dossier app/Listeners).',
    en: 'The session handler "{name}" is unknown. Known: {known}. Register yours with Session.extend(name, Class) in an app:init listener (folder app/Listeners).',
  },
  E_SESSION_FLOCK: {
    fr: "flock(2) n'est pas disponible ici (système ou binaire de koffi manquant). Sur un système ou un dossier réseau sans flock, choisissez file_lock: 'lease' dans config/session.ts.",
    en: "flock(2) is not available here (system, or koffi's binary missing). On a system or network folder without flock, choose file_lock: 'lease' in config/session.ts.",
  },
  E_SESSION_FOLDER: {
    fr: 'Le dossier des sessions ({folder}) est refusé : {reason}.',
    en: 'The session folder ({folder}) is refused: {reason}.',
  },
  E_SESSION_SAVE_PATH: {
    fr: 'savePath est refusé pour le gestionnaire « {handler} » : {reason}. Formes : {forms}.',
    en: 'savePath is refused for the handler "{handler}": {reason}. Forms: {forms}.',
  },
  E_SESSION_TABLE: {
    fr: 'La table des sessions « {table} » (gestionnaire « {handler} ») ne convient pas : {reason}. {remedy}.',
    en: 'The session table "{table}" (handler "{handler}") does not fit: {reason}. {remedy}.',
  },
  E_SESSION_TOO_LARGE: {
    fr: 'La session est plus grande que ce que le serveur accepte (gestionnaire « {handler} » ; memcached : 1 Mio sauf option -I ; MySQL et MariaDB : le type de la colonne data et max_allowed_packet) : rien n’a été écrit. Gardez-y moins de choses, ou relevez cette limite.',
    en: 'The session is larger than the server accepts (handler "{handler}"; memcached: 1 MiB unless -I says otherwise; MySQL and MariaDB: the type of the column data, and max_allowed_packet): nothing was written. Keep less in it, or raise that limit.',
  },
  E_SERVICE_UNKNOWN: {
    fr: 'Le service « {name} » est inconnu. Ajoutez-le dans config/services.ts, ou corrigez son nom. Connus : {known}.',
    en: 'The service "{name}" is unknown. Add it in config/services.ts, or correct its name. Known: {known}.',
  },
  E_APP_NOT_BOOTED: {
    fr: "Aucune application n'est démarrée : appelez d'abord await Application.boot().",
    en: 'No application is booted: call await Application.boot() first.',
  },
  E_APP_CLOSED: {
    fr: "L'application est en cours d'arrêt : elle n'ouvre plus de session.",
    en: 'The application is closing: it opens no more sessions.',
  },
  E_PACKAGE_MISSING: {
    fr: 'Il manque de quoi {purpose}. Installez : npm install {packages}',
    en: 'What it takes to {purpose} is missing. Install it: npm install {packages}',
  },
  E_HTTP_NO_REQUEST: {
    fr: "Aucune requête ici : ce code s'exécute hors d'une route de l'application. Appelez-le dans une action, un contrôleur, un filtre ou une vue.",
    en: 'No request here: this code runs outside a route of the application. Call it in an action, a controller, a middleware or a view.',
  },
  E_ROUTE: {
    fr: 'La route « {route} » est refusée : {reason}.',
    en: 'The route "{route}" is refused: {reason}.',
  },
  E_ROUTE_UNKNOWN: {
    fr: "Aucune route ne s'appelle « {name} ». Donnez-lui ce nom avec .name('{name}') dans config/routes.ts. Noms connus : {known}.",
    en: 'No route is called "{name}". Give it this name with .name(\'{name}\') in config/routes.ts. Known names: {known}.',
  },
  E_RESPONSE: {
    fr: 'La réponse est refusée : {reason}.',
    en: 'The response is refused: {reason}.',
  },
  E_VIEW_UNKNOWN: {
    fr: 'La vue « {name} » est introuvable. Créez {file}, ou corrigez le nom.',
    en: 'The view "{name}" was not found. Create {file}, or correct the name.',
  },
  E_VIEW_SYNTAX: {
    fr: 'La vue {file} ne se lit pas : {reason}.',
    en: 'The view {file} cannot be read: {reason}.',
  },
  E_APP_LISTEN: {
    fr: "Le serveur n'a pas pu s'ouvrir : {reason}.",
    en: 'The server could not open: {reason}.',
  },
  E_INIT: {
    fr: 'klinge init ne peut rien faire ici : {reason}.',
    en: 'klinge init can do nothing here: {reason}.',
  },
  E_DATABASE: {
    fr: 'La base du groupe « {group} » ({place}) a échoué pendant « {operation} ». La cause est jointe ; vérifiez que le serveur répond, puis host, port, username, password et database dans config/database, et les droits du compte.',
    en: 'The database of the group "{group}" ({place}) failed during "{operation}". The cause is attached; check that the server answers, then host, port, username, password and database in config/database, and the rights of the account.',
  },
  E_MIGRATION: {
    fr: 'Migrations : {reason}.',
    en: 'Migrations: {reason}.',
  },
  E_COOKIE_NO_REQUEST: {
    fr: 'Aucune requête ici : « {call} » lit ou change les cookies de la requête en cours. Appelez-le pendant une requête ; ailleurs, fabriquez le cookie avec cookie().make(…).',
    en: 'No request here: "{call}" reads or changes the cookies of the current request. Call it during a request; elsewhere, build the cookie with cookie().make(…).',
  },
  E_COOKIE: { fr: 'Cookie refusé : {reason}.', en: 'Cookie refused: {reason}.' },
} as const;
