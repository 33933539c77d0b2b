import { StrokeIcon } from '../page/stroke-icon.tsx'
import type { LoopStageName } from './loop-stages.ts'

/** Strokes on a grid of 24. */
const paths: Readonly<Record<LoopStageName, string>> = {
  record: 'M5 4h10l4 4v12H5z M9 12h6 M9 16h6',
  compare: 'M12 4v16 M5 8h14 M5 8l-2.5 6h5z M19 8l-2.5 6h5z M9 20h6',
  dataset:
    'M5 7c0-1.7 3.1-3 7-3s7 1.3 7 3-3.1 3-7 3-7-1.3-7-3z M5 7v10c0 1.7 3.1 3 7 3s7-1.3 7-3V7 M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3',
  train: 'M4 18l5-6 4 3 7-9 M15 6h5v5',
  gate: 'M12 3l8 3v6c0 4.5-3.4 7.8-8 9-4.6-1.2-8-4.5-8-9V6z M8.5 12l2.5 2.5 4.5-5',
  promote: 'M12 20V5 M6 11l6-6 6 6',
  serve: 'M13 3L5 14h6l-1 7 8-11h-6z',
}

export function StageIcon({ stage }: { readonly stage: LoopStageName }) {
  return <StrokeIcon path={paths[stage]} sizePx={22} />
}
