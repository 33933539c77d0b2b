import type { VillageStatus } from '../../../src/http/contract.ts'
import { countText, shareText } from '../page/format.ts'

type Certificate = NonNullable<VillageStatus['agents'][number]['certificate']>

/** What a certificate says, and what it rests on. */
export function certificateSentence(certificate: Certificate): string {
  const { threshold, alpha, delta, labels, counted, losses, epoch } = certificate
  const bound = `at most ${shareText(alpha, 1)} lost with ${shareText(1 - delta)} confidence`
  const rests = `${countText(losses)} lost of ${countText(counted)} compared`
  return threshold > 0
    ? `No. ${epoch}: ${bound}; ${rests}`
    : `No. ${epoch} is being earned (${bound}): ${rests}, ${countText(labels)} labels in all; until then all goes to the frontier`
}
