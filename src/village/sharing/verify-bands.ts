import type { CacheCheck } from '../../kernel/cache-check.ts'
import type { JsonValue } from '../../kernel/json.ts'
import { verifyCertificates } from '../../routing/verify-certificates.ts'
import type { CertificateCheck, RecordedLabel } from '../../routing/verify-certificates.ts'
import { bandsIn } from './similarity-bands.ts'
import type { SavedBand } from './similarity-bands.ts'

/**
 * Counts anew, from the comparisons in the ledger, what opened a tenant's bands of similarity.
 * @param saved the state of the tenant's bands, which says what they claim
 * @param checks the tenant's comparisons, in the order in which they were recorded
 */
export function verifyBands(
  tenant: string,
  saved: JsonValue | null,
  checks: readonly CacheCheck[],
): readonly CertificateCheck[] {
  return bandsIn(saved).flatMap((band, at) => {
    const { epoch } = band.certificate.terms
    const own = checks.filter((check) => check.band === at && check.epoch === epoch)
    if (band.certificate.labels === 0 && own.length === 0) return []
    return verifyBand(`cache of ${tenant}, similarity from ${band.from}`, band, own)
  })
}

/** A band's certificate has one threshold: 0, the score of every comparison. */
function verifyBand(
  agent: string,
  { certificate: { terms, labels, labelsToFirst } }: SavedBand,
  checks: readonly CacheCheck[],
): readonly CertificateCheck[] {
  const { checkpoint, epoch } = terms
  const threshold = 0
  const opened = { agent, event: { type: 'opened', terms: { ...terms, agent } } } as const
  const claimed =
    labelsToFirst === null
      ? []
      : [
          {
            agent,
            event: { type: 'certified', checkpoint, epoch, label: labelsToFirst, threshold },
          } as const,
        ]
  const recorded = checks.map(({ probability, wrong }, index): RecordedLabel => {
    const mark = { epoch, label: index + 1, score: threshold, floor: probability }
    return { agent, checkpoint, mark, probability, loss: wrong }
  })
  const missing =
    labels > checks.length
      ? [`it counts ${labels} comparisons, of which ${checks.length} are recorded`]
      : []
  const early = checks.findIndex(({ hitDecisionId }) => hitDecisionId !== null)
  const given =
    early !== -1 && early < (labelsToFirst ?? Infinity)
      ? [`a kept answer was given at comparison ${early + 1}, before the band was open`]
      : []
  const [check] = verifyCertificates([opened, ...claimed], recorded)
  if (check === undefined) return []
  return [{ ...check, problems: [...check.problems, ...missing, ...given] }]
}
