import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { Person, type Site, shows, theSite, withBrowser } from '../fixtures/sample-browser.ts';

describe('the sample application in a browser: several windows, several visitors', () => {
  withBrowser();
  let site: Site;

  before(async () => {
    site = await theSite();
  });

  const add = (page: Page, product: string) =>
    page.getByRole('button', { name: `Ajouter ${product}` }).click();
  const basket = (page: Page) => page.locator('.receipt').innerText();

  it('two windows of one visitor fill one basket, at the same moment too', async () => {
    const person = await Person.come(site.base);
    const windows = [await person.open('/panier'), await person.open('/panier')] as const;
    for (let round = 0; round < 3; round++) {
      await Promise.all([add(windows[0], 'Café'), add(windows[1], 'Madeleines')]);
      await shows(windows[0].locator('#ligne-cafe output'), String(round + 1));
      await shows(windows[1].locator('#ligne-madeleines output'), String(round + 1));
    }
    for (const page of windows) {
      await page.reload();
      expect(await page.locator('#ligne-cafe output').innerText()).to.equal('3');
      expect(await page.locator('#ligne-madeleines output').innerText()).to.equal('3');
    }
    await person.leave();
  });

  it('two visitors have two baskets, at the same moment too', async () => {
    const [one, other] = [await Person.come(site.base), await Person.come(site.base)];
    const pages = [await one.open('/panier'), await other.open('/panier')] as const;
    await Promise.all([add(pages[0], 'Café'), add(pages[1], 'Limonade')]);
    await shows(pages[0].locator('.receipt'), 'Café');
    await shows(pages[1].locator('.receipt'), 'Limonade');
    expect(await basket(pages[0])).to.not.include('Limonade');
    expect(await basket(pages[1])).to.not.include('Café');
    await Promise.all([one.leave(), other.leave()]);
  });

  it('two visitors run their twenty writes at once, and each keeps twenty', async () => {
    const people = [await Person.come(site.base), await Person.come(site.base)];
    const pages = await Promise.all(people.map((person) => person.open('/parallele')));
    await Promise.all(pages.map((page) => page.getByRole('button', { name: 'Lancer' }).click()));
    for (const page of pages) {
      await shows(page.locator('#annonce'), /^La session a gardé 20 écritures sur 20/);
    }
    await Promise.all(people.map((person) => person.leave()));
  });

  it('who signs out in one window is signed out in the other, whose old form is refused', async () => {
    const person = await Person.come(site.base);
    const page = await person.open('/connexion');
    await page.getByLabel('Votre nom').fill('Inès');
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await page.getByText('Bienvenue').waitFor();
    const other = await person.open('/panier');
    await add(other, 'Café');
    await other.locator('#ligne-cafe').waitFor();
    await page.getByRole('button', { name: 'Se déconnecter' }).click();
    await page.getByText('Au revoir, Inès').waitFor();
    person.expects(419);
    await add(other, 'Café');
    await shows(other.getByRole('heading', { level: 1 }), 'Page expirée');
    await other.getByRole('link', { name: 'Rouvrir la page' }).click();
    await other.goto('/panier');
    expect(await basket(other)).to.include('Encore rien');
    expect(await other.locator('.who').count()).to.equal(0);
    await person.leave();
  });

  it('signs out while twenty slow writes of the same session are under way', async () => {
    const person = await Person.come(site.base);
    const page = await person.open('/connexion');
    await page.getByLabel('Votre nom').fill('Camille');
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await page.getByText('Bienvenue').waitFor();
    const [old] = await person.context.cookies();
    const writes = await person.open('/parallele');
    // Writes that come too late are refused: their session is over.
    for (const status of [404, 419]) person.expects(status);
    await writes.getByRole('button', { name: 'Lancer' }).click();
    await page.getByRole('button', { name: 'Se déconnecter' }).click();
    await page.getByLabel('Votre nom').waitFor();
    await shows(writes.locator('#annonce'), /\S/);
    for (const window of [page, writes]) {
      await window.goto('/session');
      expect(await window.locator('.entries').innerText()).to.not.include('Camille');
    }
    // Nor does the cookie of before lead anywhere.
    await person.context.clearCookies();
    await person.context.addCookies(old === undefined ? [] : [old]);
    await page.goto('/session');
    expect(await page.locator('.entries').innerText()).to.not.include('Camille');
    await person.leave();
  });
});
