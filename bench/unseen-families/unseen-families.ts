import type { Family } from '../../src/simulation/families/family.ts'
import { kingMeetingNote } from './king-meeting-note.ts'
import { kingOrderLine } from './king-order-line.ts'
import { magiCssRule } from './magi-css-rule.ts'
import { magiObjectLiteral } from './magi-object-literal.ts'
import { sageLogLine } from './sage-log-line.ts'
import { sageReviewVerdict } from './sage-review-verdict.ts'

/** In neither the demo nor the student's pretraining: what `bench:unseen` learns from nothing. */
export const unseenFamilies: readonly Family[] = [
  kingOrderLine,
  kingMeetingNote,
  sageLogLine,
  sageReviewVerdict,
  magiCssRule,
  magiObjectLiteral,
]
