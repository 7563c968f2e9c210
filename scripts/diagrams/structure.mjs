import { arrow, COLOURS, labelled, picture, text, WIDTH } from './svg.mjs';

const ONE = { fill: COLOURS.onePale, stroke: COLOURS.one, ink: COLOURS.one };
const OTHER = { fill: COLOURS.otherPale, stroke: COLOURS.other, ink: COLOURS.other };
const STORE = { fill: COLOURS.storePale, stroke: COLOURS.store, ink: COLOURS.store };
const GOOD = { fill: COLOURS.goodPale, stroke: COLOURS.good, ink: COLOURS.good };

/** Boxes from left to right with an arrow between each two; where each begins and ends. */
function chain(y, height, left, right, boxes, gap = 22) {
  const width = (right - left - gap * (boxes.length - 1)) / boxes.length;
  return boxes.flatMap(({ lines, ...look }, at) => {
    const x = left + at * (width + gap);
    const parts = [labelled(x, y, width, height, lines, { size: 13, ...look })];
    if (at > 0) parts.push(arrow(x - gap + 2, y + height / 2, x - 2, y + height / 2));
    return parts;
  });
}

export const lifeCycle = picture(
  {
    name: 'cycle-de-vie',
    title: 'Le chemin d’une requête',
    desc:
      'À l’arrivée : le cookie est lu, la requête attend son tour, puis le verrou est pris et l’enregistrement lu en un seul ' +
      'aller et retour. Pendant le travail, tout se passe en mémoire : filtres, jeton, action, vue. Au départ, avant le ' +
      'premier octet : ce qui a changé est écrit et le verrou libéré, en un second aller et retour, puis Set-Cookie est posé et ' +
      'la réponse part.',
    height: 436,
  },
  [
    text(28, 44, 'Arrivée', { size: 15, bold: true, anchor: 'start', fill: COLOURS.one }),
    chain(56, 58, 28, 692, [
      { lines: ['lit le cookie'], ...ONE },
      { lines: ['attend son', 'tour'], ...ONE },
      { lines: ['verrouille', 'et lit'], ...ONE },
      { lines: ['ouvre le', 'Store'], ...ONE },
    ]),
    text(28, 160, 'Travail', { size: 15, bold: true, anchor: 'start', fill: COLOURS.good }),
    chain(172, 58, 28, 692, [
      { lines: ['filtres, jeton'], ...GOOD },
      { lines: ['votre action'], ...GOOD },
      { lines: ['la vue'], ...GOOD },
    ]),
    text(360, 252, 'tout en mémoire : rien n’attend le stockage', {
      size: 12.5,
      fill: COLOURS.soft,
      room: 420,
    }),
    text(28, 286, 'Départ, avant le premier octet', {
      size: 15,
      bold: true,
      anchor: 'start',
      fill: COLOURS.other,
    }),
    chain(298, 58, 28, 692, [
      { lines: ['écrit ce qui', 'a changé'], ...OTHER },
      { lines: ['libère le', 'verrou'], ...OTHER },
      { lines: ['Set-Cookie'], ...OTHER },
      { lines: ['la réponse', 'part'], ...OTHER },
    ]),
    labelled(
      28,
      378,
      664,
      34,
      ['Stockage : deux allers et retours, « verrouille et lit », « écrit et libère »'],
      {
        ...STORE,
        size: 13,
        radius: 17,
      },
    ),
  ],
);

/** Rooms side by side, as wide as their share of the row. */
function floor(y, rooms, look, note) {
  const [left, right, gap] = [28, note === undefined ? 692 : 500, 8];
  const room = right - left - gap * (rooms.length - 1);
  const total = rooms.reduce((sum, [name]) => sum + name.length + 4, 0);
  let x = left;
  const parts = [];
  for (const [name] of rooms) {
    const width = (room * (name.length + 4)) / total;
    parts.push(labelled(x, y, width, 40, [name], { ...look, size: 13, mono: true }));
    x += width + gap;
  }
  if (note !== undefined)
    parts.push(text(512, y + 25, note, { size: 12.5, fill: COLOURS.soft, anchor: 'start', room: 190 }));
  return parts;
}

const PLAIN = { fill: COLOURS.panel, stroke: COLOURS.line, ink: COLOURS.ink };

export const rooms = picture(
  {
    name: 'pieces',
    title: 'Les pièces de src, et qui importe qui',
    desc:
      'De bas en haut : contracts, qui n’importe rien ; support et errors ; config, cookie, serializers, events et handlers, qui ' +
      's’ignorent entre elles ; session, qui se sert de cookie, serializers et handlers ; container, qui compose ; http et ' +
      'php ; facades et helpers ; console et testing ; index, qui réexporte. Chaque étage n’importe que ceux du dessous.',
    height: 564,
  },
  [
    text(28, 42, 'Chaque étage n’importe que ceux du dessous.', {
      size: 15,
      bold: true,
      anchor: 'start',
      room: 600,
    }),
    floor(62, [['index.ts']], PLAIN, 'réexporte'),
    floor(114, [['console'], ['testing']], PLAIN, 'outils'),
    floor(166, [['facades'], ['helpers']], ONE, 'vos accès'),
    floor(218, [['http'], ['php']], ONE, 'les serveurs, PHP'),
    floor(270, [['container']], GOOD, 'compose les services'),
    floor(322, [['session']], OTHER, 'le Store, son cycle'),
    floor(374, [['config'], ['cookie'], ['serializers'], ['events'], ['handlers']], STORE),
    text(360, 432, 'ces cinq-là ne se connaissent pas', { size: 12.5, fill: COLOURS.soft, room: 400 }),
    floor(446, [['support'], ['errors.ts']], PLAIN, 'fonctions pures'),
    floor(498, [['contracts']], PLAIN, 'des types seulement'),
  ],
);

export const beside = picture(
  {
    name: 'php-et-node',
    title: 'PHP et Node derrière nginx, une même session',
    desc:
      'Le navigateur n’a qu’un cookie. nginx confie à Node les routes déjà déplacées, /compte et /panier, et tout le reste à ' +
      'PHP. Les deux ouvrent la même session dans le même stockage : même enregistrement, même verrou, mêmes octets.',
    height: 436,
  },
  [
    labelled(230, 26, 260, 50, ['Navigateur', 'un seul cookie de session'], {
      ...PLAIN,
      boldFirst: true,
      size: 14,
    }),
    arrow(360, 78, 360, 108),
    labelled(230, 110, 260, 50, ['nginx', 'choisit selon le chemin'], { ...GOOD, boldFirst: true, size: 14 }),
    arrow(282, 162, 186, 216, { stroke: COLOURS.other }),
    arrow(438, 162, 534, 216, { stroke: COLOURS.one }),
    text(120, 192, 'tout le reste', { size: 13, fill: COLOURS.other, room: 150 }),
    text(606, 192, '/compte, /panier/…', { size: 13, fill: COLOURS.one, mono: true, room: 180 }),
    labelled(50, 220, 270, 62, ['PHP', 'BlitzPHP, CodeIgniter, PHP seul'], {
      ...OTHER,
      boldFirst: true,
      size: 15,
    }),
    labelled(400, 220, 270, 62, ['Node', 'blitz-session, avec interop'], {
      ...ONE,
      boldFirst: true,
      size: 15,
    }),
    arrow(185, 284, 262, 334, { stroke: COLOURS.other }),
    arrow(535, 284, 458, 334, { stroke: COLOURS.one }),
    labelled(130, 338, 460, 70, ['Stockage', 'même enregistrement, même verrou, mêmes octets'], {
      ...STORE,
      boldFirst: true,
      size: 15,
      radius: 22,
    }),
    text(WIDTH / 2, 312, 'chacun son tour', { size: 13, fill: COLOURS.soft, room: 160 }),
  ],
);
