import { defineCheck } from '../define-check.ts';
import { grantsOn, heldBy, type Wanted } from '../rbac.ts';
import { everyHeldRole } from '../rbac-subjects.ts';

/** Up to 1.34 a WebSocket, which is opened with a GET, needed no more than get; since then create is asked for too. */
function wanted(minor: number): readonly Wanted[] {
  const verbs = minor < 35 ? ['create', 'get'] : ['create'];
  return [
    { group: '', resource: 'pods/exec', verbs },
    { group: '', resource: 'pods/attach', verbs },
    { group: '', resource: 'pods/portforward', verbs },
    { group: '', resource: 'pods/ephemeralcontainers', verbs: ['update', 'patch'] },
  ];
}

/** exec, attach, port-forward and debug containers lead into running pods, past the network and with their identity. */
export const rbacExecAttachForward = defineCheck({
  id: 'rbac-exec-attach-forward',
  title: 'A role may run commands in any pod',
  holds: 'No role may run commands in any pod',
  severity: 'high',
  examines: everyHeldRole,
  frameworks: { cis: ['5.1.8'], nsa: ['authentication'], attack: ['T1609'], owasp: ['K02'] },
  messages: {
    granted: ({ who, may }: { readonly who: string; readonly may: string }) =>
      `${who} may ${may}: with that comes what those pods hold`,
  },
  *run(held, report, { minor }) {
    for (const { may, place } of grantsOn(held, wanted(minor)))
      yield report('granted', { who: heldBy(held), may }, place);
  },
});
