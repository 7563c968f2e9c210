import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Application } from 'blitz-session';
import { french } from './html.ts';
import { listener } from './listener.ts';

/** Milliseconds after which a second signal is meant. */
const AGAIN = 500;
/** Milliseconds that a request in flight may still take once the server stops. */
const LAST_CALL = 10_000;

try {
  await start();
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}

async function start(): Promise<void> {
  const host = process.env['HOST'] || '127.0.0.1';
  const port = portFrom(process.env['PORT'] || '3000');
  const app = await Application.boot();
  const server = createServer({ requestTimeout: 30_000 }, listener(app));
  try {
    await listen(server, port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  console.log(french(`L’application vous attend : ${addressOf(server)} (Ctrl+C pour l’arrêter)`));
  // Under npm one Ctrl+C comes twice, from the terminal and from npm; a later one ends the process at once.
  let asked = 0;
  const stop = () => {
    if (asked === 0) void end(server, app);
    else if (Date.now() - asked > AGAIN) process.exit(1);
    asked ||= Date.now();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** Takes no new request, lets those in flight end, and closes the sessions. */
async function end(server: Server, app: Application): Promise<void> {
  console.log(french('Arrêt : les dernières requêtes se terminent…'));
  const closed = new Promise((resolve) => server.close(resolve));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const limit = setTimeout(() => server.closeAllConnections(), LAST_CALL);
  await closed;
  clearInterval(sweep);
  clearTimeout(limit);
  await app.close();
  console.log('Application arrêtée.');
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portFrom(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(french(`PORT vaut « ${text} » ; il faut un nombre entier de 0 à 65535.`));
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}

/** What the operator reads when the application cannot start. */
function sentenceOf(error: unknown): string {
  const { code, message, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string;
    readonly port?: number;
  };
  if (code === 'EADDRINUSE')
    return french(
      `Le port ${port} de ${address} est déjà pris. Arrêtez le programme qui l’occupe, ou choisissez-en un autre : ` +
        'PORT=3001 npm start',
    );
  if (code === 'EACCES' && port !== undefined)
    return french(`Le port ${port} demande des droits particuliers ; choisissez-en un au-dessus de 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return french(`HOST vaut « ${process.env['HOST']} » : cette machine n’a pas cette adresse.`);
  return french(`L’application n’a pas pu démarrer : ${message}`);
}
