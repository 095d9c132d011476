import { text } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { parseImage } from '../images.ts';
import { everyPod } from '../subjects.ts';

/** Whether a tag names no version: `latest`, `main`, `alpine`, `stable-slim`. A short commit id may be all letters. */
function isFloating(tag: string): boolean {
  return !/\d/.test(tag) && !/^[a-f]{7,40}$/.test(tag);
}

/** What a floating tag means is decided by whoever can push, each time a pod starts. */
export const imageMutableTag = defineCheck({
  id: 'image-mutable-tag',
  title: 'An image is named by a tag that moves',
  holds: 'Every image is named by a version or a digest',
  severity: 'medium',
  examines: everyPod,
  frameworks: { nsa: ['upgrade'], attack: ['T1204.003', 'T1525'], owasp: ['K07'] },
  messages: {
    untagged: ({ name, image }: { readonly name: string; readonly image: string }) =>
      `container ${name} runs ${image}, which names no tag and so means latest`,
    floating: ({ name, image }: { readonly name: string; readonly image: string }) =>
      `container ${name} runs ${image}, a tag that moves`,
  },
  *run(pod, report) {
    for (const container of pod.containers) {
      const image = text(container.container['image']) ?? '';
      const { tag, digest } = parseImage(image);
      if (image === '' || digest !== undefined) continue;
      const data = { name: container.name, image };
      if (tag === undefined) yield report('untagged', data, container.place('image'));
      else if (isFloating(tag)) yield report('floating', data, container.place('image'));
    }
  },
});
