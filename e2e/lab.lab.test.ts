import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { connect } from '../src/cluster/connect.ts';
import { startLab } from '../src/lab/lab.ts';

const runtime = mkdtempSync(join(tmpdir(), 'seaworthy-lab-test-'));
const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
afterAll(() => rmSync(runtime, { recursive: true, force: true }));

/** Processes whose command line speaks of the lab of this test. */
function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(runtime);
      } catch {
        return false;
      }
    });
}

test('the lab starts three nodes and their pods, and leaves nothing behind', async () => {
  const lab = await startLab({ env });
  try {
    const client = connect({ labKubeconfig: lab.kubeconfigPath }, env, process.cwd());
    const kind = await client.resourceOf('v1', 'Node');
    const names: string[] = [];
    for await (const page of client.list(kind!))
      if (page.kind === 'ok') names.push(...page.value.map((node) => node.metadata.name));
    expect(names.sort()).toEqual(['worker-1', 'worker-2', 'worker-3']);
    await expect(startLab({ env })).rejects.toMatchObject({ code: 'SW_LAB_RUNNING' });
    client.close();
  } finally {
    await lab.stop();
  }
  expect(existsSync(dirname(lab.kubeconfigPath))).toBe(false);
  expect(processes()).toEqual([]);
});
