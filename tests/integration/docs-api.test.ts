import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as blitz from 'blitz-session';
import {
  Application,
  Facade,
  observe,
  Redirector,
  type Request,
  type Response,
  Route,
  redirect,
  SESSION_CHANNELS,
  Session,
  View,
} from 'blitz-session';
import { faultyHandler, testClient } from 'blitz-session/testing';
import { expect } from 'chai';
import { pageNamed, ROOT, rowsBelow, table } from '../fixtures/docs.ts';

/** What the kernel alone calls, or what only a class of ours overrides. */
const OF_THE_KERNEL: Readonly<Record<string, readonly string[]>> = {
  Request: ['attach', 'forwarding', 'queryValues'],
  Response: ['inherit', 'inheritPolicies', 'prepare', 'statusChosen', 'hasCookies'],
  Router: ['add', 'adopt', 'find', 'fix', 'mark', 'methodsOf', 'middlewaresOf', 'recordedSince'],
  RouteGroup: ['add'],
  ViewFactory: ['boot'],
};

/** The public names of an object, those of its base classes among them: methods, accessors, fields. */
function namesOf(object: object, kernel: readonly string[] = []): string[] {
  const names = new Set<string>(Object.keys(object));
  for (
    let type = Object.getPrototypeOf(object);
    type !== Object.prototype;
    type = Object.getPrototypeOf(type)
  )
    for (const name of Object.getOwnPropertyNames(type)) names.add(name);
  names.delete('constructor');
  for (const name of kernel) names.delete(name);
  return [...names].sort();
}

/** The names that the first column of the tables below a heading explains: `` `View.make(nom)`, `get` `` → make, get. */
function explained(page: string, section: string, call: RegExp = /^(?:[A-Z]\w+\.)?(\w+)/): string[] {
  const names = new Set<string>();
  for (const [first = ''] of rowsBelow(pageNamed(page), section)) {
    for (const [, code = ''] of first.matchAll(/`([^`]+)`/g)) {
      const name = call.exec(code)?.[1];
      if (name !== undefined) names.add(name);
    }
  }
  return [...names].sort();
}

const code = (name: string) => `\`${name}\``;

describe('docs-fr: the calls of the kernel, both ways', () => {
  let root: string;
  let app: Application;
  let request: Request;
  let response: Response;
  let helpers: string[];
  const inside: Record<string, object> = {};

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'blitz-docs-api-'));
    await mkdir(join(root, 'app', 'Views'), { recursive: true });
    await writeFile(join(root, 'app', 'Views', 'helpers.eta'), '<%~ Object.keys(this.helpers).join() %>');
    app = await Application.boot({ root, config: { session: { handler: 'array' } } });
    Route.get('/', (...args) => {
      [request, response] = args;
      inside['redirection'] = redirect('/');
      return View.render('helpers');
    });
    helpers = (await app.inject('/')).body.split(',');
  });

  after(async () => {
    await app.close();
    await rm(root, { recursive: true, force: true });
  });

  it('Request', () => {
    expect(explained('controleurs.md', 'La requête')).to.deep.equal(
      namesOf(request, OF_THE_KERNEL['Request']),
    );
  });

  it('Response', () => {
    expect(explained('controleurs.md', 'La réponse')).to.deep.equal(
      namesOf(response, OF_THE_KERNEL['Response']),
    );
  });

  it('Redirector and what it makes', () => {
    const own = Object.getOwnPropertyNames(Object.getPrototypeOf(inside['redirection']));
    const known = [
      ...namesOf(new Redirector(), ['toJSON']),
      ...own.filter((name) => name !== 'constructor'),
    ].sort();
    expect(explained('controleurs.md', 'Les redirections')).to.deep.equal(known);
  });

  it('Router, the service behind Route', () => {
    expect(explained('routes.md', 'La façade Route')).to.deep.equal(
      namesOf(app.service('route'), OF_THE_KERNEL['Router']),
    );
  });

  it('RouteDefinition', () => {
    const [route] = app.service('route').routes;
    const page = pageNamed('routes.md').text;
    const part = page.slice(page.indexOf('### Une route\n'), page.indexOf('### Un groupe'));
    const named = [...part.matchAll(/`(\w+)/g)].map(([, name = '']) => name);
    const known = namesOf(route as object);
    expect(known.filter((name) => !named.includes(name))).to.deep.equal([]);
    for (const name of explained('routes.md', 'Une route')) expect(known).to.include(name);
  });

  it('RouteGroup', () => {
    expect(explained('routes.md', 'Un groupe')).to.deep.equal(
      namesOf(Route.prefix('/x'), OF_THE_KERNEL['RouteGroup']),
    );
  });

  it('View and the service behind it', () => {
    const known = [
      ...namesOf(app.service('view'), OF_THE_KERNEL['ViewFactory']),
      ...namesOf(View.make('helpers')),
      'view',
    ];
    expect(explained('vues.md', 'Dans le code')).to.deep.equal([...new Set(known)].sort());
  });

  it('the helpers of views', () => {
    expect(explained('vues.md', 'Les assistants')).to.deep.equal([...helpers].sort());
  });

  it('the global helpers', () => {
    const program = `const before = new Set(Object.keys(globalThis));
      await import('blitz-session/globals');
      console.log(Object.keys(globalThis).filter((name) => !before.has(name)).join());`;
    const { stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { cwd: ROOT, encoding: 'utf8' },
    );
    const names = stdout.trim().split(',').sort();
    expect(explained('facades.md', 'Les assistants')).to.deep.equal(names);
  });

  it('the services', () => {
    const names = table(pageNamed('facades.md'), 'Le conteneur').map(([name]) => name);
    expect(names.sort()).to.deep.equal(app.services.names().map(code).sort());
  });

  it('the façades and their services', () => {
    const rows = table(pageNamed('facades.md'), 'Les façades');
    const facades = Object.entries(blitz).filter(([, value]) => Object.getPrototypeOf(value) === Facade);
    const known = facades.map(([name, type]) => [name, (type as typeof Facade).accessor()].map(code));
    expect(rows.map((row) => row.slice(0, 2)).sort()).to.deep.equal(known.sort());
  });
});

describe('docs-fr: the test kit, both ways', () => {
  it('TestClient', () => {
    const known = namesOf(testClient('http://localhost'));
    expect(explained('tests.md', 'Le client')).to.deep.equal(known);
  });

  it('TestResponse', async () => {
    const page = await testClient({ fetch: () => new globalThis.Response('') }).get('/');
    const asserted = namesOf(page).filter((name) => name.startsWith('assert'));
    expect(explained('tests.md', 'La réponse')).to.deep.equal(asserted);
  });

  it('faultyHandler', () => {
    const known = namesOf(faultyHandler(), ['handler']);
    expect(explained('tests.md', 'Un stockage qui tombe')).to.deep.equal(known);
  });
});

describe('docs-fr: the channels', () => {
  const rows = table(pageNamed('observabilite.md'), 'Les canaux');

  it('are those of the code', () => {
    expect(rows.map(([name]) => name).sort()).to.deep.equal(SESSION_CHANNELS.map(code).sort());
  });

  it('say what they really say, and every field is explained', async () => {
    const told = new Map<string, string[]>();
    const stops = SESSION_CHANNELS.map((name) =>
      observe(name, (message) => void told.set(name, Object.keys(message).sort())),
    );
    const faulty = faultyHandler();
    const app = await Application.boot({
      root: '/nowhere/docs-channels',
      config: { session: { handler: faulty.handler, touch_interval: 0 } },
    });
    const id = await Session.run(undefined, (session) => session.id);
    await Promise.all([Session.run(id, () => {}), Session.run(id, () => {})]);
    faulty.loseLock(1);
    await Session.run(id, (session) => session.put('a', 1)).catch(() => {});
    await Session.run(id, (session) => session.destroy());
    await app.close();
    for (const stop of stops) stop();
    const written = rows.map(([name = '', , fields = '']) => [
      name.replaceAll('`', ''),
      fields.replaceAll('`', '').split(', ').sort(),
    ]);
    expect(Object.fromEntries(written)).to.deep.equal(Object.fromEntries(told));
    const fields = new Set([...told.values()].flat());
    const explainedFields = table(pageNamed('observabilite.md'), 'Les champs').map(([name]) => name);
    expect(explainedFields.sort()).to.deep.equal([...fields].map(code).sort());
  });
});

describe('docs-fr: the optional packages', () => {
  const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    peerDependencies: Record<string, string>;
  };
  const packages = Object.keys(peerDependencies).sort();

  it('are those of package.json, in the table and in the command', () => {
    const page = pageNamed('installation.md');
    const kernel = explained('installation.md', 'Les paquets du noyau', /^([\w@/-]+)$/);
    const handlers = explained('installation.md', 'Les paquets des gestionnaires', /^([\w@/-]+)$/);
    const adapters = explained('installation.md', 'Les paquets des adaptateurs', /^([\w@/-]+)$/);
    expect([...kernel, ...handlers, ...adapters].sort()).to.deep.equal(packages);
    const [command] = page.blocks.filter((block) => block.code.startsWith('npm install fastify'));
    expect(command?.code.trim().split(' ').slice(2).sort()).to.deep.equal(kernel);
  });
});
