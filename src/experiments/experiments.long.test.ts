import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestLab } from '../lab/testing/test-lab.ts';
import { runCommand } from '../testing/test-io.ts';
import { startConductor, until } from './testing/conductor-process.ts';
import { AGENT, appIsWhole, CLIENT, nothingLeft, startAppLab, WEB, type AppLab, type Desk } from './testing/lab-app.ts';

/**
 * Kills at random moments of real experiments: the conductor, its guard, both, and the recovery after them. Whatever
 * dies when, one recovery that is left alone leaves nothing: no object, mark, rule, process or lock.
 */
const ROOT = join(import.meta.dirname, '../..');
const FAULTS: Readonly<Record<string, object>> = {
  'pod kill': { podKill: { target: WEB, mode: 'one' } },
  partition: { networkPartition: { from: CLIENT, to: WEB } },
  'node partition': { nodePartition: { node: 'worker-1' } },
  'node power': { nodePower: { node: 'worker-2' } },
  'node loss': { nodeLoss: { node: 'worker-2', namespaces: ['app'] } },
  'agent loss': { policyAgentLoss: { agent: AGENT } },
  'agent lag': { policyAgentLag: { agent: AGENT, restart: WEB } },
  cpu: { cpuStarvation: { target: WEB } },
  memory: { memoryStarvation: { target: WEB, mode: 'one' } },
};

let lab: TestLab;
let desk: Desk;
let env: AppLab['env'];
let stop: AppLab['stop'];
beforeAll(async () => {
  ({ lab, desk, env, stop } = await startAppLab());
}, 120_000);
afterAll(() => stop());

const experiment = (fault: string): object => ({
  hypothesis: [{ claim: 'app/works' }],
  faults: [FAULTS[fault]],
  design: { kind: 'single', before: '300ms', during: '4s', after: '300ms' },
  blastRadius: { namespaces: ['app', 'kube-system'], maxPods: 12, maxNodes: 2 },
  every: '250ms',
  ttl: '60s',
});

/** Guards of ours that have not ended. */
function guards(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('guard-process')) return false;
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SEAWORTHY_STATE=${desk.state}`);
    } catch {
      return false;
    }
  });
}

const scene = fc.record({
  fault: fc.constantFrom(...Object.keys(FAULTS)),
  /** From the moment the first fault is about to be applied. */
  afterMs: fc.integer({ min: 0, max: 8_000 }),
  dies: fc.constantFrom('conductor', 'guard', 'guard, then conductor', 'both'),
  recoveryDiesAfterMs: fc.option(fc.integer({ min: 0, max: 3_000 })),
});

test('whatever is killed when, nothing is left after recovery', async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(scene, async ({ fault, afterMs, dies, recoveryDiesAfterMs }) => {
      const at = { root: ROOT, env };
      const file = desk.write(`round-${++round}`, experiment(fault));
      const conductor = startConductor(['experiment', 'run', '--lab', '--yes', ...file], at);
      await conductor.says('before for');
      await delay(afterMs);
      if (dies === 'guard' || dies === 'guard, then conductor') conductor.killGuard();
      if (dies === 'guard, then conductor') await delay(500);
      if (dies === 'both') await conductor.killAll();
      else if (dies !== 'guard') await conductor.kill();
      await conductor.ended();
      if (recoveryDiesAfterMs !== null) {
        const recovery = startConductor(['experiment', 'recover', '--lab'], at);
        await delay(recoveryDiesAfterMs);
        await recovery.kill();
      }
      // A guard that lives is faster; then there is nothing to do, or somebody else is at it.
      await until(async () => (await runCommand(['experiment', 'recover', '--lab'], { cwd: ROOT, env })).status === 0);
      await until(async () => guards().length === 0);
      await appIsWhole(lab);
      await nothingLeft(lab);
      const again = await runCommand(['experiment', 'recover', '--lab'], { cwd: ROOT, env });
      expect(again.stdout).toBe('There is nothing to recover.\n');
    }),
    { numRuns: 30, endOnFailure: true },
  );
});
