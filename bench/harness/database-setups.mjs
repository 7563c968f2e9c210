/** The servers that keep their sessions in a database; see setups.mjs. */
function setupsOf(name, title, peer, handler) {
  return [
    { name: `${name}-bare-node`, label: 'bare `node:http`', module: '../setups/bare-node.mjs' },
    { name: `${name}-bare-express`, label: 'bare Express 5', module: '../peers/bare-express.mjs' },
    {
      name: `express-${name}`,
      label: `express-session + ${peer}, no lock`,
      module: `../peers/express-${name}.mjs`,
      bare: `${name}-bare-express`,
      role: 'peer',
    },
    {
      name: `blitz-${name}`,
      label: `**blitz-session, ${title}**`,
      module: '../setups/blitz-database.mjs',
      options: { handler },
      bare: `${name}-bare-node`,
    },
    {
      name: `blitz-${name}-plain`,
      label: 'the same, `context: false`',
      module: '../setups/blitz-database.mjs',
      options: { handler, context: false },
      bare: `${name}-bare-node`,
    },
    {
      name: `${name}-floor-plain`,
      label: 'floor: lease in the row, by hand',
      module: `../setups/${name}-floor.mjs`,
      options: { context: false },
      bare: `${name}-bare-node`,
    },
    {
      name: `${name}-floor`,
      label: 'floor with AsyncLocalStorage',
      module: `../setups/${name}-floor.mjs`,
      options: { context: true },
      bare: `${name}-bare-node`,
      role: 'floor',
    },
  ];
}

export const POSTGRES_SETUPS = setupsOf('postgres', 'PostgreSQL', 'connect-pg-simple', 'postgre');
export const POSTGRES_HOT = ['express-postgres', 'blitz-postgres', 'postgres-floor'];

export const MARIADB_SETUPS = setupsOf('mariadb', 'MariaDB', 'express-mysql-session', 'mysql');
export const MARIADB_HOT = ['express-mariadb', 'blitz-mariadb', 'mariadb-floor'];
