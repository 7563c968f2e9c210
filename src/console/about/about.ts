import { loadConfig } from '../../config/load.js';
import type { ResolvedConfig } from '../../contracts/config.js';
import { isBlitzError } from '../../errors.js';
import type { ConsoleContext } from '../command.js';
import { databaseOf } from '../database/target.js';
import { installedVersion } from '../init/packages.js';
import { maskPlace } from '../mask.js';
import { painter } from '../paint.js';
import type { About } from './description.js';
import { findings } from './production.js';
import { askStore } from './store.js';
import { printAbout } from './text.js';

/** Describes the application in `root`; the exit code: 1 when it does not start or its store does not answer. */
export async function about(root: string, json: boolean, context: ConsoleContext): Promise<number> {
  const told = await lookAt(root, context.version);
  if (json) context.line(JSON.stringify(told));
  else printAbout(told, context.line, painter(context.colour));
  return told.store?.reachable === true ? 0 : 1;
}

async function lookAt(root: string, version: string): Promise<About> {
  const base = {
    versions: {
      'blitz-session': version,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      fastify: installedVersion(root, 'fastify') ?? null,
      eta: installedVersion(root, 'eta') ?? null,
    },
    root,
  };
  let config: ResolvedConfig;
  try {
    config = await loadConfig({ root });
  } catch (error) {
    if (!isBlitzError(error)) throw error;
    return { ...base, error: { code: error.code, message: error.message } };
  }
  const { session, app } = config;
  const store = await askStore(root);
  return {
    ...base,
    application: {
      environment: app.env,
      handler: typeof session.handler === 'string' ? session.handler : session.handler.name,
      ...databaseOf(config),
      savePath: session.handler === 'file' ? String(session.savePath) : maskPlace(session.savePath),
      serializer: session.serialize_handler,
      interop: session.interop === false ? false : `${session.interop.peer} ${session.interop.version}`,
      cookie: session.cookie_name,
    },
    store,
    production: findings(config, store.lock),
  };
}
