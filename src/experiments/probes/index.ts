import { connect } from './connect.ts';
import { dns } from './dns.ts';
import { dryRunCreate } from './dry-run-create.ts';
import { http } from './http.ts';
import { mayI } from './may-i.ts';
import { runsAs } from './runs-as.ts';

/** Every probe we know. A new one is one file and one entry here. */
export const PROBES = [connect, http, dns, mayI, dryRunCreate, runsAs] as const;
