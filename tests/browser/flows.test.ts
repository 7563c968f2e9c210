import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { Person, type Site, shows, tabTo, theSite, withBrowser } from '../fixtures/sample-browser.ts';

describe('the sample application in a browser: what a visitor does', () => {
  withBrowser();
  let site: Site;
  let person: Person;
  let page: Page;

  before(async () => {
    site = await theSite();
  });

  const come = async (path: string) => {
    person = await Person.come(site.base);
    page = await person.open(path);
  };

  it('sends twenty writes at once and sees twenty of them kept', async () => {
    await come('/');
    await page.getByRole('link', { name: 'Lancer les vingt écritures' }).click();
    await page.getByRole('button', { name: 'Lancer les vingt écritures' }).click();
    await shows(page.locator('#annonce'), /^La session a gardé 20 écritures sur 20/);
    const sides = await page.locator('#bilan .figure').allInnerTexts();
    expect(sides[0]).to.equal('20 sur 20');
    expect(sides[1]).to.match(/^1?\d sur 20$/);
    await page.getByText('Les mêmes mesures en tableau').click();
    expect(await page.locator('#bilan table').first().locator('td', { hasText: 'gardée' }).count()).to.equal(
      20,
    );
    await page.reload();
    await shows(page.locator('#bilan .figure').first(), '20 sur 20');
    await page.getByRole('button', { name: 'Recommencer' }).click();
    await shows(page.locator('#annonce'), /^La session a gardé 20 écritures sur 20/);
    await person.leave();
  });

  it('stays signed out beside a slow request of its own', async () => {
    await come('/sans-retour');
    await page.getByRole('button', { name: 'Jouer la scène' }).click();
    await page.locator('#resultat').waitFor();
    expect(await page.locator('.side .figure').allInnerTexts()).to.deep.equal(['Personne', 'Camille']);
    await person.leave();
  });

  it('fills a basket, and comes back to the line that was changed', async () => {
    await come('/panier');
    await page.getByRole('button', { name: 'Ajouter Café' }).click();
    await page.getByRole('button', { name: 'Ajouter un Café' }).click();
    await page.getByRole('button', { name: 'Ajouter Madeleines' }).click();
    await page.waitForURL('**/panier#carte-madeleines');
    await shows(page.locator('.receipt .total'), /3\sarticles, à payer\s*6,40\s€/);
    await page.getByRole('button', { name: 'Retirer un Café' }).click();
    await page.waitForURL('**/panier#ligne-cafe');
    await shows(page.locator('.receipt .total'), /4,50\s€/);
    await page.getByRole('button', { name: 'Vider le panier' }).click();
    await shows(page.getByRole('status'), 'Votre panier est vide.');
    await person.leave();
  });

  it('counts every click of an impatient visitor', async () => {
    await come('/panier');
    // The window stays where it is: the server counts, whatever becomes of the answers.
    const answers = await page.evaluate<boolean[]>(`(() => {
      const body = () => new URLSearchParams(new FormData(document.querySelector('.counter form')));
      const click = () => fetch('/panier/limonade/plus', { method: 'POST', body: body() });
      return Promise.all(Array.from({ length: 12 }, click)).then((all) => all.map(({ ok }) => ok));
    })()`);
    expect(answers).to.deep.equal(Array(12).fill(true));
    await page.reload();
    await shows(page.locator('#ligne-limonade output'), '12');
    await person.leave();
  });

  it('loses a discount on time, in the window and on the server', async () => {
    person = await Person.come(site.base);
    page = await person.context.newPage();
    await page.clock.install();
    await page.goto('/panier');
    await page.getByRole('button', { name: 'Ajouter Jambon-beurre' }).click();
    await page.getByRole('button', { name: 'Prendre un code de 60' }).click();
    const words = page.locator('[data-words]');
    await shows(words, /^Il reste (?:60|61)\ssecondes\.$/);
    await shows(page.locator('.receipt'), /10\s% de moins\s*−\s0,48\s€/);
    await page.clock.fastForward(50_000);
    await shows(words, /^Il reste (?:10|11)\ssecondes\.$/);
    await page.clock.fastForward(12_000);
    await shows(words, /^Le temps est écoulé\.$/);
    await shows(page.locator('[data-over]'), 'Le code a expiré');
    await shows(page.locator('[data-total]'), /^4,80\s€$/);
    // The server's own clock has not moved yet: for it the code still holds.
    await page.reload();
    expect(await page.locator('.ticket').count()).to.equal(1);
    await site.minutePasses();
    await site.minutePasses();
    await page.reload();
    expect(await page.locator('.ticket').count()).to.equal(0);
    await shows(page.locator('.receipt .total'), /4,80\s€/);
    expect(await page.locator('[data-reduction]').count()).to.equal(0);
    await person.leave();
  });

  it('reads a message once', async () => {
    await come('/message');
    await page.getByLabel('Votre message').fill('<b>Voie 20</b> & sans retard');
    await page.keyboard.press('Enter');
    await shows(page.locator('.board'), '<b>Voie 20</b> & sans retard');
    await page.reload();
    await shows(page.locator('.board'), 'Aucun message.');
    await person.leave();
  });

  it('gets a refused form back as it was, and the way to each fault', async () => {
    await come('/reservation');
    await page.getByLabel('Nom').fill('Zoé');
    await page.getByLabel('Adresse électronique').fill('zoe@');
    await page.getByLabel('Avec vélos').check();
    await page.getByRole('button', { name: 'Réserver' }).click();
    const faults = page.getByRole('alert');
    await faults.waitFor();
    expect(await faults.getByRole('link').count()).to.equal(3);
    expect(await page.evaluate<string>('document.activeElement.className')).to.equal('faults');
    expect(await page.getByLabel('Nom').inputValue()).to.equal('Zoé');
    expect(await page.getByLabel('Avec vélos').isChecked()).to.equal(true);
    await faults.getByRole('link', { name: 'Écrivez une adresse' }).click();
    await page.getByLabel('Adresse électronique').fill('zoe@exemple.fr');
    await page.getByLabel('Places').fill('2');
    await page.getByLabel('J’accepte').check();
    await page.getByRole('button', { name: 'Réserver' }).click();
    await shows(page.getByRole('status'), /Merci, Zoé\. 2\splaces réservées\./);
    await shows(page.locator('.facts'), /Voiture\s*Avec vélos/);
    await page.reload();
    expect(await page.getByRole('status').count()).to.equal(0);
    await person.leave();
  });

  it('signs in and out with the keyboard alone', async () => {
    await come('/connexion');
    await tabTo(page, 'Votre nom');
    await page.keyboard.type('Inès');
    await page.keyboard.press('Enter');
    await page.getByText('Bienvenue, Inès').waitFor();
    const [before, now] = [page.locator('.id-change del'), page.locator('.id-change output')];
    expect(await before.innerText()).to.not.equal(await now.innerText());
    await tabTo(page, 'Se déconnecter');
    await page.keyboard.press('Enter');
    await page.getByText('Au revoir, Inès').waitFor();
    expect(await page.locator('.who').count()).to.equal(0);
    await person.leave();
  });

  it('orders and books with the keyboard alone', async () => {
    await come('/panier');
    await tabTo(page, 'Ajouter Madeleines');
    await page.keyboard.press('Space');
    await page.locator('#ligne-madeleines').waitFor();
    await tabTo(page, 'Retirer un Madeleines');
    await page.keyboard.press('Enter');
    await page.getByText('Encore rien').waitFor();
    await page.goto('/reservation');
    await tabTo(page, 'Nom');
    await page.keyboard.type('Zoé');
    await page.keyboard.press('Tab');
    await page.keyboard.type('zoe@exemple.fr');
    await page.keyboard.press('Tab');
    await page.keyboard.type('2');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.getByText('Merci, Zoé').waitFor();
    await shows(page.locator('.facts'), /Voiture\s*Famille/);
    await person.leave();
  });

  it('looks into the session, keeps a flash value once more, and destroys all', async () => {
    await come('/session');
    await page.getByRole('button', { name: 'Déposer une valeur flash' }).click();
    await shows(page.locator('.entries'), /exemple[\s\S]*flash\s+cette page/);
    await page.goto('/session');
    expect(await page.locator('.entries').innerText()).to.not.include('exemple');
    await page.getByRole('button', { name: 'pour une page de plus' }).click();
    await shows(page.locator('.entries'), /exemple[\s\S]*prochaine page/);
    await page.goto('/session');
    await shows(page.locator('.entries'), /exemple[\s\S]*cette page/);
    await page.goto('/session');
    expect(await page.locator('.entries').innerText()).to.not.include('exemple');
    await page.getByRole('button', { name: 'Détruire la session' }).click();
    await shows(page.getByRole('heading', { level: 1 }), 'Session détruite');
    expect(await person.context.cookies()).to.deep.equal([]);
    await page.getByRole('link', { name: 'Voir la nouvelle session' }).click();
    await shows(page.locator('.visit'), /1\spage vue/);
    await person.leave();
  });

  it('comes to the end of the line, and back', async () => {
    await come('/');
    person.expects(404);
    await page.goto('/nulle-part');
    await shows(page.getByRole('heading', { level: 1 }), 'Terminus');
    await page.getByRole('link', { name: 'Revenir à l’accueil' }).click();
    await page.waitForURL(`${site.base}/`);
    await person.leave();
  });
});
