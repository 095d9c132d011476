import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeaworthyError } from '../../model/errors.ts';
import type { LocalJournal } from '../journal/local-journal.ts';
import type { Cluster } from '../ports.ts';

/** Where a process ends: before its nth change of the world, right after it, or in the middle of writing a line. */
export interface CutPoint {
  readonly step: number;
  readonly when: 'before' | 'after' | 'halfway';
}

/** The process is dead: nothing it would still do happens. */
export class ProcessEnded extends Error {}

/** Counts the changes a process makes to the world and ends it at one of them. */
export interface Knife {
  /** What was done, in order, for a person: `create ConfigMap`, `append intent`. */
  readonly steps: readonly string[];
  readonly dead: boolean;
  cluster(real: Cluster): Cluster;
  journal(real: LocalJournal): LocalJournal;
}

/** A knife that cuts at a point; without one it only counts. */
export function createKnife(point?: CutPoint): Knife {
  const steps: string[] = [];
  let dead = false;
  const end = (): never => {
    dead = true;
    throw new ProcessEnded('the process was ended here');
  };
  /** Calls around one change; gives whether the change is to be done halfway. */
  const before = (name: string): 'whole' | 'halfway' => {
    if (dead) end();
    const here = steps.push(name) - 1 === point?.step;
    if (here && point.when === 'before') end();
    return here && point.when === 'halfway' ? 'halfway' : 'whole';
  };
  const after = (): void => {
    if (steps.length - 1 === point?.step) end();
  };
  return {
    steps,
    get dead() {
      return dead;
    },
    cluster: function cut(real): Cluster {
      const read = <A extends readonly unknown[], R>(work: (...args: A) => R) => {
        return (...args: A): R => (dead ? end() : work(...args));
      };
      const change = <A extends readonly [{ readonly kind: string }, ...unknown[]], R>(
        verb: string,
        work: (...args: A) => Promise<R>,
      ) => {
        return async (...args: A): Promise<R> => {
          if (before(`${verb} ${args[0].kind}`) === 'halfway') end();
          const done = await work(...args);
          after();
          return done;
        };
      };
      return {
        context: real.context,
        server: real.server,
        as: read((...args) => cut(real.as(...args))),
        resourceOf: read((...args) => real.resourceOf(...args)),
        list: read((...args) => real.list(...args)),
        get: read((...args) => real.get(...args)),
        review: read((...args) => real.review(...args)),
        exec: read((...args) => real.exec(...args)),
        openExec: read((...args) => real.openExec(...args)),
        // A dry run changes nothing.
        create: async (object, options) =>
          options?.dryRun === true
            ? real.create(object, options)
            : change('create', (...args: Parameters<Cluster['create']>) => real.create(...args))(object, options),
        patch: change('patch', (...args: Parameters<Cluster['patch']>) => real.patch(...args)),
        delete: change('delete', (...args: Parameters<Cluster['delete']>) => real.delete(...args)),
      };
    },
    journal: (real) => ({
      ...real,
      append(entry) {
        if (before(`append ${entry.kind}`) === 'halfway') {
          const line = JSON.stringify(entry);
          appendFileSync(join(real.directory, 'journal.ndjson'), line.slice(0, line.length / 2));
          end();
        }
        real.append(entry);
        after();
      },
    }),
  };
}

/** When an API server can't be reached: from its nth change on, for so many calls. */
export interface Outage {
  readonly change: number;
  /** The change itself is not done, or done and its answer lost. */
  readonly first: 'refused' | 'answer lost';
  readonly calls: number;
}

/** The same cluster behind a network that breaks. `changes` counts what was asked to be changed. */
export function withOutage(
  real: Cluster,
  outage?: Outage,
): { readonly cluster: Cluster; readonly changes: () => number } {
  let changes = 0;
  let left = 0;
  const away = (): never => {
    throw new SeaworthyError('SW_API_UNREACHABLE', 'the API server does not answer', { exit: 4 });
  };
  const call = (): void => {
    if (left > 0) {
      left--;
      away();
    }
  };
  const change = async <R>(work: () => Promise<R>): Promise<R> => {
    call();
    if (changes++ !== outage?.change) return work();
    left = outage.calls;
    if (outage.first === 'answer lost') await work();
    return away();
  };
  const read = <A extends readonly unknown[], R>(work: (...args: A) => R) => {
    return (...args: A): R => {
      call();
      return work(...args);
    };
  };
  return {
    changes: () => changes,
    cluster: {
      context: real.context,
      server: real.server,
      resourceOf: (...args) => real.resourceOf(...args),
      list: read((...args: Parameters<Cluster['list']>) => real.list(...args)),
      get: async (...args) => read(() => real.get(...args))(),
      review: async (...args) => read(() => real.review(...args))(),
      as: (requester) => real.as(requester),
      exec: async (...args) => read(() => real.exec(...args))(),
      openExec: async (...args) => read(() => real.openExec(...args))(),
      create: (object, options) =>
        options?.dryRun === true ? real.create(object, options) : change(() => real.create(object, options)),
      patch: (...args) => change(() => real.patch(...args)),
      delete: (...args) => change(() => real.delete(...args)),
    },
  };
}
