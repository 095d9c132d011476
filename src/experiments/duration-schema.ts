import { z } from 'zod';
import { DURATION_PATTERN } from '../model/duration.ts';

/** A duration as a person writes it: `90s`, `1h30m`, `250ms`. */
export const DurationSchema = z.string().regex(DURATION_PATTERN, 'a duration is written like 20s, 5m or 250ms');
