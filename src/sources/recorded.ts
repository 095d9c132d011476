import { refId, refOf } from '../model/object.ts';
import { contentsOf, createSnapshot, type Snapshot } from '../model/snapshot.ts';

/**
 * A snapshot with facts beside it that its source does not hold, such as what an image scanner wrote. An object that both
 * have is the recorded one; what is broken in the recorded files is a finding like any other.
 */
export function withRecorded(snapshot: Snapshot, recorded: Snapshot): Snapshot {
  const [contents, more] = [contentsOf(snapshot), contentsOf(recorded)];
  const given = new Set(more.resources.map(({ object }) => refId(refOf(object))));
  const kept = contents.resources.filter(({ object }) => !given.has(refId(refOf(object))));
  return createSnapshot({
    ...contents,
    resources: [...kept, ...more.resources],
    gaps: [...(contents.gaps ?? []), ...(more.gaps ?? [])],
    notes: [...(contents.notes ?? []), `recorded facts beside it: ${recorded.source.description}`],
    findings: [...(contents.findings ?? []), ...(more.findings ?? [])],
  });
}
