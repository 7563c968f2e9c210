import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BlitzError, isBlitzError } from '../../errors.js';
import { codeOf } from '../../support/file-errors.js';
import { type Language, language } from '../../support/language.js';

/** Group and others. */
const OTHERS_MAY_WRITE = 0o022;
const STICKY = 0o1000;
const KIND_FILE = '.blitz-lock';

export type LockKind = 'flock' | 'lease';

const REASONS: Record<string, Record<Language, string>> = {
  file: { fr: "ce n'est pas un dossier", en: 'it is not a folder' },
  open: {
    fr: "d'autres utilisateurs peuvent y écrire. Retirez ce droit (chmod go-w), ou acceptez le risque avec file_trust_folder: true",
    en: 'other users may write to it. Remove that right (chmod go-w), or accept the risk with file_trust_folder: true',
  },
  owner: {
    fr: 'il appartient à un autre utilisateur que ce processus. Changez son propriétaire (chown), ou acceptez le risque avec file_trust_folder: true',
    en: 'it belongs to another user than this process. Change its owner (chown), or accept the risk with file_trust_folder: true',
  },
  account: {
    fr: 'il appartient à un autre utilisateur que ce processus, qui ne pourrait pas lire les fichiers de PHP. Lancez ce processus sous le compte de PHP, ou acceptez le risque avec file_trust_folder: true',
    en: "it belongs to another user than this process, which could not read PHP's files. Run this process under PHP's account, or accept the risk with file_trust_folder: true",
  },
  kind: {
    fr: 'il a été ouvert avec un autre file_lock, et deux sortes de verrous ne s’excluent pas. Arrêtez tous les processus, videz le dossier, ou reprenez le même file_lock',
    en: 'it was opened with another file_lock, and two kinds of locks do not exclude each other. Stop all processes, empty the folder, or go back to the same file_lock',
  },
  write: {
    fr: 'ce processus ne peut pas y écrire. Donnez-lui ce droit, ou choisissez un autre savePath',
    en: 'this process cannot write to it. Give it that right, or choose another savePath',
  },
};

/**
 * Creates the folder (0700) if it is missing, and refuses one that cannot hold sessions safely. Returns its real path.
 * Throws `E_SESSION_FOLDER`.
 */
export function prepareFolder(folder: string, kind: LockKind, trusted: boolean): string {
  return prepare(folder, (real, { mode, uid }) => {
    if (!trusted && (mode & OTHERS_MAY_WRITE) !== 0) throw refused(folder, 'open');
    if (!trusted && uid !== 0 && uid !== process.getuid?.()) throw refused(folder, 'owner');
    probe(real);
    recordKind(real, folder, kind);
  });
}

/**
 * As `prepareFolder`, for a folder that PHP keeps its sessions in: nothing of ours stays there. Others may add files
 * where they cannot remove or rename those of another (mode 1733, as Debian has it), and root may work for the owner.
 */
export function prepareSharedFolder(folder: string, trusted: boolean): string {
  return prepare(folder, (real, { mode, uid }) => {
    if (!trusted && (mode & OTHERS_MAY_WRITE) !== 0 && (mode & STICKY) === 0) throw refused(folder, 'open');
    const user = process.getuid?.() ?? 0;
    if (!trusted && uid !== 0 && uid !== user && user !== 0) throw refused(folder, 'account');
    probe(real);
  });
}

function prepare(folder: string, check: (real: string, stat: Stats) => void): string {
  try {
    if (!existsSync(folder)) createFolder(folder);
    const real = realpathSync(folder);
    const stat = statSync(real);
    if (!stat.isDirectory()) throw refused(folder, 'file');
    check(real, stat);
    return real;
  } catch (cause) {
    if (isBlitzError(cause)) throw cause;
    throw refused(
      folder,
      codeOf(cause) === 'ENOTDIR' || codeOf(cause) === 'EEXIST' ? 'file' : 'write',
      cause,
    );
  }
}

/** Level by level: the recursive form of `mkdir` never ends where a parent exists that takes no folders. */
function createFolder(folder: string): void {
  const parent = dirname(folder);
  if (!existsSync(parent)) createFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function probe(folder: string): void {
  const path = join(folder, `.probe-${process.pid}-${Date.now()}`);
  closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600));
  unlinkSync(path);
}

function recordKind(real: string, folder: string, kind: LockKind): void {
  const path = join(real, KIND_FILE);
  try {
    writeFileSync(path, `${kind}\n`, { flag: 'wx', mode: 0o600 });
    chmodSync(path, 0o600);
    return;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  if (lstatSync(path).isSymbolicLink()) throw refused(folder, 'kind');
  const recorded = readFileSync(path, 'utf8').trim();
  if (recorded === '') writeFileSync(path, `${kind}\n`);
  else if (recorded !== kind) throw refused(folder, 'kind');
}

function refused(folder: string, reason: keyof typeof REASONS, cause?: unknown): BlitzError {
  return new BlitzError('E_SESSION_FOLDER', {
    cause,
    details: { folder, reason: REASONS[reason]?.[language()] ?? reason },
  });
}
