import { messageOf } from '../../model/errors.ts';
import { records, text } from '../../model/json.ts';
import { RETRY_MS, type PodRun } from './pod-run.ts';
import { volumeSources } from './pod-sources.ts';
import { prepareVolume } from './volumes.ts';

const REFRESH_MS = 5_000;
/** Every so many refreshes tokens are renewed too: 20 minutes. */
const TOKEN_ROUNDS = 240;

/** Makes all volumes of a pod, each again and again until it succeeds or the pod is to stop. */
export async function fillVolumes(run: PodRun): Promise<void> {
  const { node, spec, volumes, directory } = run;
  for (const [, volume] of records(spec['volumes'])) {
    const name = text(volume['name']) ?? '';
    while (!run.stopped() && !volumes.has(name)) {
      const sources = await volumeSources(run.pod(), run.sandbox()?.addresses ?? [], node);
      const made = await prepareVolume(volume, `${directory}/volumes/${name}`, sources).catch((thrown: unknown) => ({
        kind: 'failed' as const,
        reason: 'FailedMount',
        message: messageOf(thrown),
      }));
      if (made.kind === 'ok') {
        volumes.set(name, made.directory);
        continue;
      }
      run.event('Warning', made.reason, `MountVolume.SetUp failed for volume "${name}": ${made.message}`);
      await run.pause(RETRY_MS);
    }
  }
}

/**
 * ConfigMaps and Secrets follow their objects, as the kubelet has it; tokens are renewed long before they end. Returns
 * what ends it.
 */
export function keepVolumesFresh(run: PodRun): () => void {
  const { node, spec, volumes } = run;
  let round = 0;
  const timer = setInterval(() => {
    if (run.stopped()) return;
    round++;
    const due = records(spec['volumes']).filter(([, volume]) => {
      if (!volumes.has(text(volume['name']) ?? '')) return false;
      if (volume['configMap'] !== undefined || volume['secret'] !== undefined) return true;
      return volume['projected'] !== undefined && round % TOKEN_ROUNDS === 0;
    });
    if (due.length === 0) return;
    void volumeSources(run.pod(), run.sandbox()?.addresses ?? [], node)
      .then(async (sources) => {
        for (const [, volume] of due)
          await prepareVolume(volume, volumes.get(text(volume['name']) ?? '') ?? '', sources);
      })
      .catch(() => undefined);
  }, REFRESH_MS);
  return () => clearInterval(timer);
}
