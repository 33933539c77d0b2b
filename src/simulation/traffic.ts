import type { AgentName } from '../kernel/agent-name.ts'
import { agentNames } from '../kernel/agent-name.ts'
import type { ChatRequest } from '../kernel/chat.ts'
import { deriveSeed, pick, seededRandom } from '../kernel/random.ts'
import type { Random } from '../kernel/random.ts'
import type { TaskVerifier } from '../kernel/task.ts'
import type { Expectation, Family, Truth } from './families/family.ts'

export type SimulatedTask = {
  readonly request: ChatRequest
  /** `village` for most tasks, `village/<agent>` for the rest. */
  readonly requestedModel: string
  readonly verifier?: TaskVerifier
  readonly family: string
  /** Whose work it is, whoever is asked. */
  readonly agent: AgentName
  readonly expectation: Expectation
  /** For the simulation's report only. */
  readonly truth: Truth
}

export type Traffic = { next(): SimulatedTask }

export type TrafficOptions = {
  readonly seed: number
  readonly families: readonly Family[]
  /** Share of the tasks that leave the choice of the agent to the King. */
  readonly routedShare?: number
}

/** An endless seeded stream of tasks: agents about equally often, families by their weight. */
export function createTraffic({ seed, families, routedShare = 0.7 }: TrafficOptions): Traffic {
  const random = seededRandom(deriveSeed(seed, 'traffic'))
  const agents = agentNames.filter((agent) => families.some((family) => family.agent === agent))
  return {
    next: () => {
      const agent = pick(agents, random)
      const family = pickWeighted(
        families.filter((candidate) => candidate.agent === agent),
        random,
      )
      const requestedModel = random() < routedShare ? 'village' : `village/${agent}`
      const { messages, verifier, truth } = family.make(random)
      return {
        request: { messages, sampling: {} },
        requestedModel,
        ...(verifier === undefined ? {} : { verifier }),
        family: family.name,
        agent,
        expectation: family.expectation,
        truth,
      }
    },
  }
}

function pickWeighted(families: readonly Family[], random: Random): Family {
  const total = families.reduce((sum, family) => sum + family.weight, 0)
  let rest = random() * total
  for (const family of families) {
    rest -= family.weight
    if (rest < 0) return family
  }
  return pick(families, random)
}
