import { text } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { parseImage } from '../images.ts';
import { everyPod } from '../subjects.ts';

/** A tag can be pushed again; a digest names one image for ever. */
export const imageNoDigest = defineCheck({
  id: 'image-no-digest',
  title: 'An image is not pinned by digest',
  holds: 'Every image is pinned by digest',
  severity: 'low',
  examines: everyPod,
  frameworks: { cis: ['5.5.1'], nsa: ['upgrade'], attack: ['T1525'], owasp: ['K07'] },
  messages: {
    unpinned: ({ name, image }: { readonly name: string; readonly image: string }) =>
      `container ${name} runs ${image}, which whoever can push may replace`,
  },
  *run(pod, report) {
    for (const container of pod.containers) {
      const image = text(container.container['image']) ?? '';
      if (image === '' || parseImage(image).digest !== undefined) continue;
      yield report('unpinned', { name: container.name, image }, container.place('image'));
    }
  },
});
