import { expect } from 'chai';
import type { Page } from 'playwright-core';
import {
  barriersOf,
  NARROW,
  overflowOf,
  Person,
  stopOf,
  theSite,
  WIDE,
  withBrowser,
} from '../fixtures/sample-browser.ts';

/** Each page as a visitor leaves it behind, and how to come to that. */
const PAGES: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  '/': async () => {},
  '/parallele': async (page) => {
    await page.getByRole('button', { name: 'Lancer' }).click();
    await page.locator('#bilan details').waitFor();
  },
  '/sans-retour': async (page) => {
    await page.getByRole('button', { name: 'Jouer la scène' }).click();
    await page.locator('#resultat').waitFor();
  },
  '/panier': async (page) => {
    await page.getByRole('button', { name: 'Ajouter Café' }).click();
    await page.getByRole('button', { name: 'Prendre un code' }).click();
    await page.locator('.ticket').waitFor();
  },
  '/message': async (page) => {
    await page.getByLabel('Votre message').fill('M'.repeat(140));
    await page.getByRole('button', { name: 'Afficher' }).click();
    await page.locator('.board:not(.blank)').waitFor();
  },
  '/reservation': async (page) => {
    await page.getByRole('button', { name: 'Réserver' }).click();
    await page.locator('.faults').waitFor();
  },
  '/connexion': async (page) => {
    await page.getByLabel('Votre nom').fill('Anne-Sophie de La Rochefoucauld-Montbel');
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await page.locator('.id-change del').waitFor();
  },
  '/session': async (page) => {
    await page.getByRole('button', { name: 'Déposer une valeur flash' }).click();
    await page.locator('.kind.flash').waitFor();
  },
  '/nulle-part': async () => {},
};

/** Pages that are another page before they are used. */
const OTHERS: ReadonlySet<string> = new Set(['/panier', '/connexion']);

describe('the sample application in a browser: every page', () => {
  withBrowser();
  for (const [size, name] of [
    [NARROW, '360 px, light'],
    [WIDE, '1280 px, dark'],
  ] as const) {
    it(`${name}: no barrier, no error, nothing wider than the window, new and used`, async function () {
      this.timeout(120_000);
      const { base } = await theSite();
      const person = await Person.come(base, size);
      person.expects(404);
      const page = await person.open('/');
      for (const [path, use] of Object.entries(PAGES)) {
        await page.goto(path);
        expect(await overflowOf(page), path).to.equal(0);
        if (OTHERS.has(path)) expect(await barriersOf(page), path).to.deep.equal([]);
        await use(page);
        await page.waitForLoadState();
        expect(await overflowOf(page), `${path}, used`).to.equal(0);
        expect(await barriersOf(page), `${path}, used`).to.deep.equal([]);
      }
      await person.leave();
    });
  }

  it('begins with a link to the content, which the first Tab shows', async () => {
    const { base } = await theSite();
    const person = await Person.come(base);
    const page = await person.open('/panier');
    await page.keyboard.press('Tab');
    expect(await stopOf(page)).to.include({ words: 'Aller au contenu', seen: true });
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect((await stopOf(page)).words).to.equal('Ajouter Café');
    await person.leave();
  });

  it('shows the focus at every stop of the keyboard, from the first to the last', async () => {
    const { base } = await theSite();
    const person = await Person.come(base, WIDE);
    for (const path of ['/', '/panier', '/reservation', '/session']) {
      const page = await person.open(path);
      const stops: string[] = [];
      for (;;) {
        await page.keyboard.press('Tab');
        const { words, seen, over } = await stopOf(page);
        if (over) break;
        expect(seen, `${path}: ${words}`).to.equal(true);
        stops.push(words);
        expect(stops.length, path).to.be.below(60);
      }
      expect(stops.slice(0, 3), path).to.deep.equal(['Aller au contenu', 'Blitz Session', 'Accueil']);
      expect(stops.length, path).to.be.above(10);
      await page.close();
    }
    await person.leave();
  });

  it('opens its menu on a telephone, and leads from there by keyboard', async () => {
    const { base } = await theSite();
    const person = await Person.come(base);
    const page = await person.open('/');
    const menu = page.getByRole('navigation', { name: 'Pages' });
    expect(await menu.isVisible()).to.equal(false);
    await page.getByRole('button', { name: 'Menu' }).focus();
    await page.keyboard.press('Enter');
    expect(await menu.isVisible()).to.equal(true);
    expect(await barriersOf(page)).to.deep.equal([]);
    await page.keyboard.press('Escape');
    expect(await menu.isVisible()).to.equal(false);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Fermer' }).click();
    expect(await menu.isVisible()).to.equal(false);
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.keyboard.press('Tab');
    expect((await stopOf(page)).words).to.equal('Accueil');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/parallele');
    await person.leave();
  });

  it('says what it is to those whose store fails, and serves them again afterwards', async () => {
    const site = await theSite();
    const person = await Person.come(site.base, WIDE);
    const page = await person.open('/panier');
    await page.getByRole('button', { name: 'Ajouter Café' }).click();
    await page.locator('#ligne-cafe').waitFor();
    const repair = await site.breakStore();
    try {
      for (const status of [500, 503]) person.expects(status);
      await page.goto('/panier');
      expect(await page.locator('.failure').innerText()).to.match(/Revenir à l’accueil/);
      expect(await barriersOf(page)).to.deep.equal([]);
    } finally {
      await repair();
    }
    await page.goto('/panier');
    await page.locator('#ligne-cafe').waitFor();
    await person.leave();
  });
});
