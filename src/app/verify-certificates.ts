import { existsSync } from 'node:fs'
import { InvalidRequestError } from '../kernel/errors.ts'
import { isGoodEnough } from '../kernel/comparison.ts'
import type { CacheCheck } from '../kernel/cache-check.ts'
import type { Ledger, VillageStore } from '../kernel/stores.ts'
import { verifyCertificates } from '../routing/verify-certificates.ts'
import type {
  CertificateCheck,
  RecordedEvent,
  RecordedLabel,
} from '../routing/verify-certificates.ts'
import { openStore } from '../store/open-store.ts'
import { stateOfBands } from '../village/sharing/similarity-bands.ts'
import { verifyBands } from '../village/sharing/verify-bands.ts'
import { databaseOf, defaultHome } from './home-folder.ts'

/**
 * Counts every certificate anew from the ledger alone. May run while the village does. Throws
 * `InvalidRequestError` when there is no database yet.
 */
export async function verifyLedgerCertificates(
  environment: NodeJS.ProcessEnv,
): Promise<readonly CertificateCheck[]> {
  const path = databaseOf(defaultHome(environment))
  if (!existsSync(path)) {
    throw new InvalidRequestError(
      `There is nothing to verify: ${path} does not exist. Start the village first, or set VILLAGE_HOME.`,
    )
  }
  const store = await openStore({ path, durability: 'process', journal: false })
  try {
    return [...(await verifyLedger(store.ledger)), ...(await verifySimilarityBands(store))]
  } finally {
    await store.close()
  }
}

/** What opened the bands of similarity of every key's cache, counted anew from the ledger. */
export async function verifySimilarityBands({
  ledger,
  states,
  keys,
}: Pick<VillageStore, 'ledger' | 'states' | 'keys'>): Promise<readonly CertificateCheck[]> {
  const checks: CacheCheck[] = []
  for await (const check of ledger.scan('cache-check')) checks.push(check)
  const byTenant = Map.groupBy(checks, ({ tenant }) => tenant)
  const results: CertificateCheck[] = []
  for (const { id } of await keys.list()) {
    const saved = await states.load(stateOfBands(id))
    results.push(...verifyBands(id, saved, byTenant.get(id) ?? []))
  }
  return results
}

/** The certificates of local serving, of an open ledger. */
export async function verifyLedger(ledger: Ledger): Promise<readonly CertificateCheck[]> {
  const events: RecordedEvent[] = []
  const labels: RecordedLabel[] = []
  for await (const { agent, certificate } of ledger.scan('threshold-change')) {
    if (certificate === undefined) continue
    events.push({ agent, event: certificate })
    if (certificate.type !== 'failed-audit') continue
    const { checkpoint, probability, marks } = certificate
    for (const mark of marks) labels.push({ agent, checkpoint, mark, probability, loss: null })
  }
  for await (const comparison of ledger.scan('comparison')) {
    const { agent, checkpoint, probability, verdict } = comparison
    for (const mark of comparison.certificates ?? []) {
      labels.push({ agent, checkpoint, mark, probability, loss: !isGoodEnough(verdict) })
    }
  }
  return verifyCertificates(events, labels)
}
