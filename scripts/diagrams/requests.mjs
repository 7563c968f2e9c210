import { does, holds, says, sequence, waits } from './sequence.mjs';
import { picture } from './svg.mjs';

function alone(about, content) {
  const { parts, bottom } = sequence(24, content);
  return picture({ ...about, height: bottom + 24 }, parts);
}

const ACTORS = ['Requête A', 'Stockage', 'Requête B'];

export const withoutLock = alone(
  {
    name: 'sans-verrou',
    title: 'Deux requêtes d’une même session, sans verrou',
    desc:
      'Le stockage contient 5 visites. La requête A lit 5, la requête B lit 5 aussi. A écrit 6, puis B écrit 6. ' +
      'Deux visites ont eu lieu, une seule est comptée.',
  },
  {
    actors: ACTORS,
    steps: [
      holds('visites : 5'),
      says(1, 0, 'lit 5'),
      says(1, 2, 'lit 5'),
      does(0, 'calcule 5 + 1'),
      does(2, 'calcule 5 + 1'),
      says(0, 1, 'écrit 6'),
      holds('visites : 6'),
      says(2, 1, 'écrit 6, par-dessus', 'bad'),
      holds('visites : 6', 'bad'),
    ],
    verdict: { mood: 'bad', lines: ['Deux visites, une seule comptée : l’écriture de A est perdue.'] },
  },
);

export const withLock = alone(
  {
    name: 'avec-verrou',
    title: 'Deux requêtes d’une même session, avec verrou',
    desc:
      'La requête A verrouille la session et lit 5. La requête B demande la même session et attend. A écrit 6 et libère ' +
      'le verrou. B verrouille à son tour, lit 6, écrit 7 et libère. Rien n’est perdu.',
  },
  {
    actors: ACTORS,
    steps: [
      holds('visites : 5'),
      says(0, 1, 'verrouille et lit 5'),
      waits(2, 4, 'attend son tour'),
      does(0, 'calcule 5 + 1'),
      says(0, 1, 'écrit 6 et libère'),
      holds('visites : 6'),
      does(0, 'sa réponse part', 'good'),
      says(2, 1, 'verrouille et lit 6'),
      does(2, 'calcule 6 + 1'),
      says(2, 1, 'écrit 7 et libère'),
      holds('visites : 7', 'good'),
    ],
    verdict: {
      mood: 'good',
      lines: ['Deux visites, deux comptées, dans un processus comme entre plusieurs.'],
    },
  },
);

const SLOW = ['Requête lente', 'Stockage', 'Déconnexion'];

const before = sequence(24, {
  heading: 'Sans verrou',
  actors: SLOW,
  steps: [
    holds('Zoé est connectée'),
    says(1, 0, 'lit : Zoé'),
    does(0, 'travaille longtemps'),
    says(2, 1, 'supprime la session'),
    holds('plus rien'),
    says(0, 1, 'enregistre : Zoé', 'bad'),
    holds('Zoé est connectée', 'bad'),
  ],
  verdict: { mood: 'bad', lines: ['L’ancien cookie est de nouveau valable : la déconnexion est annulée.'] },
});
const after = sequence(before.bottom + 34, {
  heading: 'Avec blitz-session',
  actors: SLOW,
  steps: [
    holds('Zoé est connectée'),
    says(0, 1, 'verrouille et lit : Zoé'),
    waits(2, 2, 'attend son tour'),
    does(0, 'travaille longtemps'),
    says(0, 1, 'enregistre et libère'),
    says(2, 1, 'verrouille et supprime'),
    holds('plus rien', 'good'),
  ],
  verdict: {
    mood: 'good',
    lines: [
      'La suppression passe après l’écriture. Et si le verrou avait été perdu,',
      'l’écriture serait refusée : rien ne revient.',
    ],
  },
});

export const signOut = picture(
  {
    name: 'deconnexion',
    title: 'Une déconnexion à côté d’une requête lente',
    desc:
      'Sans verrou : une requête lente lit la session de Zoé, la déconnexion supprime la session, puis la requête lente ' +
      'enregistre ce qu’elle avait lu ; Zoé est de nouveau connectée. Avec blitz-session : la requête lente tient le verrou, ' +
      'la déconnexion attend, puis supprime après que la requête lente a enregistré ; rien ne revient.',
    height: after.bottom + 24,
  },
  [before.parts, after.parts],
);

export const renewal = alone(
  {
    name: 'renouvellement',
    title: 'Le renouvellement d’un identifiant, à côté d’une requête parallèle',
    desc:
      'Deux requêtes partent avec le cookie A. La première verrouille l’enregistrement A, range les données sous ' +
      'l’identifiant B, laisse sous A un pointeur valable soixante secondes, et répond avec le cookie B. La seconde, qui ' +
      'attendait, trouve le pointeur, le suit jusqu’à B, et répond aussi avec le cookie B. Après le délai de grâce, ' +
      'l’identifiant A ne mène plus à rien.',
  },
  {
    actors: ['Requête 1, cookie A', 'Stockage', 'Requête 2, cookie A'],
    steps: [
      holds('A : données'),
      says(0, 1, 'verrouille et lit A'),
      waits(2, 3, 'attend son tour'),
      does(0, 'il est temps de changer'),
      says(0, 1, 'écrit B, pointeur en A'),
      holds('A → B · B : données'),
      does(0, 'répond, cookie B', 'good'),
      says(1, 2, 'A mène à B'),
      says(2, 1, 'verrouille et lit B'),
      says(2, 1, 'enregistre B et libère'),
      does(2, 'répond, cookie B', 'good'),
      holds('après « grace » : A, rien'),
    ],
    verdict: {
      mood: 'good',
      lines: [
        'Le pointeur vit « grace » secondes, 60 par défaut. Le nouvel identifiant',
        'y est chiffré : seul qui connaît l’ancien peut le suivre.',
      ],
    },
  },
);
