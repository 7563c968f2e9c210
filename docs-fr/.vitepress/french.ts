import type { DefaultTheme, MarkdownRenderer } from 'vitepress';

type Plugin = NonNullable<NonNullable<import('vitepress').UserConfig['vite']>['plugins']>[number];

/** What the default theme lets a site say in its own language. */
export const LABELS: DefaultTheme.Config = {
  outline: { level: [2, 3], label: 'Sur cette page' },
  docFooter: { prev: 'Page précédente', next: 'Page suivante' },
  darkModeSwitchLabel: 'Apparence',
  darkModeSwitchTitle: 'Passer au thème sombre',
  lightModeSwitchTitle: 'Passer au thème clair',
  sidebarMenuLabel: 'Menu',
  returnToTopLabel: 'Retour en haut',
  skipToContentLabel: 'Aller au contenu',
  notFound: {
    title: 'Page introuvable',
    quote: 'Cette adresse ne mène à aucune page du guide.',
    linkLabel: 'Aller au sommaire',
    linkText: 'Aller au sommaire',
  },
};

export const SEARCH_LABELS: NonNullable<DefaultTheme.LocalSearchOptions['translations']> = {
  button: { buttonText: 'Chercher', buttonAriaLabel: 'Chercher dans le guide' },
  modal: {
    displayDetails: 'Montrer les extraits',
    resetButtonTitle: 'Effacer la recherche',
    backButtonTitle: 'Fermer la recherche',
    noResultsText: 'Rien ne répond à',
    footer: {
      selectText: 'ouvrir',
      selectKeyAriaLabel: 'Entrée',
      navigateText: 'choisir',
      navigateUpKeyAriaLabel: 'Flèche haut',
      navigateDownKeyAriaLabel: 'Flèche bas',
      closeText: 'fermer',
      closeKeyAriaLabel: 'Échap',
    },
  },
};

/** What it has in English only: the component, the words, ours. */
const FIXED: readonly (readonly [component: string, english: string, french: string])[] = [
  ['VPNavBarMenu', 'Main Navigation', 'Navigation principale'],
  ['VPSidebar', 'Sidebar Navigation', 'Pages du guide'],
  ['VPDocFooter', '>Pager<', '>Pages voisines<'],
  ['VPNavBarExtra', 'label="extra navigation"', 'label="Réglages"'],
  ['VPNavBarHamburger', 'aria-label="mobile navigation"', 'aria-label="Navigation"'],
];

/** Puts the fixed words of the theme into French; a theme that no longer has them stops the build. */
export const frenchTheme: Plugin = {
  name: 'blitz-french-theme',
  enforce: 'pre',
  transform(code: string, id: string): string | undefined {
    const component = /theme-default\/components\/(\w+)\.vue$/.exec(id)?.[1];
    const words = FIXED.filter(([name]) => name === component);
    if (words.length === 0) return undefined;
    return words.reduce((text, [name, english, french]) => {
      if (!text.includes(english)) throw new Error(`${name}.vue no longer says “${english}”`);
      return text.replaceAll(english, french);
    }, code);
  },
};

/** The links beside the headings, which say “Permalink to …”. */
export function frenchPermalinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('french_permalinks', (state) => {
    for (const { children } of state.tokens) {
      for (const token of children ?? []) {
        const title = /^Permalink to "(.*)"$/.exec(token.attrGet('aria-label') ?? '')?.[1];
        if (title !== undefined) token.attrSet('aria-label', `Lien vers « ${title} »`);
      }
    }
  });
}
