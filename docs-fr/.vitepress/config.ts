import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { frenchPermalinks, frenchTheme, LABELS, SEARCH_LABELS } from './french.js';
import { SIDEBAR } from './sidebar.js';
import { slug } from './slug.js';
import { unlinkOutside } from './unlink.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The first heading of a page. */
function titleOf(page: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(`${ROOT}docs-fr/${page}.md`, 'utf8')) ?? [];
  if (title === undefined) throw new Error(`docs-fr/${page}.md has no heading`);
  return title;
}

/** The favicon of the sample application; in the page itself, so that there is one copy of it. */
const ICON = `data:image/svg+xml,${encodeURIComponent(readFileSync(`${ROOT}public/favicon.svg`, 'utf8'))}`;

export default defineConfig({
  lang: 'fr-FR',
  title: 'Blitz Session',
  description:
    'Le guide de blitz-session : des sessions HTTP côté serveur pour Node.js, comme celles de BlitzPHP.',
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: ICON }],
    ['meta', { name: 'color-scheme', content: 'light dark' }],
  ],
  transformPageData: ({ relativePath }) =>
    relativePath === 'index.md' ? { title: 'Blitz Session', titleTemplate: 'le guide' } : undefined,
  vite: {
    plugins: [frenchTheme],
    // The fonts are those of the sample application, in public/.
    server: { fs: { allow: [ROOT] } },
    // The index of the search is one file, loaded when somebody searches.
    build: { chunkSizeWarningLimit: 2000 },
  },
  markdown: {
    theme: { light: 'github-light', dark: 'github-dark' },
    codeCopyButtonTitle: 'Copier le code',
    anchor: { slugify: slug },
    config(markdown) {
      frenchPermalinks(markdown);
      unlinkOutside(markdown);
    },
  },
  themeConfig: {
    ...LABELS,
    logo: { src: ICON, alt: '' },
    nav: [
      { text: 'Installation', link: '/installation' },
      { text: 'La session', link: '/session' },
      { text: 'La configuration', link: '/configuration' },
      { text: 'Les erreurs', link: '/erreurs' },
    ],
    sidebar: SIDEBAR.map(({ group, pages }) => ({
      text: group,
      items: pages.map((page) => ({ text: titleOf(page), link: `/${page}` })),
    })),
    search: {
      provider: 'local',
      options: {
        translations: SEARCH_LABELS,
        miniSearch: {
          // « memoire » finds « mémoire ».
          options: { processTerm: (term) => term.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase() },
          searchOptions: { fuzzy: 0.15, prefix: true, boost: { title: 4, titles: 1, text: 2 } },
        },
      },
    },
  },
});
