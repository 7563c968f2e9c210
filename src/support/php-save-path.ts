/** A folder as `session.save_path` of php.ini names it. */
export interface PhpSavePath {
  /** How many levels of folders, named after the first characters of an id, lie between this one and a file. */
  readonly levels: number;
  /** Access rights of new files. */
  readonly mode: number;
  readonly folder: string;
}

const PARTS = /^(\d+);(?:([0-7]{1,4});)?(.*)$/s;

/** Reads `/path`, `N;/path` or `N;MODE;/path`. (PHP: ext/session, save handler `files`.) */
export function readSavePath(text: string): PhpSavePath {
  const [, levels = '0', mode = '600', folder = text] = PARTS.exec(text) ?? [];
  return { levels: Number(levels), mode: Number.parseInt(mode, 8), folder };
}

/** The same with another folder. */
export function withFolder(text: string, change: (folder: string) => string): string {
  const { folder } = readSavePath(text);
  return text.slice(0, text.length - folder.length) + change(folder);
}
