import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { Person, shows, theSite, withBrowser } from '../fixtures/sample-browser.ts';

/** `npm run captures` puts them into the guide; any other run looks at them and throws them away. */
const KEPT = process.env['CAPTURES'] === '1';
const GUIDE = fileURLToPath(new URL('../../docs-fr/images/captures', import.meta.url));
/** Bytes. */
const HEAVIEST = 120 * 1024;
/** Pixels above what a picture begins with. */
const MARGIN = 14;
/** Colours below which a picture shows nothing. */
const FEWEST = 40;

describe('captures of the documentation', () => {
  withBrowser();
  let folder = '';
  let person: Person;
  const taken: string[] = [];

  before(async () => {
    if (KEPT) await mkdir(GUIDE, { recursive: true });
    folder = KEPT ? GUIDE : await mkdtemp(join(tmpdir(), 'blitz-captures-'));
  });

  after(async () => {
    if (!KEPT) await rm(folder, { recursive: true, force: true });
  });

  async function come(colorScheme: 'light' | 'dark', height: number, width = 1120): Promise<Page> {
    const { base } = await theSite();
    person = await Person.come(base, { viewport: { width, height }, colorScheme });
    return person.context.newPage();
  }

  /** What the window shows, from the top of the page or of a part of it. */
  async function capture(page: Page, name: string, from?: string): Promise<void> {
    await page.waitForLoadState();
    await page.evaluate('document.fonts.ready.then(() => {})');
    await page.evaluate('window.scrollTo(0, 0)');
    if (from !== undefined) {
      const box = await page.locator(from).boundingBox();
      await page.evaluate(`window.scrollTo(0, ${(box?.y ?? 0) - MARGIN})`);
    }
    await page.mouse.move(0, 0);
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    taken.push(path);
  }

  it('the pages by day', async () => {
    const page = await come('light', 860);
    await page.goto('/parallele');
    await page.getByRole('button', { name: 'Lancer' }).click();
    await shows(page.locator('#annonce'), /gardé 20/);
    await capture(page, 'parallele', '#essai');
    await page.goto('/');
    await capture(page, 'accueil');
    await page.goto('/panier');
    for (const product of ['Café', 'Café', 'Madeleines', 'Jambon-beurre']) {
      await page.getByRole('button', { name: `Ajouter ${product}` }).click();
      await page.waitForURL('**/panier#carte-*');
      await page.goto('/panier');
    }
    await page.getByRole('button', { name: 'Prendre un code' }).click();
    await shows(page.locator('[data-words]'), /^Il reste/);
    await capture(page, 'panier', '.counter');
    await page.goto('/reservation');
    await page.getByLabel('Nom').fill('Camille Moreau');
    await page.getByLabel('Adresse électronique').fill('camille@');
    await page.getByLabel('Places').fill('9');
    await page.getByLabel('Avec vélos').check();
    await page.getByRole('button', { name: 'Réserver' }).click();
    await page.getByRole('alert').waitFor();
    await capture(page, 'reservation', '.faults');
    await page.goto('/session');
    await page.getByRole('button', { name: 'Déposer une valeur flash' }).click();
    await page.locator('.kind.flash').waitFor();
    await capture(page, 'session', '.entries');
    await person.leave();
  });

  it('the pages by night', async () => {
    const page = await come('dark', 880);
    await page.goto('/sans-retour');
    await page.getByRole('button', { name: 'Jouer la scène' }).click();
    await page.locator('#resultat').waitFor();
    await capture(page, 'sans-retour');
    await page.goto('/message');
    await page.getByLabel('Votre message').fill('Train de 18 h 42\u00a0: voie 20, sans retard.');
    await page.getByRole('button', { name: 'Afficher' }).click();
    await page.locator('.board:not(.blank)').waitFor();
    await capture(page, 'message');
    await page.goto('/connexion');
    await page.getByLabel('Votre nom').fill('Camille');
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await page.locator('.id-change del').waitFor();
    await capture(page, 'connexion');
    person.expects(404);
    await page.goto('/nulle-part');
    await capture(page, 'terminus');
    await person.leave();
  });

  it('a page on a telephone', async () => {
    const page = await come('light', 740, 360);
    await page.goto('/panier');
    await page.getByRole('button', { name: 'Ajouter Café' }).click();
    await page.waitForURL('**/panier#carte-cafe');
    await capture(page, 'telephone');
    await person.leave();
  });

  it('the bar of development', async () => {
    const { base } = await theSite('development');
    person = await Person.come(base, { viewport: { width: 1120, height: 760 }, colorScheme: 'light' });
    const page = await person.open('/panier');
    await page.getByRole('button', { name: 'Prendre un code' }).click();
    await page.locator('.ticket').waitFor();
    await page.getByRole('button', { name: 'Ajouter Café' }).click();
    await page.locator('#ligne-cafe').waitFor();
    await page.locator('blitz-debug-bar summary').click();
    await capture(page, 'barre-de-debogage');
    await person.leave();
  });

  it('show something, and weigh little', async () => {
    expect(taken).to.have.length(11);
    const page = await come('light', 740);
    for (const path of taken) {
      expect((await stat(path)).size, path).to.be.below(HEAVIEST);
      const address = `data:image/png;base64,${await readFile(path, 'base64')}`;
      await page.setContent(`<img src="${address}" alt="">`, { waitUntil: 'load' });
      const colours = await page.evaluate<number>(`(() => {
        const picture = document.querySelector('img');
        const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
        const context = canvas.getContext('2d');
        context.drawImage(picture, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      })()`);
      expect(colours, path).to.be.above(FEWEST);
    }
    await person.leave();
  });
});
