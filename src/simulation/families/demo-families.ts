import type { Family } from './family.ts'
import { kingContractDates } from './king-contract-dates.ts'
import { kingCustomerRecord } from './king-customer-record.ts'
import { kingInvoiceTotal } from './king-invoice-total.ts'
import { kingTriage } from './king-triage.ts'
import { magiDerivedConstants } from './magi-derived-constants.ts'
import { magiSmallFunction } from './magi-small-function.ts'
import { magiSqlSelect } from './magi-sql-select.ts'
import { magiTwoConditions } from './magi-two-conditions.ts'
import { sageCompareFacts } from './sage-compare-facts.ts'
import { sageLongReport } from './sage-long-report.ts'
import { sageNoticeFields } from './sage-notice-fields.ts'
import { sagePassageQuestion } from './sage-passage-question.ts'

/** What the demo's traffic is made of. */
export const demoFamilies: readonly Family[] = [
  kingTriage,
  kingCustomerRecord,
  kingContractDates,
  kingInvoiceTotal,
  sageNoticeFields,
  sagePassageQuestion,
  sageCompareFacts,
  sageLongReport,
  magiSqlSelect,
  magiSmallFunction,
  magiTwoConditions,
  magiDerivedConstants,
]
