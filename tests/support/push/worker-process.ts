// A worker in a process of its own over a test's database, to be killed: `node worker-process.ts <url> <proxy>`.
import { newId } from '#contract/ids.ts';
import { createJobs } from '../../../api/jobs/boss.ts';
import { createPresence } from '../../../api/presence/service.ts';
import { createPush } from '../../../api/push/service.ts';
import { openDb } from '../../../api/store/db.ts';
import { ORIGIN } from '../app.ts';

const [url = '', pushProxy = ''] = process.argv.slice(2);
const quiet = () => {};
const log = { info: quiet, warn: quiet, error: quiet };
const now = Date.now;
const db = openDb(url, { max: 5 });
const jobs = createJobs({ db, log });
const presence = createPresence({ db, now, log });
const config = { publicOrigin: ORIGIN, secretKey: 'only for tests', pushProxy };
const push = createPush({ db, now, newId, log, presence, jobs, config });
process.once('disconnect', () => process.exit());
await jobs.start();
await push.start();
process.send?.('ready');
