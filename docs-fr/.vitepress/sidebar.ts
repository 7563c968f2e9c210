/**
 * The guide's contents: groups in the order of a reader, and in each the names of its pages. A page is called by its
 * first heading. Every page but index.md has one place here; tests/integration/docs.test.ts sees to it.
 */
export const SIDEBAR: readonly { readonly group: string; readonly pages: readonly string[] }[] = [
  {
    group: 'Commencer',
    pages: [
      'premiers-pas',
      'installation',
      'venir-de-blitzphp',
      'venir-de-laravel',
      'venir-d-express-session',
    ],
  },
  {
    group: 'La session',
    pages: [
      'session',
      'cycle-de-vie',
      'concurrence',
      'securite',
      'facades',
      'evenements-et-services',
      'cookies',
    ],
  },
  {
    group: 'L’application',
    pages: [
      'application',
      'routes',
      'controleurs',
      'vues',
      'application-exemple',
      'barre-de-debogage',
      'tests',
    ],
  },
  {
    group: 'Sur le serveur que vous avez',
    pages: ['adaptateurs', 'express', 'fastify', 'koa', 'hono', 'fetch'],
  },
  {
    group: 'Où ranger les sessions',
    pages: [
      'choisir-un-gestionnaire',
      'gestionnaires',
      'bases-de-donnees',
      'redis',
      'memcached',
      'gestionnaire-sur-mesure',
    ],
  },
  {
    group: 'Configurer et surveiller',
    pages: ['configuration', 'console', 'observabilite', 'performance', 'capacite'],
  },
  {
    group: 'À côté de PHP',
    pages: ['migrer-depuis-php', 'fonctions-php', 'formats-php'],
  },
  {
    group: 'Retrouver',
    pages: ['reference', 'erreurs'],
  },
  {
    group: 'Le paquet lui-même',
    pages: ['architecture', 'contribuer'],
  },
];
