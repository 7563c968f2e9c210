import { expect } from 'chai';
import type { Page } from 'playwright-core';
import {
  barriersOf,
  NARROW,
  overflowOf,
  Person,
  type Site,
  shows,
  theSite,
  WIDE,
  withBrowser,
} from '../fixtures/sample-browser.ts';

describe('the bar of development in a browser', () => {
  withBrowser('development');
  let site: Site;

  before(async () => {
    site = await theSite('development');
  });

  const bar = (page: Page) => page.locator('blitz-debug-bar');
  const summary = (page: Page) => bar(page).locator('summary');
  const panel = (page: Page) => bar(page).locator('.panel');

  it('opens and closes by keyboard, under the strict policy of the application', async () => {
    const person = await Person.come(site.base, WIDE);
    const page = await person.open('/session');
    await shows(summary(page), /^Session\s*file/);
    expect(await panel(page).isVisible()).to.equal(false);
    // The last stop of the page.
    for (let count = 0; count < 60; count++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate<boolean>("document.activeElement.localName === 'blitz-debug-bar'")) break;
    }
    const outline = 'getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle';
    expect(await page.evaluate<string>(outline)).to.equal('solid');
    await page.keyboard.press('Enter');
    expect(await panel(page).isVisible()).to.equal(true);
    await page.keyboard.press('Tab');
    const scrolled = 'document.activeElement.shadowRoot.activeElement.className';
    expect(await page.evaluate<string>(scrolled)).to.equal('panel');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    expect(await panel(page).isVisible()).to.equal(false);
    await person.leave();
  });

  for (const size of [NARROW, WIDE]) {
    it(`${size.viewport.width} px: has its own style, no barrier, and moves nothing on the page`, async () => {
      const person = await Person.come(site.base, size);
      const page = await person.open('/panier');
      const height = await page.evaluate<number>('document.documentElement.scrollHeight');
      await summary(page).click();
      expect(await barriersOf(page)).to.deep.equal([]);
      expect(await overflowOf(page)).to.equal(0);
      expect(await page.evaluate<number>('document.documentElement.scrollHeight')).to.equal(height);
      const placed =
        "getComputedStyle(document.querySelector('blitz-debug-bar').shadowRoot.querySelector('aside')).position";
      expect(await page.evaluate<string>(placed)).to.equal('fixed');
      await bar(page).evaluate('(element) => element.remove()');
      expect(await page.evaluate<number>('document.documentElement.scrollHeight')).to.equal(height);
      await person.leave();
    });
  }

  it('tells what the form before this page changed, and what the page holds', async () => {
    const person = await Person.come(site.base, WIDE);
    const page = await person.open('/panier');
    await page.getByRole('button', { name: 'Ajouter Café' }).click();
    await page.locator('#ligne-cafe').waitFor();
    await summary(page).click();
    await shows(panel(page), 'POST /panier/cafe/plus → 303');
    await shows(panel(page), /panier\s*ajoutée\s*\+?\s*\{ ordre: \[ 'cafe' \], quantites: \{ cafe: 1 \} \}/);
    await shows(panel(page), /visite\.pages\s*changée/);
    const [cookie] = await person.context.cookies();
    expect(await page.content()).to.not.include(cookie?.value ?? '');
    await person.leave();
  });

  it('leaves requests of scripts alone: twenty writes are kept', async () => {
    const person = await Person.come(site.base, WIDE);
    const page = await person.open('/parallele');
    await page.getByRole('button', { name: 'Lancer' }).click();
    await shows(page.locator('#annonce'), /^La session a gardé 20 écritures sur 20/);
    expect(await bar(page).count()).to.equal(1);
    await person.leave();
  });
});
