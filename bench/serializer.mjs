// Cost of the serializers beside bare JSON, checks included: `node bench/serializer.mjs [rounds]`.
// The ways take turns within a round, so that a busy machine slows all of them alike.
import { jsonSerializer, phpSerializer } from 'blitz-session';

const ROUNDS = Number(process.argv[2] ?? 61);
const ROUND_MS = 4;
const WORDS =
  'Le panier a été commandé réf. livré à l’adresse de l’œuvre aujourd’hui client paiement accepté très vite'.split(
    ' ',
  );

let seed = 1;
const random = (below) => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return seed % below;
};
const phrase = (words) => Array.from({ length: words }, () => WORDS[random(WORDS.length)]).join(' ');

function session(bytes) {
  const values = {
    user: { id: 42, name: 'Éloïse Dupré', roles: ['admin', 'editor'], active: true },
    cart: { items: [{ id: 7, qty: 2 }], total: 19.9 },
    _token: 'x7Qp'.repeat(10),
  };
  for (let i = 0; Buffer.byteLength(JSON.stringify(values)) < bytes; i++) {
    values.history ??= [];
    values.cart.items.push({
      id: 1000 + i,
      ref: `A-${random(99999)}`,
      name: phrase(4),
      price: random(9999) / 100,
      qty: random(5) + 1,
      gift: random(2) === 0,
      tags: ['promo', 'neuf'],
      options: { size: 'M', note: null },
    });
    values.history.push({
      url: `/produit/${random(9999)}`,
      at: 1_700_000_000 + random(99999),
      title: phrase(6),
    });
  }
  return values;
}

function nanoseconds(way, times) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) way();
  return Number(process.hrtime.bigint() - start) / times;
}

/** The median of each way; the first one is the yardstick. */
function medians(ways) {
  const [bare] = ways;
  nanoseconds(bare, 200);
  const times = Math.max(5, Math.round((ROUND_MS * 1e6) / nanoseconds(bare, 50)));
  const samples = ways.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const i = (round + turn) % ways.length;
      samples[i].push(nanoseconds(ways[i], times));
    }
  }
  return samples.map((sample) => sample.sort((a, b) => a - b)[sample.length >> 1]);
}

const SERIALIZERS = [jsonSerializer, ...['php', 'php_binary', 'php_serialize'].map(phpSerializer)];
const µs = (ns) => (ns / 1000).toFixed(2);
const rows = [];
for (const bytes of [180, 4096, 65_536]) {
  const text = JSON.stringify(session(bytes));
  const values = JSON.parse(text);
  if (jsonSerializer.encode(values) !== text) throw new Error('encode differs from JSON.stringify');
  const encodings = SERIALIZERS.map((each) => () => each.encode(values));
  const [stringify, ...encode] = medians([() => JSON.stringify(values), ...encodings]);
  const decodings = SERIALIZERS.map((each) => {
    // As a store gives it: in one piece.
    const data = Buffer.from(each.encode(values), each.encoding).toString(each.encoding);
    return () => each.decode(data);
  });
  const [parse, ...decode] = medians([() => JSON.parse(text), ...decodings]);
  SERIALIZERS.forEach(({ name }, i) => {
    rows.push({
      bytes: Buffer.byteLength(text),
      serializer: name,
      'stringify µs': µs(stringify),
      'encode µs': µs(encode[i]),
      'encode ×': (encode[i] / stringify).toFixed(2),
      'parse µs': µs(parse),
      'decode µs': µs(decode[i]),
      'decode ×': (decode[i] / parse).toFixed(2),
    });
  });
}
console.table(rows);
