import type { Classes } from '../classes/classes.ts';
import type { PolicyRule, PortTerm } from '../policies/policy.ts';
import { ALL, NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import { singlePort } from '../ports/ports.ts';

/** The ports of a rule; named ones depend on the destination, so they are resolved by its signature. */
export interface CompiledPorts {
  readonly key: string;
  on(signature: number): PortId;
}

/** Compiles the port lists of rules; equal lists are compiled once. */
export function compilePortsFor(
  classes: Pick<Classes, 'signatures'>,
  table: PortTable,
): (ports: PolicyRule['ports']) => CompiledPorts {
  const memo = new Map<string, CompiledPorts>();
  const everything: CompiledPorts = { key: '*', on: () => ALL };
  const compile = (ports: readonly PortTerm[]): CompiledPorts => {
    let fixed: PortId = NONE;
    const named: string[] = [];
    for (const port of ports) {
      if (port.kind === 'numbers') fixed = table.union(fixed, table.id(port.ports));
      else named.push(`${port.name}/${port.protocol ?? ''}`);
    }
    const key = `${fixed},${named.sort().join()}`;
    const known = memo.get(key);
    if (known) return known;
    const bySignature: PortId[] = [];
    const compiled: CompiledPorts =
      named.length === 0
        ? { key, on: () => fixed }
        : {
            key,
            on: (signature) =>
              (bySignature[signature] ??= classes.signatures
                .ports(signature)
                .reduce(
                  (sum, port) =>
                    named.includes(`${port.name}/${port.protocol}`) || named.includes(`${port.name}/`)
                      ? table.union(sum, table.id(singlePort(port.protocol, port.port)))
                      : sum,
                  fixed,
                )),
          };
    memo.set(key, compiled);
    return compiled;
  };
  return (ports) => (ports === 'all' ? everything : compile(ports));
}
