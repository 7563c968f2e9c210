// Builds the guide as a site, in docs-fr/.vitepress/dist, and looks at what was built. A warning of the build, a link
// or an anchor that leads nowhere, a page that the sidebar leaves out, a word of the theme that stayed English and
// anything that a browser would fetch from elsewhere are failures.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const guide = join(root, 'docs-fr');
const site = join(guide, '.vitepress', 'dist');

/** Addresses in the scripts that nothing fetches: names, texts of errors, icons that the guide has none of. */
const UNFETCHED = [
  'http://www.w3.org/',
  'http://a.com',
  'https://vuejs.org/error-reference/',
  'https://api.iconify.design/simple-icons/',
];
const ENGLISH =
  /Permalink to|(?:Main|Sidebar|mobile|extra) [Nn]avigation|>Pager<|Skip to content|Return to top/;

function build() {
  const vitepress = join(root, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [vitepress, 'build', guide], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
        process.stdout.write(text);
      });
    }
    child.once('error', failed);
    child.once('close', (code) => done({ code, said }));
  });
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Each tag of a page, with its attributes. */
function tagsOf(html) {
  return [...html.matchAll(/<([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)+)\s*\/?>/g)].map(([, name, rest]) => ({
    name,
    attributes: Object.fromEntries(
      [...rest.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, key, value = '']) => [key, value]),
    ),
  }));
}

const LOCAL = /^(?:\/(?!\/)|#|data:)/;

function faultsOf() {
  const faults = [];
  const html = filesBelow(site).filter((path) => path.endsWith('.html'));
  const pages = new Map(
    html.map((path) => [`/${relative(site, path)}`, { path, tags: tagsOf(readFileSync(path, 'utf8')) }]),
  );
  const ids = new Map(
    [...pages].map(([name, { tags }]) => [name, new Set(tags.map(({ attributes }) => attributes.id))]),
  );
  for (const [name, { path, tags }] of pages) {
    const english = ENGLISH.exec(readFileSync(path, 'utf8'))?.[0];
    if (english !== undefined) faults.push(`${name} says “${english}”`);
    for (const { name: tag, attributes } of tags) {
      const { href, src, srcset, poster, data } = attributes;
      for (const address of [tag === 'a' ? undefined : href, src, srcset, poster, data]) {
        if (address === undefined) continue;
        if (!LOCAL.test(address)) faults.push(`${name}: <${tag}> fetches ${address}`);
        else if (address.startsWith('/') && !existsSync(join(site, address)))
          faults.push(`${name}: no ${address}`);
      }
      if (tag !== 'a' || href === undefined || /^https?:/.test(href)) continue;
      const { pathname, hash } = new URL(href, `http://site${name}`);
      const target = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
      if (!pages.has(target)) faults.push(`${name}: the link ${href} leads to no page`);
      else if (hash !== '' && !ids.get(target).has(decodeURIComponent(hash.slice(1))))
        faults.push(`${name}: the link ${href} leads to no heading`);
    }
  }
  const linked = new Set(pages.get('/index.html').tags.map(({ attributes }) => attributes.href));
  for (const page of readdirSync(guide).filter((file) => file.endsWith('.md') && file !== 'index.md')) {
    if (!linked.has(`/${page.replace(/\.md$/, '.html')}`)) faults.push(`the sidebar leaves out ${page}`);
  }
  for (const path of filesBelow(site).filter((each) => /\.(?:css|js)$/.test(each))) {
    // What a page says is text; only the theme's own scripts could fetch.
    if (/\.md\.[\w-]+\.(?:lean\.)?js$|localSearchIndex/.test(path)) continue;
    const text = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const [address] of text.matchAll(/https?:\/\/[^\s"'`)\\]+|(?<=url\()\/\/[^)]+/g)) {
      if (!UNFETCHED.some((start) => address.startsWith(start)))
        faults.push(`${relative(site, path)} names ${address}`);
    }
  }
  return faults;
}

const { code, said } = await build();
const faults = code === 0 ? faultsOf() : [`vitepress build: exit code ${code}`];
for (const line of said.split('\n'))
  if (/warn|\(!\)|deprecat/i.test(line)) faults.push(`vitepress build: ${line.trim()}`);
for (const fault of faults) console.error(`FAILED  ${fault}`);
if (faults.length === 0) console.log(`The guide stands in ${relative(root, site)}.`);
process.exitCode = faults.length === 0 ? 0 : 1;
