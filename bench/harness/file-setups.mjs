import { bareSetups, floorSetups, ourSetups, peerSetup } from './make-setups.mjs';

const floor = (name, en, fr, fields) =>
  floorSetups('file', name, 'files', { en, fr }, { ...fields, options: { way: fields.way } });

/** Servers whose sessions are files. */
export const FILE_SETUPS = [
  ...bareSetups('file', ['node', 'express']),
  peerSetup('file', 'express', 'express-session', 'express-session + session-file-store'),
  ...ourSetups(
    'file',
    'blitz-flock',
    'file (flock)',
    { handler: 'file', lock: 'flock' },
    {
      core: true,
      peers: ['express-session'],
      against: ['express-session', 'flock-als', 'flock-headers', 'flock-waiting-als', 'rename-als'],
      againstPlain: ['express-session', 'flock-bare', 'flock-waiting-bare', 'rename-bare'],
    },
  ),
  ...ourSetups(
    'file',
    'blitz-lease',
    'file (lease)',
    { handler: 'file', lock: 'lease' },
    {
      peers: ['express-session'],
      against: ['express-session', 'exclusive-als'],
      againstPlain: ['express-session', 'exclusive-bare'],
    },
  ),
  ...floor('flock', 'flock, synchronous', 'flock, synchrone', {
    way: 'flock',
    core: true,
    hot: true,
    headers: true,
  }),
  ...floor('flock-waiting', 'flock, asynchronous', 'flock, asynchrone', { way: 'flock-waiting', hot: true }),
  ...floor('exclusive', 'lock file with O_EXCL', 'fichier verrou O_EXCL', { way: 'exclusive', hot: true }),
  ...floor('rename', 'aside and renamed, no lock', 'à côté puis renommé, sans verrou', {
    way: 'rename',
    hot: true,
  }),
];
