import type {
  AppConfig,
  CookieConfig,
  DatabaseConfig,
  ResolvedDatabaseGroup,
} from '../../contracts/config.js';
import type { Words } from '../command.js';

type Texts<T> = Readonly<Record<keyof T, Words>>;

/** What each option of `config/cookie` does. */
export const COOKIE_TEXTS: Texts<CookieConfig> = {
  prefix: {
    fr: 'Ce qui précède le nom de vos cookies ; ignoré pour celui de la session.',
    en: 'What precedes the name of your cookies; ignored for the session’s.',
  },
  expires: {
    fr: 'Durée ou date de fin de vos cookies ; celui de la session suit session.expiration.',
    en: 'Duration or end date of your cookies; the session’s follows session.expiration.',
  },
  path: {
    fr: 'Les adresses du site où les cookies sont envoyés.',
    en: 'The addresses of the site to which the cookies are sent.',
  },
  domain: {
    fr: 'Le domaine où les cookies sont envoyés ; vide : le seul hôte qui les a posés.',
    en: 'The domain to which the cookies are sent; empty: only the host that set them.',
  },
  secure: {
    fr: 'Les cookies ne passent que par HTTPS ; « auto » : quand la requête est venue ainsi.',
    en: 'The cookies travel over HTTPS only; "auto": when the request came that way.',
  },
  httponly: {
    fr: 'Le JavaScript de la page ne lit pas les cookies ; toujours vrai pour celui de la session.',
    en: 'The JavaScript of the page cannot read the cookies; always true for the session’s.',
  },
  samesite: {
    fr: 'Ce que les autres sites peuvent déclencher avec les cookies : Lax, Strict ou None.',
    en: 'What other sites may trigger with the cookies: Lax, Strict or None.',
  },
  raw: {
    fr: 'La valeur de vos cookies part sans être encodée ; ignoré pour celui de la session.',
    en: 'The value of your cookies is sent unencoded; ignored for the session’s.',
  },
  partitioned: {
    fr: 'Un cookie par site où la page est incorporée (attribut Partitioned).',
    en: 'One cookie for each site in which the page is embedded (attribute Partitioned).',
  },
};

/** What each option of `config/app` does. */
export const APP_TEXTS: Texts<AppConfig> = {
  env: {
    fr: 'L’environnement : production, development, test…',
    en: 'The environment: production, development, test…',
  },
  base_url: {
    fr: 'L’adresse publique du site.',
    en: 'The public address of the site.',
  },
  key: {
    fr: 'Le secret de l’application, pour ce qui en demande un.',
    en: 'The secret of the application, for what needs one.',
  },
  trust_proxy: {
    fr: 'De qui croire les adresses transmises par les mandataires : un nombre de relais, des adresses, ou personne.',
    en: 'Whose forwarded addresses are believed: a number of proxies, addresses, or nobody’s.',
  },
  debug_bar: {
    fr: 'En développement, la session au pied de chaque page.',
    en: 'In development, the session at the foot of each page.',
  },
};

export const DATABASE_TEXTS: Texts<Omit<DatabaseConfig, 'groups'>> = {
  connection: {
    fr: 'Le groupe de config/database pris par défaut.',
    en: 'The group of config/database taken by default.',
  },
};

/** What each option of a group of `config/database` does. */
export const GROUP_TEXTS: Texts<ResolvedDatabaseGroup> = {
  driver: { fr: 'La sorte de base : mysql ou postgre.', en: 'The kind of database: mysql or postgre.' },
  host: { fr: 'La machine où est la base.', en: 'The machine that holds the database.' },
  port: { fr: 'Le port où la base répond.', en: 'The port at which the database answers.' },
  username: { fr: 'Le compte qui se connecte.', en: 'The account that connects.' },
  password: { fr: 'Son mot de passe.', en: 'Its password.' },
  database: { fr: 'Le nom de la base.', en: 'The name of the database.' },
  charset: { fr: 'Le jeu de caractères de la connexion.', en: 'The character set of the connection.' },
  prefix: { fr: 'Ce qui précède le nom des tables.', en: 'What precedes the names of the tables.' },
  socket: {
    fr: 'Le chemin de la prise Unix ; vide : host et port.',
    en: 'The path of the Unix socket; empty: host and port.',
  },
  ssl: {
    fr: 'La connexion chiffrée, et ses certificats.',
    en: 'The encrypted connection, and its certificates.',
  },
  pool: { fr: 'Les réglages de la réserve de connexions.', en: 'The settings of the pool of connections.' },
};

export const SERVICE_TEXT: Words = {
  fr: 'Un service de l’application, construit par cette fonction.',
  en: 'A service of the application, made by this function.',
};
