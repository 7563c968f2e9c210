// Draws the pictures of the guide into docs-fr/images/, or into the folder that is named. Run it after a change in
// scripts/diagrams/: `npm run diagrams`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renewal, signOut, withLock, withoutLock } from './diagrams/requests.mjs';
import { beside, lifeCycle, rooms } from './diagrams/structure.mjs';

const DIAGRAMS = {
  'avec-verrou.svg': withLock,
  'cycle-de-vie.svg': lifeCycle,
  'deconnexion.svg': signOut,
  'php-et-node.svg': beside,
  'pieces.svg': rooms,
  'renouvellement.svg': renewal,
  'sans-verrou.svg': withoutLock,
};

const folder = process.argv[2] ?? fileURLToPath(new URL('../docs-fr/images', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const [name, svg] of Object.entries(DIAGRAMS)) writeFileSync(join(folder, name), svg);
