import type { Sighting } from '../../../analysis/attack/index.ts';
import { at, records, text } from '../../../model/json.ts';
import { kindKey } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { CheckOf, LiveScene } from './live-scene.ts';

/** Whether a container runs the image that a report is about. */
export async function lookAtImage({ unit, container, report }: CheckOf<'image'>, scene: LiveScene): Promise<Sighting> {
  const { snapshot, podOf, now, unknown } = scene;
  const pod = await podOf(unit);
  const running = records(at(pod?.object, 'status', 'containerStatuses')).find(
    ([, one]) => one['name'] === container,
  )?.[1];
  const runs = text(running?.['imageID']) ?? text(running?.['image']);
  const written = unit.containers.find(({ entry }) => entry.name === container)?.entry.container['image'];
  if (runs === undefined) return unknown('image', `what ${unit.namespace}/${unit.name} runs is not known`);
  const about = `${report.says}; it runs ${runs}`;
  const digest = digestOf(report, snapshot);
  // A digest names the image itself, a tag only what was pushed under it last.
  const same =
    digest !== undefined && runs.includes('sha256:')
      ? runs.endsWith(digest)
      : runs === written || runs.endsWith(`/${String(written)}`) || text(running?.['image']) === written;
  return same
    ? { check: 'image', verdict: 'proven', says: about, at: now() }
    : unknown('image', `${about}: whether the report is about it is not known`);
}

/** The digest of the image that a vulnerability report is about, where it says one. */
function digestOf(report: CheckOf<'image'>['report'], snapshot: Snapshot): string | undefined {
  if (report.kind !== 'field') return undefined;
  const { apiVersion, kind, namespace, name } = report.object;
  return text(at(snapshot.get(kindKey(apiVersion, kind), namespace, name)?.object, 'report', 'artifact', 'digest'));
}
