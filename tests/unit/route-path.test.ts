import { isBlitzError } from 'blitz-session';
import { expect } from 'chai';
import fc from 'fast-check';
import { matched, newRouter, refusedRoute } from '../fixtures/routes.js';
import { bootStore, closeStore } from '../fixtures/store-app.js';

/** The address that a route gives for these values. */
function addressOf(path: string, values?: unknown, where: Record<string, RegExp | string> = {}): string {
  const router = newRouter();
  router
    .get(path, () => '')
    .where(where)
    .name('it');
  return router.address('it', values);
}

/** The reason why a path is refused. */
const reasonOf = (work: () => unknown, language: 'fr' | 'en' = 'en') =>
  String(refusedRoute(work, language).details['reason']);

describe('paths of routes', () => {
  before(() => bootStore());
  after(closeStore);

  describe('what they match', () => {
    it('texts, with or without a slash at the end', () => {
      for (const [route, path] of [
        ['/', '/'],
        ['', '/'],
        ['/basket', '/basket'],
        ['basket/', '/basket/'],
        ['//basket//', '/basket'],
        ['/a/b', '/a/b/'],
      ] as const) {
        expect(matched(route, path), `${route} ${path}`).to.deep.equal({});
      }
      for (const path of [
        '/Basket',
        '/basket/x',
        '/basketx',
        '/basket//',
        '//basket',
        '/',
        '//',
        'basket',
        '',
      ]) {
        expect(matched('/basket', path), path).to.equal(undefined);
      }
      expect(matched('/', '//')).to.equal(undefined);
    });

    it('texts with accents, blanks and signs, written encoded or not', () => {
      expect(matched('/café crème', '/caf%C3%A9%20cr%C3%A8me')).to.deep.equal({});
      expect(matched('/caf%C3%A9', '/caf%c3%a9')).to.deep.equal({});
      expect(matched('/100%', '/100%25')).to.deep.equal({});
      expect(matched('/a.b+c', '/a.b+c')).to.deep.equal({});
      expect(matched('/a.b+c', '/aXbbc')).to.equal(undefined);
      expect(matched('/a@b', '/a%40b')).to.deep.equal({});
      expect(matched('/(old)', '/(old)')).to.deep.equal({});
      expect(matched('/a:b', '/a:b')).to.deep.equal({});
    });

    it('{id}: one segment, decoded', () => {
      expect(matched('/users/{id}', '/users/7')).to.deep.equal({ id: '7' });
      expect(matched('/users/{id}', '/users/th%C3%A9%20vert')).to.deep.equal({ id: 'thé vert' });
      expect(matched('/users/{id}/edit', '/users/7/edit/')).to.deep.equal({ id: '7' });
      expect(matched('/{a}/{b}', '/1/2')).to.deep.equal({ a: '1', b: '2' });
      for (const path of ['/users', '/users/', '/users//', '/users/7/8']) {
        expect(matched('/users/{id}', path), path).to.equal(undefined);
      }
    });

    it('an encoded slash is part of the value, an encoded percent sign too', () => {
      expect(matched('/files/{name}', '/files/a%2Fb')).to.deep.equal({ name: 'a/b' });
      expect(matched('/files/{name}', '/files/a%2fb')).to.deep.equal({ name: 'a/b' });
      expect(matched('/files/{name}', '/files/100%25')).to.deep.equal({ name: '100%' });
      expect(matched('/files/{name}', '/files/%252F')).to.deep.equal({ name: '%2F' });
      expect(matched('/a/b', '/a%2Fb')).to.equal(undefined);
    });

    it('what is no UTF-8 belongs to no route', () => {
      for (const path of ['/users/%E0%A4', '/users/%', '/users/%zz', '/users/%ff']) {
        expect(matched('/users/{id}', path), path).to.equal(undefined);
      }
    });

    it('{slug?}: with its segment or without', () => {
      expect(matched('/blog/{slug?}', '/blog')).to.deep.equal({});
      expect(matched('/blog/{slug?}', '/blog/')).to.deep.equal({});
      expect(matched('/blog/{slug?}', '/blog/x')).to.deep.equal({ slug: 'x' });
      expect(matched('/blog/{slug?}', '/blog/x/y')).to.equal(undefined);
      expect(matched('/blog/{slug?}', '/blogs')).to.equal(undefined);
      expect(matched('/{page?}', '/')).to.deep.equal({});
      expect(matched('/{page?}', '/2')).to.deep.equal({ page: '2' });
      expect(matched('/page-{n?}', '/page-')).to.deep.equal({});
      expect(matched('/page-{n?}', '/page-2')).to.deep.equal({ n: '2' });
    });

    it('several optional parameters, the later ones only with the earlier', () => {
      const archive = '/archive/{year?}/{month?}';
      expect(matched(archive, '/archive')).to.deep.equal({});
      expect(matched(archive, '/archive/2026')).to.deep.equal({ year: '2026' });
      expect(matched(archive, '/archive/2026/11')).to.deep.equal({ year: '2026', month: '11' });
      expect(matched(archive, '/archive/2026/11/22')).to.equal(undefined);
    });

    it("Express's :id and :page?", () => {
      expect(matched('/users/:id', '/users/7')).to.deep.equal({ id: '7' });
      expect(matched('/list/:page?', '/list')).to.deep.equal({});
      expect(matched('/a/:x/b/:y', '/a/1/b/2')).to.deep.equal({ x: '1', y: '2' });
    });

    it('(:num) and the others, each called arg1, arg2 …', () => {
      const kinds: Record<string, [yes: string[], no: string[]]> = {
        num: [
          ['0', '12'],
          ['-1', '1.5', 'a', '1a'],
        ],
        alpha: [
          ['a', 'Ab'],
          ['1', 'a1', 'é', 'a-b'],
        ],
        alphanum: [
          ['a1', '9Z'],
          ['a-b', 'é', 'a_b'],
        ],
        segment: [['a-b', 'é', '1.5'], []],
        hash: [['a-b'], []],
        slug: [
          ['a-b', '9'],
          ['A', 'a_b', 'é'],
        ],
        uuid: [['0B5C2AD3-7f0e-4a52-9d4b-1c1f3a9e2b11'], ['0b5c2ad3', 'x']],
        any: [['a', 'a/b', 'a/b.txt'], []],
      };
      for (const [kind, [yes, no]] of Object.entries(kinds)) {
        for (const value of yes) {
          const path = encodeURI(`/x/${value}`);
          expect(matched(`/x/(:${kind})`, path), `${kind} ${value}`).to.deep.equal({ arg1: value });
        }
        for (const value of no) {
          expect(matched(`/x/(:${kind})`, encodeURI(`/x/${value}`)), `${kind} ${value}`).to.equal(undefined);
        }
      }
      expect(matched('/(:num)/{x}/(:alpha)', '/1/2/b')).to.deep.equal({ arg1: '1', x: '2', arg2: 'b' });
    });

    it('(:any) takes slashes, at the end or before something; not nothing', () => {
      expect(matched('/files/(:any)', '/files/a/b')).to.deep.equal({ arg1: 'a/b' });
      expect(matched('/files/(:any)', '/files/a%2Fb/c')).to.deep.equal({ arg1: 'a/b/c' });
      expect(matched('/files/(:any)/raw', '/files/a/b/raw')).to.deep.equal({ arg1: 'a/b' });
      expect(matched('/(:any)', '/x/y/')).to.deep.equal({ arg1: 'x/y' });
      for (const path of ['/files', '/files/'])
        expect(matched('/files/(:any)', path), path).to.equal(undefined);
    });

    it('several parameters in one segment', () => {
      expect(matched('/{a}-{b}', '/1-2')).to.deep.equal({ a: '1', b: '2' });
      expect(matched('/{a}_x', '/1_x')).to.deep.equal({ a: '1' });
      expect(matched('/{user}@{host}', '/ada@example.org')).to.deep.equal({
        user: 'ada',
        host: 'example.org',
      });
      expect(matched('/{name}.{kind}', '/a.tar.gz')).to.deep.equal({ name: 'a', kind: 'tar.gz' });
      expect(matched('/{day}-{slug}', '/2026-11-22-x', { day: /\d{4}-\d\d-\d\d/ })).to.deep.equal({
        day: '2026-11-22',
        slug: 'x',
      });
    });

    it('a long segment is divided, or not, in no time', () => {
      const hostile = `/${'-'.repeat(15_000)}/x`;
      const began = performance.now();
      expect(matched('/{a}-{b}-{c}/y', hostile)).to.equal(undefined);
      expect(performance.now() - began).to.be.below(500);
    });
  });

  describe('where', () => {
    it('the pattern is for the whole value', () => {
      const id = { id: /\d+/ };
      expect(matched('/users/{id}', '/users/12', id)).to.deep.equal({ id: '12' });
      expect(matched('/users/{id}', '/users/12a', id)).to.equal(undefined);
      expect(matched('/users/{id}', '/users/a12', id)).to.equal(undefined);
      for (const pattern of [/page|post/, /^page|post$/, 'page|post', '^(page|post)$']) {
        const kind = { kind: pattern };
        expect(matched('/{kind}', '/page', kind)).to.deep.equal({ kind: 'page' });
        expect(matched('/{kind}', '/post', kind)).to.deep.equal({ kind: 'post' });
        expect(matched('/{kind}', '/pages', kind), String(pattern)).to.equal(undefined);
        expect(matched('/{kind}', '/blogpost', kind), String(pattern)).to.equal(undefined);
      }
    });

    it('groups, classes and signs inside of a pattern move no other parameter', () => {
      expect(matched('/{a}/{b}', '/xc/2', { a: /(x|y)(c)/ })).to.deep.equal({ a: 'xc', b: '2' });
      expect(matched('/{a}/{b}', '/xx/2', { a: /(?<twice>x)\k<twice>/ })).to.deep.equal({ a: 'xx', b: '2' });
      expect(matched('/{a}/{b}', '/)(/2', { a: /[()]+/ })).to.deep.equal({ a: ')(', b: '2' });
      expect(matched('/{a}', '/5$', { a: '\\d\\$' })).to.deep.equal({ a: '5$' });
      expect(matched('/{a}-{b}', '/1-2-3', { a: /[^x]-[^$]/ })).to.deep.equal({ a: '1-2', b: '3' });
      expect(matched('/{a}', '/x:y', { a: /x:y/ })).to.deep.equal({ a: 'x:y' });
    });

    it('flags count', () => {
      expect(matched('/{a}/{b}', '/ABC/x', { a: /[a-z]+/i })).to.deep.equal({ a: 'ABC', b: 'x' });
      expect(matched('/{a}', '/ABC', { a: /[a-z]+/ })).to.equal(undefined);
      expect(matched('/{a}', '/%C3%A9t%C3%A9', { a: /\p{L}+/u })).to.deep.equal({ a: 'été' });
      expect(matched('/{a}', '/12', { a: /\p{L}+/u })).to.equal(undefined);
      expect(matched('/{a}', '/x', { a: /x/g })).to.deep.equal({ a: 'x' });
    });

    it('works on optional parameters', () => {
      const where = { tab: /[a-z]+/, page: /\d+/ };
      expect(matched('/u/{tab?}', '/u', { tab: /[a-z]+/ })).to.deep.equal({});
      expect(matched('/u/{tab?}', '/u/x', { tab: /[a-z]+/ })).to.deep.equal({ tab: 'x' });
      expect(matched('/u/{tab?}', '/u/1', { tab: /[a-z]+/ })).to.equal(undefined);
      expect(matched('/u/{tab?}/{page?}', '/u/x/2', where)).to.deep.equal({ tab: 'x', page: '2' });
      expect(matched('/u/{tab?}/{page?}', '/u/2', where)).to.equal(undefined);
    });

    it('goes before what a placeholder says', () => {
      expect(matched('/(:num)', '/5', { arg1: /[1-5]/ })).to.deep.equal({ arg1: '5' });
      expect(matched('/(:num)', '/6', { arg1: /[1-5]/ })).to.equal(undefined);
      expect(matched('/(:num)/(:any)', '/6/a', { arg2: /[a-c]/ })).to.deep.equal({ arg1: '6', arg2: 'a' });
    });

    it('a pattern with slashes takes several segments', () => {
      for (const pattern of ['.*', '.+', /.*/s, /[a-z/]+/]) {
        const where = { path: pattern };
        expect(matched('/docs/{path}', '/docs/a/b', where), String(pattern)).to.deep.equal({ path: 'a/b' });
      }
      expect(matched('/docs/{path?}', '/docs', { path: '.*' })).to.deep.equal({});
      expect(matched('/docs/{path?}', '/docs/a/b', { path: '.*' })).to.deep.equal({ path: 'a/b' });
    });

    it('refuses what is no pattern, and a parameter that is not there', () => {
      const route = () => newRouter().get('/users/{id}', () => '');
      for (const pattern of ['(', '[', 'a)(b', '*']) {
        expect(
          reasonOf(() => route().where('id', pattern)),
          pattern,
        ).to.contain('"id"');
      }
      expect(reasonOf(() => route().where('ID', /\d+/))).to.equal('it has no parameter "ID"');
      expect(reasonOf(() => route().where({ id: /\d+/, nom: /x/ }), 'fr')).to.equal(
        'elle n’a pas de paramètre « nom »',
      );
      const twice = { a: /(?<x>a)/, b: /(?<x>b)/ };
      expect(
        reasonOf(() =>
          newRouter()
            .get('/{a}/{b}', () => '')
            .where(twice),
        ),
      ).to.contain('"a, b"');
    });
  });

  describe('what cannot be meant', () => {
    it('is refused when it is declared, in French or English', () => {
      const declare = (path: string) => () => newRouter().get(path, () => '');
      const faults: Record<string, string> = {
        '/(:nombre)':
          '« (:nombre) » est inconnu ; connus : num, alpha, alphanum, segment, hash, slug, uuid, any',
        '/{page?}/x': 'le paramètre facultatif « page » doit finir le chemin',
        '/{page?}-x': 'le paramètre facultatif « page » doit finir le chemin',
        '/{page?}/{id}': 'le paramètre facultatif « page » doit finir le chemin',
        '/{id}/{id}': 'le paramètre « id » y est deux fois',
        '/(:num)/{arg1}': 'le paramètre « arg1 » y est deux fois',
      };
      for (const [path, reason] of Object.entries(faults)) {
        expect(reasonOf(declare(path), 'fr'), path).to.equal(reason);
      }
      for (const path of [
        '/{user-id}',
        '/{id:int}',
        '/{id',
        '/id}',
        '/files/*',
        '/x?y=1',
        '/x#y',
        '/{id:[0-9]+}',
        '/(:num',
      ]) {
        expect(reasonOf(declare(path)), path).to.contain('neither text nor a parameter');
      }
      expect(refusedRoute(declare('/x/*'), 'fr').message).to.equal(
        "La route « /x/* » est refusée : « * » n’est ni un texte ni un paramètre ; écrivez {nom}, {nom?}, (:num) ou (:any), et le motif avec .where('nom', /…/).",
      );
    });
  });

  describe('addresses', () => {
    it('take one value, a list in the order of the path, or names', () => {
      expect(addressOf('/users/{id}', 7)).to.equal('/users/7');
      expect(addressOf('/users/{id}', 7n)).to.equal('/users/7');
      expect(addressOf('/users/{id}', [7])).to.equal('/users/7');
      expect(addressOf('/users/{id}', { id: 7 })).to.equal('/users/7');
      expect(addressOf('/a/{x}/b/{y}', [1, 2])).to.equal('/a/1/b/2');
      expect(addressOf('/a/{x}/b/{y}', { y: 2, x: 1 })).to.equal('/a/1/b/2');
      expect(addressOf('/(:num)/(:num)', [2026, 11])).to.equal('/2026/11');
      expect(addressOf('/(:num)/(:num)', { arg2: 11, arg1: 2026 })).to.equal('/2026/11');
      expect(addressOf('/')).to.equal('/');
      expect(addressOf('/x')).to.equal('/x');
    });

    it('encode accents, blanks, slashes and signs', () => {
      expect(addressOf('/u/{id}', 'thé vert')).to.equal('/u/th%C3%A9%20vert');
      expect(addressOf('/u/{id}', 'a/b?c#d&e=f%')).to.equal('/u/a%2Fb%3Fc%23d%26e%3Df%25');
      expect(addressOf('/f/(:any)', 'a b/c?/d')).to.equal('/f/a%20b/c%3F/d');
      expect(addressOf('/f/{path}', 'a/b', { path: '.+' })).to.equal('/f/a/b');
      expect(addressOf('/café crème/{x}', 1)).to.equal('/caf%C3%A9%20cr%C3%A8me/1');
      expect(addressOf('/caf%C3%A9')).to.equal('/caf%C3%A9');
      expect(addressOf('/u/{id}', 'x\ud800y')).to.equal('/u/x%EF%BF%BDy');
    });

    it('leave optional parameters out', () => {
      expect(addressOf('/blog/{slug?}')).to.equal('/blog');
      expect(addressOf('/blog/{slug?}', { slug: null })).to.equal('/blog');
      expect(addressOf('/blog/{slug?}', '')).to.equal('/blog');
      expect(addressOf('/{slug?}')).to.equal('/');
      expect(addressOf('/a/{x?}/{y?}', [1])).to.equal('/a/1');
      expect(reasonOf(() => addressOf('/a/{x?}/{y?}', { y: 2 }))).to.equal('the parameter "x" has no value');
    });

    it('carry what is no parameter as the query', () => {
      expect(addressOf('/u/{id}', { id: 7, tab: 'a b', page: 2 })).to.equal('/u/7?tab=a+b&page=2');
      expect(addressOf('/u', { none: undefined, no: null, yes: true, empty: '' })).to.equal(
        '/u?yes=true&empty=',
      );
      expect(addressOf('/u', { ids: [1, 2], who: { name: 'é', 'a&b': [3] } })).to.equal(
        '/u?ids%5B%5D=1&ids%5B%5D=2&who%5Bname%5D=%C3%A9&who%5Ba%26b%5D%5B%5D=3',
      );
      expect(addressOf('/u', { at: new Date(0) })).to.equal('/u?at=1970-01-01T00%3A00%3A00.000Z');
    });

    it('refuse a value that is missing, too many, or none that the route would take; without naming it', () => {
      expect(reasonOf(() => addressOf('/u/{id}'), 'fr')).to.equal('le paramètre « id » n’a pas de valeur');
      for (const absent of [[], {}, '', null, undefined, [undefined], { id: null }, { ID: 1 }]) {
        expect(reasonOf(() => addressOf('/u/{id}', absent))).to.equal('the parameter "id" has no value');
      }
      expect(reasonOf(() => addressOf('/u/{id}', [1, 2]))).to.equal('more values than parameters (id)');
      expect(reasonOf(() => addressOf('/u', 1))).to.equal('more values than parameters (—)');
      const unfit = [
        () => addressOf('/u/(:num)', 'secret'),
        () => addressOf('/u/{arg1}', 'secret', { arg1: /\d+/ }),
        () => addressOf('/u/{arg1}', { arg1: { secret: 1 } }),
        () => addressOf('/u/{arg1}', [['secret']]),
        () => addressOf('/u/(:slug)', 'a/secret'),
      ];
      for (const work of unfit) {
        const { details, message } = refusedRoute(work);
        expect(details['reason']).to.contain('"arg1"').and.contain('form');
        expect(message).not.to.contain('secret');
      }
    });

    it('lead back to the same values, whatever they are', () => {
      const router = newRouter();
      router.get('/x/{a}/y/{b}', () => '').name('two');
      router
        .get('/rest/{path}', () => '')
        .where('path', '.+')
        .name('rest');
      const text = fc.string({ unit: 'grapheme', minLength: 1 });
      fc.assert(
        fc.property(text, text, (a, b) => {
          // A dot or two alone are what browsers resolve: no address can carry them.
          fc.pre(![a, b].some((value) => /^\.\.?$/.test(value)));
          const found = router.find('GET', router.address('two', [a, b]));
          expect(found?.parameters).to.deep.equal({ a, b });
          expect(found?.route.fullName).to.equal('two');
        }),
      );
      fc.assert(
        fc.property(
          fc.webPath().filter((path) => path.length > 1 && !path.endsWith('/')),
          (path) => {
            const value = decodeURIComponent(path.slice(1));
            fc.pre(!/[\n\r\u2028\u2029]/.test(value));
            expect(router.find('GET', router.address('rest', value))?.parameters).to.deep.equal({
              path: value,
            });
          },
        ),
      );
    });

    it('the errors are ours', () => {
      expect(() => addressOf('/u/{id}'))
        .to.throw()
        .and.satisfy((error: unknown) => isBlitzError(error, 'E_ROUTE'));
    });
  });
});
