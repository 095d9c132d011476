import { records, text } from '../../../../model/json.ts';
import { defineControl, podSecurityContextOf, type Judge } from '../control.ts';

const SINCE_1_0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const SINCE_1_27 = [...SINCE_1_0, 'net.ipv4.ip_local_reserved_ports'];
const SINCE_1_29 = [
  ...SINCE_1_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const SINCE_1_32 = [...SINCE_1_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];
const SINCE_1_37 = [...SINCE_1_32, 'net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat'];

/** Only sysctls that the kernel keeps apart per pod are safe. Names are compared exactly: `a/b` is never allowed. */
export const sysctls = defineControl({
  id: 'sysctls',
  level: 'baseline',
  title: 'Sysctls',
  versions: [
    { from: 0, judge: judgeWith(SINCE_1_0) },
    { from: 27, judge: judgeWith(SINCE_1_27) },
    { from: 29, judge: judgeWith(SINCE_1_29) },
    { from: 32, judge: judgeWith(SINCE_1_32) },
    { from: 37, judge: judgeWith(SINCE_1_37) },
  ],
});

function judgeWith(allowed: readonly string[]): Judge {
  return (pod) => {
    const bad = records(podSecurityContextOf(pod)['sysctls'])
      .map(([index, sysctl]) => ({ index, name: text(sysctl['name']) ?? '' }))
      .filter(({ name }) => !allowed.includes(name));
    if (bad.length === 0) return undefined;
    return {
      reason: 'forbidden sysctls',
      detail: bad.map(({ name }) => name).join(', '),
      offences: bad.map(({ index }) => ({ path: ['spec', 'securityContext', 'sysctls', index, 'name'] })),
    };
  };
}
