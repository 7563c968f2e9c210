import { language } from '../../support/language.js';
import type { ConsoleContext } from '../command.js';
import { projectFiles } from '../templates/project.js';
import { install, installCommand, typed } from './install.js';
import { completePackage, readPackage, writePackage } from './package-json.js';
import { installedVersion, kernelPackages } from './packages.js';
import { InitReport } from './report.js';
import { checkWritable, hasCode, writeFiles } from './write-files.js';

export interface InitOptions {
  /** Replaces files that exist. */
  readonly force: boolean;
  readonly install: boolean;
  readonly json: boolean;
}

/** Sets up an application in `root`; the exit code. Throws `E_INIT` when nothing can be written there. */
export async function init(root: string, options: InitOptions, context: ConsoleContext): Promise<number> {
  checkWritable(root);
  const found = readPackage(root);
  const code = hasCode(root);
  const report = new InitReport(root, options.json, context);

  const inPackage = new Set(Object.keys(found.content ?? {}).map((key) => `config/${key}.ts`));
  const wanted = projectFiles(language());
  report.files([
    ...writeFiles(
      root,
      wanted.filter(({ path }) => !inPackage.has(path)),
      options.force,
    ),
    ...wanted
      .filter(({ path }) => inPackage.has(path))
      .map(({ path }) => ({ path, state: 'kept' as const, because: `package.json#${path.slice(7, -3)}` })),
  ]);

  const packages = kernelPackages(root);
  const absent = packages.filter(({ installed }) => installed === undefined);
  const completed = completePackage(found, root, code, options.install ? [] : absent);
  if (completed.added.length > 0) writePackage(root, found, completed.content);
  report.packageJson(found.content === undefined, completed);

  report.packages(packages);
  if (absent.length > 0) {
    const command = installCommand(root, absent);
    if (options.install) {
      report.installing(typed(command));
      report.installed(absent, typed(command), await install(root, command, options.json));
    } else report.left(typed(command));
  }
  const misfits = packages.filter(({ installed, fits }) => installed !== undefined && !fits);
  if (misfits.length > 0) report.misfits(misfits, typed(installCommand(root, misfits)));
  if (installedVersion(root, 'blitz-session') === undefined) report.unreachable();
  return report.end();
}
