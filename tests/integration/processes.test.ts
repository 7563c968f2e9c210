import { rm } from 'node:fs/promises';
import { after } from 'mocha';
import { processSuite } from '../fixtures/process-suite.ts';
import { temporaryFolder } from '../fixtures/processes.ts';

const folders: string[] = [];

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

for (const file_lock of ['flock', 'lease'] as const) {
  processSuite({
    name: `one folder, ${file_lock}`,
    options: async () => {
      const savePath = await temporaryFolder();
      folders.push(savePath);
      return { handler: 'file', savePath, file_lock };
    },
    freedAtOnce: file_lock === 'flock',
    kills: file_lock === 'flock' ? 140 : 60,
  });
}
