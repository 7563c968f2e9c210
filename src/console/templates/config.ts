import type { ProjectFile, Say } from './words.js';

/** `config/`: the options that most projects touch, each with its default and a sentence. */
export function configFiles(say: Say): ProjectFile[] {
  return [
    { path: 'config/session.ts', content: session(say) },
    { path: 'config/cookie.ts', content: cookie(say) },
    { path: 'config/app.ts', content: app(say) },
    { path: 'config/routes.ts', content: routes(say) },
  ];
}

const session = (say: Say): string => `import { defineSession } from 'blitz-session';

// ${say(
  'Ce qui n’est pas écrit ici garde sa valeur par défaut : `npx klinge config:check` montre et explique tout.',
  'What is not written here keeps its default: `npx klinge config:check` shows and explains everything.',
)}
// ${say(
  'L’environnement passe devant ce fichier : SESSION_EXPIRATION=600, dans le terminal ou dans .env.',
  'The environment goes before this file: SESSION_EXPIRATION=600, in the terminal or in .env.',
)}
export default defineSession({
  // ${say(
    'Où les sessions sont rangées. Par défaut « file », un fichier par session ; « array », en mémoire, sous NODE_ENV=test.',
    'Where sessions are stored. By default "file", one file a session; "array", in memory, under NODE_ENV=test.',
  )}
  // ${say(
    'Avec « database », savePath est le nom d’une table ; avec « redis » et « memcached », une adresse.',
    'With "database", savePath is the name of a table; with "redis" and "memcached", an address.',
  )}
  // handler: 'file',

  // ${say(
    'Le dossier de ces fichiers, depuis la racine du projet. Jamais sous public/.',
    'The folder of these files, from the root of the project. Never below public/.',
  )}
  savePath: 'storage/framework/session',

  // ${say('Le nom du cookie.', 'The name of the cookie.')}
  cookie_name: 'blitz_session',

  // ${say(
    'Secondes d’inactivité après lesquelles la session s’éteint. 0 : à la fermeture du navigateur.',
    'Seconds of inactivity after which the session ends. 0: when the browser closes.',
  )}
  expiration: 7200,

  // ${say(
    'Secondes entre deux renouvellements automatiques de l’identifiant. 0 : jamais.',
    'Seconds between two automatic renewals of the id. 0: never.',
  )}
  time_to_update: 300,

  // ${say(
    'À true, la session ne répond qu’à l’adresse qui l’a créée ; un téléphone en change souvent.',
    'When true, the session answers only the address that created it; a phone often changes its own.',
  )}
  matchIP: false,

  // ${say(
    'À false, un visiteur pour qui rien n’est rangé (un robot, une page publique) ne reçoit ni session ni cookie.',
    'When false, a visitor for whom nothing is stored (a robot, a public page) gets neither session nor cookie.',
  )}
  save_uninitialized: true,
});
`;

const cookie = (say: Say): string => `import { defineCookie } from 'blitz-session';

// ${say(
  'Le cookie de la session, et les valeurs par défaut des vôtres. Celui de la session est toujours HttpOnly.',
  'The session’s cookie, and the defaults of your own. The session’s is always HttpOnly.',
)}
export default defineCookie({
  // ${say(
    '« auto » : Secure dès que la requête vient en HTTPS. Derrière un mandataire, voyez trust_proxy dans config/app.ts.',
    '"auto": Secure as soon as the request comes over HTTPS. Behind a proxy, see trust_proxy in config/app.ts.',
  )}
  secure: 'auto',

  // ${say(
    'Lax : le cookie ne part pas avec les formulaires des autres sites. Strict : pas même avec leurs liens.',
    'Lax: the cookie does not go with the forms of other sites. Strict: not even with their links.',
  )}
  samesite: 'Lax',

  // ${say('Les adresses du site où le cookie est envoyé.', 'The addresses of the site to which the cookie is sent.')}
  path: '/',

  // ${say(
    'Vide : le seul hôte qui l’a posé. « example.org » : ses sous-domaines aussi.',
    'Empty: only the host that set it. "example.org": its subdomains too.',
  )}
  domain: '',
});
`;

const app = (say: Say): string => `import { defineApp } from 'blitz-session';

export default defineApp({
  // ${say(
    'De qui croire les adresses transmises (X-Forwarded-For, X-Forwarded-Proto) : de personne.',
    'Whose forwarded addresses are believed (X-Forwarded-For, X-Forwarded-Proto): nobody’s.',
  )}
  // ${say(
    'Derrière un mandataire (nginx, un répartiteur de charge) : 1, ou son adresse.',
    'Behind a proxy (nginx, a load balancer): 1, or its address.',
  )}
  trust_proxy: false,

  // ${say('L’adresse publique du site, par exemple « https://example.org ».', 'The public address of the site, for example "https://example.org".')}
  base_url: '',
});
`;

// In a list, so that no line of this file begins like an import of its own.
const ROUTE_IMPORTS = [
  "import { defineRoutes } from 'blitz-session';",
  "import { HomeController } from '../app/Controllers/HomeController.ts';",
].join('\n');

const routes = (say: Say): string => `${ROUTE_IMPORTS}

// ${say(
  'Chaque route ouvre la session avant votre fonction, et l’enregistre avant que la réponse ne parte.',
  'Each route opens the session before your function, and saves it before the response leaves.',
)}
export default defineRoutes((route) => {
  route.get('/', [HomeController, 'index']).name('home');
  route.post('${resetPath(say)}', [HomeController, 'reset']).name('home.reset');

  // ${say('Une fonction suffit aussi :', 'A function will do too:')}
  // route.get('/${say('bonjour', 'hello')}/{name}', (name: string) => \`${say('Bonjour', 'Hello')} \${name}\`);
});
`;

const resetPath = (say: Say): string => say('/remise-a-zero', '/reset');
