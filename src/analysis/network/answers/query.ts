import type { Because } from '../../../model/because.ts';
import type { ObjectRef } from '../../../model/object.ts';
import { createAnswers, type AnswersInput } from './answers.ts';
import type { About } from './judge.ts';
import { createPartyFinder, partiesOf, type PartiesInput, type ReachPort } from './parties.ts';
import { ALL } from '../ports/port-table.ts';
import { singlePort, type PortSet, type Protocol } from '../ports/ports.ts';
import type { PeerQuery, ReachAnswer } from '../types.ts';

export interface QueryInput extends PartiesInput, AnswersInput {
  /** Something about this cluster can't be known, so a quick `no` is not to be trusted. */
  readonly doubtful: () => boolean;
}

export interface Questions {
  /** With `about`, reasons that are what other policies do are left out. */
  query(from: PeerQuery, to: PeerQuery, port?: ReachPort, about?: About): ReachAnswer;
  /** Why a question about this peer has nothing to answer about; undefined when there is something. */
  missing(peer: PeerQuery): Because | undefined;
  reaches(from: ObjectRef, to: ObjectRef, protocol: Protocol, port: number): boolean | 'unknown';
  /** The same as `query` for pods by class, with a port set. */
  judgePods(from: readonly number[], to: readonly number[], ports: PortSet): ReachAnswer;
}

export function createQuestions(input: QueryInput): Questions {
  const { classes, table, matrix, directory } = input;
  const resolve = createPartyFinder(input);
  const answer = createAnswers(input);
  return {
    query(from, to, port, about) {
      const asked = port ? table.id(singlePort(port.protocol ?? 'TCP', port.port)) : ALL;
      const sources = resolve(from, asked, undefined);
      const destinations = resolve(to, asked, port);
      if (sources.kind !== 'found' || destinations.kind !== 'found') {
        const because = [sources, destinations].flatMap((side) => (side.kind === 'found' ? [] : [side.because]));
        const closed = sources.kind === 'found' && destinations.kind === 'closed';
        return { verdict: closed ? 'denied' : 'unknown', ports: {}, everyPair: {}, because };
      }
      const pod = sources.parties[0]?.pod;
      const loopback =
        pod !== undefined && destinations.parties.every((party) => party.pod === pod && party.throughService !== true);
      return answer(sources.parties, destinations.parties, loopback, about);
    },
    missing(peer) {
      const found = resolve(peer, ALL, undefined);
      return found.kind === 'none' ? found.because : undefined;
    },
    reaches(from, to, protocol, port) {
      const [source, destination] = [from, to].map((ref) =>
        directory.indexOf(`${ref.namespace ?? 'default'}/${ref.name}[${ref.kind}]`),
      );
      if (source === undefined || destination === undefined) return 'unknown';
      const wanted = table.id(singlePort(protocol, port));
      const sources = classes.ofWorkload[source] ?? [];
      if (input.doubtful() || sources.some(({ hostNetwork }) => hostNetwork)) {
        const { verdict } = answer(partiesOf(classes, source, wanted), partiesOf(classes, destination, wanted), false);
        return verdict === 'allowed' ? true : verdict === 'denied' ? false : 'unknown';
      }
      return matrix.someReach(
        sources.map(({ index }) => index),
        (classes.ofWorkload[destination] ?? []).map(({ index }) => index),
        wanted,
      );
    },
    judgePods: (from, to, ports) => {
      const asked = table.id(ports);
      return answer(
        from.map((peer) => ({ peer, asked })),
        to.map((peer) => ({ peer, asked })),
        false,
      );
    },
  };
}
