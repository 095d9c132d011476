import { z } from 'zod';
import { at as dig, record, records, strings, text, type JsonRecord } from '../../model/json.ts';
import type { IdentityAnswer } from './clients/define-client.ts';
import { addressOf, FromPod } from './connect.ts';
import { defineProbe } from './define-probe.ts';

/**
 * Who a process in the container really is, beside what the container's manifest promises. It speaks of a process
 * started by exec, which gets the container's own user, capabilities and no_new_privs.
 */
export const runsAs = defineProbe({
  id: 'runs-as',
  title: 'Who a container runs as, and with which capabilities',
  needs: ['get pods', 'create pods/exec'],
  parameters: z.strictObject({ from: FromPod }),
  async run({ from }, at) {
    const [pod, [asked]] = await Promise.all([
      at.cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace: from.namespace, name: from.pod }),
      at.prober.ask(addressOf(from), [{ kind: 'whoami' }], at.signal),
    ]);
    const time = asked?.at ?? at.clock.now().toISOString();
    const who = `${from.namespace}/${from.pod}`;
    if (pod.kind !== 'ok')
      return { ok: 'unknown', outcome: 'probeError', says: `pod ${who} can't be read: ${pod.because}`, at: time };
    if (asked?.answer.kind !== 'whoami') {
      const why = asked && 'detail' in asked.answer ? asked.answer.detail : 'no answer';
      return { ok: 'unknown', outcome: 'probeError', says: `${who} can't be asked who it is: ${why}`, at: time };
    }
    const found = records(dig(pod.value, 'spec', 'containers')).find(
      ([, entry]) => from.container === undefined || entry['name'] === from.container,
    );
    const broken = brokenPromises(
      record(dig(pod.value, 'spec', 'securityContext')),
      record(found?.[1]['securityContext']),
      asked.answer,
    );
    const is = `uid ${asked.answer.uid}, ${asked.answer.capabilities.effective.length} effective capabilities${asked.answer.noNewPrivileges ? ', no_new_privs' : ''}`;
    if (broken.length > 0)
      return {
        ok: false,
        outcome: 'differs',
        says: `${who} is not what its manifest says: ${broken.join('; ')}`,
        at: time,
        data: asked.answer,
      };
    return {
      ok: true,
      outcome: 'as promised',
      says: `${who} runs as its manifest says: ${is}`,
      at: time,
      data: asked.answer,
    };
  },
});

/** What a manifest promises about a container's processes and the live one does not keep. */
export function brokenPromises(ofPod: JsonRecord, ofContainer: JsonRecord, is: IdentityAnswer): readonly string[] {
  const promised = (field: string): unknown => ofContainer[field] ?? ofPod[field];
  const broken: string[] = [];
  const uid = promised('runAsUser');
  if (typeof uid === 'number' && is.uid !== uid) broken.push(`runAsUser ${uid}, runs as ${is.uid}`);
  const gid = promised('runAsGroup');
  if (typeof gid === 'number' && is.gid !== gid) broken.push(`runAsGroup ${gid}, runs as ${is.gid}`);
  if (promised('runAsNonRoot') === true && is.uid === 0) broken.push('runAsNonRoot, runs as root');
  if (ofContainer['allowPrivilegeEscalation'] === false && !is.noNewPrivileges)
    broken.push('allowPrivilegeEscalation false, no_new_privs is not set');
  const capabilities = record(ofContainer['capabilities']);
  const added = strings(capabilities['add']).map(capability);
  const dropped = strings(capabilities['drop']).map(capability);
  if (ofContainer['privileged'] !== true) {
    const kept = is.capabilities.bounding.filter(
      (name) =>
        !added.includes('CAP_ALL') && !added.includes(name) && (dropped.includes(name) || dropped.includes('CAP_ALL')),
    );
    if (kept.length > 0) broken.push(`dropped ${kept.join(', ')}, still there`);
  }
  const seccomp = text(record(promised('seccompProfile'))['type']);
  if (seccomp !== undefined && seccomp !== 'Unconfined' && is.seccomp === 'disabled')
    broken.push(`seccompProfile ${seccomp}, no filter is in force`);
  if (ofContainer['readOnlyRootFilesystem'] === true && is.rootWritable === true)
    broken.push('readOnlyRootFilesystem, / can be written');
  return broken;
}

function capability(name: string): string {
  const upper = name.toUpperCase();
  return upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}
