const WORDS = 'Le panier a été commandé réf livré à la rue client paiement accepté très vite'.split(' ');

/**
 * What a visitor's session holds besides the counter: `bytes` bytes of JSON (UTF-8), in small objects and lists as an
 * application keeps them, the same in each run.
 */
export function payloadOf(bytes) {
  const payload = { user: { id: 42, name: 'Éloïse Dupré', roles: ['admin', 'editor'] }, cart: [], note: '' };
  for (let at = 0; sizeOf(payload) + 130 < bytes; at++) payload.cart.push(itemOf(at));
  payload.note = '.'.repeat(Math.max(0, bytes - sizeOf(payload)));
  return payload;
}

function itemOf(at) {
  const name = [0, 1, 2].map((word) => WORDS[(at * 5 + word * 3) % WORDS.length]).join(' ');
  return { id: 1000 + at, name, price: 9.5 + at, quantity: (at % 4) + 1, gift: at % 2 === 0, tags: ['new'] };
}

function sizeOf(value) {
  return Buffer.byteLength(JSON.stringify(value));
}
