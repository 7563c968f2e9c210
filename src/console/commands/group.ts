/** Of every command that works on a database. */
export const GROUP = {
  flags: '--group <group>',
  description: {
    fr: 'groupe de config/database (sinon celui des sessions)',
    en: 'group of config/database (else that of the sessions)',
  },
};
