import type { ProjectFile, Say } from './words.js';

/** The files of the root, and the folder where the application writes. */
export function rootFiles(say: Say): ProjectFile[] {
  return [
    { path: 'storage/.gitignore', content: '*\n!.gitignore\n' },
    { path: '.gitignore', content: 'node_modules/\n.env\n*.log\n' },
    { path: '.env.example', content: example(say) },
    { path: 'tsconfig.json', content: tsconfig(say) },
  ];
}

const example = (say: Say): string => `# ${say(
  'Copiez ce fichier sous le nom .env, et retirez le # des lignes que vous changez. .env ne va pas dans le dépôt.',
  'Copy this file to .env, and remove the # of the lines that you change. .env stays out of the repository.',
)}
# ${say('Les variables du terminal passent devant lui.', 'The variables of the terminal go before it.')}

# ${say('L’adresse du serveur. 0.0.0.0 : toutes celles de la machine.', 'The address of the server. 0.0.0.0: all those of the machine.')}
# HOST=127.0.0.1
# PORT=3000

# ${say(
  'production (sans rien dire), development ou test. « klinge serve --watch » prend development.',
  'production (when nothing is said), development or test. "klinge serve --watch" takes development.',
)}
# NODE_ENV=development

# ${say(
  'Chaque option de config/session, config/cookie et config/app a sa variable :',
  'Each option of config/session, config/cookie and config/app has its variable:',
)}
# SESSION_EXPIRATION=7200
# SESSION_SAVE_PATH=storage/framework/session
# COOKIE_SECURE=true
# APP_TRUST_PROXY=1

# ${say(
  'Les vôtres se lisent dans config/, par exemple defineDatabase(({ env }) => …), et non dans process.env :',
  'Your own are read in config/, for example defineDatabase(({ env }) => …), and not in process.env:',
)}
# DB_PASSWORD=
`;

const tsconfig = (say: Say): string => `{
  // ${say(
    'Pour votre éditeur ; l’application s’exécute sans compilation. Pour vérifier les types :',
    'For your editor; the application runs without being compiled. To check the types:',
  )}
  // npm install --save-dev typescript @types/node && npx tsc
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023"],
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    // ${say('["node"] une fois @types/node installé.', '["node"] once @types/node is installed.')}
    "types": []
  },
  "include": ["app", "config"]
}
`;
