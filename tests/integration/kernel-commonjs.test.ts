import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { closeSites, writeApplication } from '../fixtures/kernel-site.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** An application of a project without `"type": "module"`: tsx compiles it, and what it requires, to CommonJS. */
const FILES = {
  'package.json': '{"private": true}',
  'config/routes.ts': `import { abort, Cookie, redirect, response, Route, session, view } from 'blitz-session';
    Route.get('/response', () => response('text', 201).withHeader('X-Own', 'yes'));
    Route.get('/abort', () => abort(404));
    Route.get('/redirect', () => redirect('/elsewhere').with('m', 'secret message'));
    Route.get('/view', () => view('page', { name: '<Ada>' }));
    Route.get('/session', () => { session({ a: 1 }); Cookie.queue('own', 'x'); return 'a=' + session('a'); });`,
  'app/Views/page.eta': '<b><%= it.name %></b>',
};
const MAIN = `import { Application } from 'blitz-session';
  async function main() {
    const app = await Application.boot({ config: { session: { handler: 'array' } } });
    const answers: Record<string, unknown> = {};
    for (const path of ['/response', '/abort', '/redirect', '/view', '/session']) {
      const { statusCode, headers, body, cookies } = await app.inject(path);
      const { 'x-own': own, location } = headers;
      answers[path] = [statusCode, own ?? location ?? null, body.slice(0, 14), cookies.length];
    }
    console.log(JSON.stringify(answers));
    await app.close();
  }
  void main();`;

describe('kernel: a project in CommonJS, compiled by tsx', () => {
  afterEach(closeSites);

  for (const main of ['main.ts', 'main.mts']) {
    it(`${main} and config/routes.ts mean the same package`, async () => {
      const root = await writeApplication({ ...FILES, [main]: MAIN });
      await mkdir(`${root}/node_modules`);
      await symlink(REPOSITORY, `${root}/node_modules/blitz-session`);
      const { TSX_TSCONFIG_PATH: tsconfig } = process.env;
      const env = { ...process.env, ...(tsconfig ? { TSX_TSCONFIG_PATH: `${REPOSITORY}/${tsconfig}` } : {}) };
      const { stdout } = await run(process.execPath, ['--import', 'tsx', main], { cwd: root, env });
      expect(JSON.parse(stdout)).to.deep.equal({
        '/response': [201, 'yes', 'text', 1],
        '/abort': [404, null, '<!doctype html', 1],
        '/redirect': [302, '/elsewhere', '', 1],
        '/view': [200, null, '<b>&lt;Ada&gt;', 1],
        '/session': [200, null, 'a=1', 2],
      });
    });
  }
});
