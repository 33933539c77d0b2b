import { agentNames } from '../kernel/agent-name.ts'
import type { AgentName } from '../kernel/agent-name.ts'
import { hashedFeatureCount } from './features.ts'
import type { TaskFeatures } from './features.ts'
import { KindCluster } from './kind-cluster.ts'
import type { KindClusterSnapshot } from './kind-cluster.ts'

/** A group of alike tasks. The name never changes; the label follows what the group's tasks share. */
export type TaskKind = {
  readonly name: string
  readonly label: string
  readonly tasks: number
}

/** Two kinds turned out to be one: `from` is a name of `into` from now on. */
type MergedKinds = { readonly from: string; readonly into: string }

export type AssignedKind = TaskKind & { readonly merged: MergedKinds | null }

export type TaskKindsSettings = {
  readonly maxKindsPerAgent: number
  /** Cosine from which a task joins a kind. */
  readonly minSimilarity: number
  /** The same once all kinds are taken: rather join a kind that is a little less alike. */
  readonly minSimilarityWhenFull: number
  /** Cosine of two kinds' means from which they are one kind. */
  readonly mergeSimilarity: number
}

const defaultTaskKindsSettings: TaskKindsSettings = {
  maxKindsPerAgent: 24,
  minSimilarity: 0.4,
  minSimilarityWhenFull: 0.3,
  mergeSimilarity: 0.5,
}

/** A kind's mean says little before; afterwards it is compared with the others now and then. */
const tasksBeforeMerging = 4
const tasksPerComparison = 4
const maxFormerNames = 200

export type TaskKindsSnapshot = {
  readonly version: 1
  readonly agents: Readonly<Record<AgentName, AgentKindsSnapshot>>
}

type AgentKindsSnapshot = {
  readonly tasks: number
  readonly nextNumber: number
  /** Pairs of bucket and number of tasks that held it, flattened. */
  readonly taskCounts: readonly number[]
  readonly clusters: readonly KindClusterSnapshot[]
  /** Names of kinds that became part of another, with that one's name; absent when there were none. */
  readonly formerNames?: Readonly<Record<string, string>>
}

type AgentKinds = {
  tasks: number
  nextNumber: number
  readonly taskCounts: Float64Array
  clusters: KindCluster[]
  readonly formerNames: Map<string, string>
}

/**
 * Groups alike tasks as they come (leader clustering), per agent, and joins groups that turn out to
 * be one once it is known which words are common. Words that most tasks share and
 * words seen once weigh little, so that a template holds together whatever values it is filled with.
 */
export class TaskKinds {
  readonly #settings: TaskKindsSettings
  readonly #agents = new Map<AgentName, AgentKinds>()

  constructor(settings: TaskKindsSettings = defaultTaskKindsSettings) {
    this.#settings = settings
    for (const agent of agentNames) this.#agents.set(agent, emptyKinds())
  }

  /** The kind of this task, which learns from it. Depends only on the order of tasks. */
  assign(agent: AgentName, features: TaskFeatures): AssignedKind {
    const kinds = this.#kindsOf(agent)
    kinds.tasks += 1
    for (const index of features.indices) {
      kinds.taskCounts[index] = (kinds.taskCounts[index] ?? 0) + 1
    }
    const weights = wordWeights(kinds, features)
    const nearest = nearestCluster(kinds, features, weights)
    const cluster =
      nearest !== undefined && nearest.similarity >= this.#similarityNeeded(kinds)
        ? nearest.cluster
        : (this.#newCluster(agent, kinds, features) ?? otherCluster(agent, kinds, features))
    cluster.add(features, kinds.tasks, (index) => wordWeight(kinds, index))
    const merger = mergeIfAlike(kinds, cluster, this.#settings.mergeSimilarity)
    return { ...describe(merger?.kept ?? cluster, kinds), merged: merger?.names ?? null }
  }

  /** The kind that a task would be put into today, learning nothing; `otherwise` when it is like none. */
  nearestName(agent: AgentName, features: TaskFeatures, otherwise: string): string {
    const kinds = this.#kindsOf(agent)
    const nearest = nearestCluster(kinds, features, wordWeights(kinds, features))
    if (nearest === undefined || nearest.similarity < this.#settings.minSimilarity) {
      return this.currentName(agent, otherwise)
    }
    return nearest.cluster.name
  }

  /** What a kind is called now: kinds that became part of another have its name. */
  currentName(agent: AgentName, name: string): string {
    return this.#kindsOf(agent).formerNames.get(name) ?? name
  }

  list(agent: AgentName): readonly TaskKind[] {
    const kinds = this.#kindsOf(agent)
    return kinds.clusters.map((cluster) => describe(cluster, kinds))
  }

  snapshot(): TaskKindsSnapshot {
    const agents = agentNames.map((agent) => {
      const { tasks, nextNumber, taskCounts, clusters, formerNames } = this.#kindsOf(agent)
      const counts: number[] = []
      for (const [index, count] of taskCounts.entries()) if (count > 0) counts.push(index, count)
      const snapshot: AgentKindsSnapshot = {
        tasks,
        nextNumber,
        taskCounts: counts,
        clusters: clusters.map((cluster) => cluster.snapshot()),
        formerNames: Object.fromEntries(formerNames),
      }
      return [agent, snapshot] as const
    })
    return {
      version: 1,
      agents: Object.fromEntries(agents) as Record<AgentName, AgentKindsSnapshot>,
    }
  }

  /** Takes up a snapshot. One of another version is ignored, and false returned. */
  restore(snapshot: TaskKindsSnapshot): boolean {
    if ((snapshot.version as number) !== 1) return false
    for (const agent of agentNames) {
      const from = snapshot.agents[agent]
      const kinds: AgentKinds = {
        ...emptyKinds(),
        tasks: from.tasks,
        nextNumber: from.nextNumber,
        formerNames: new Map(Object.entries(from.formerNames ?? {})),
      }
      for (let at = 0; at + 1 < from.taskCounts.length; at += 2) {
        kinds.taskCounts[from.taskCounts[at] ?? 0] = from.taskCounts[at + 1] ?? 0
      }
      kinds.clusters = from.clusters.map((cluster) => {
        const restored = KindCluster.restore(cluster)
        restored.measure((index) => wordWeight(kinds, index))
        return restored
      })
      this.#agents.set(agent, kinds)
    }
    return true
  }

  /** Stricter for the first tasks, while it is not yet known which words are common. */
  #similarityNeeded(kinds: AgentKinds): number {
    const { maxKindsPerAgent, minSimilarity, minSimilarityWhenFull } = this.#settings
    if (kinds.clusters.length >= maxKindsPerAgent) return minSimilarityWhenFull
    return minSimilarity + 0.2 * Math.exp(-kinds.tasks / 40)
  }

  #kindsOf(agent: AgentName): AgentKinds {
    const kinds = this.#agents.get(agent)
    if (kinds === undefined) throw new RangeError(`No such agent: ${agent}`)
    return kinds
  }

  /** Undefined when there is no room: every kind has proved itself with several tasks. */
  #newCluster(
    agent: AgentName,
    kinds: AgentKinds,
    features: TaskFeatures,
  ): KindCluster | undefined {
    if (kinds.clusters.length >= this.#settings.maxKindsPerAgent) {
      const rare = kinds.clusters
        .filter((cluster) => cluster.tasks <= 3 && !cluster.name.endsWith('-other'))
        .toSorted((left, right) => left.lastTask - right.lastTask)[0]
      if (rare === undefined) return undefined
      kinds.clusters = kinds.clusters.filter((cluster) => cluster !== rare)
    }
    const cluster = new KindCluster(`${agent}-${kinds.nextNumber}`, features)
    kinds.nextNumber += 1
    kinds.clusters.push(cluster)
    return cluster
  }
}

/** Where tasks go that are like nothing else once all kinds are taken. */
function otherCluster(agent: AgentName, kinds: AgentKinds, features: TaskFeatures): KindCluster {
  const name = `${agent}-other`
  const existing = kinds.clusters.find((cluster) => cluster.name === name)
  if (existing !== undefined) return existing
  const cluster = new KindCluster(name, features)
  kinds.clusters.push(cluster)
  return cluster
}

function emptyKinds(): AgentKinds {
  return {
    tasks: 0,
    nextNumber: 1,
    taskCounts: new Float64Array(hashedFeatureCount),
    clusters: [],
    formerNames: new Map(),
  }
}

/** Joins the kind to the one most like it, if that is the same kind in truth; the larger one stays. */
function mergeIfAlike(
  kinds: AgentKinds,
  cluster: KindCluster,
  similarity: number,
): { readonly kept: KindCluster; readonly names: MergedKinds } | null {
  if (cluster.tasks < tasksBeforeMerging || cluster.tasks % tasksPerComparison !== 0) return null
  const weightOf = (index: number): number => wordWeight(kinds, index)
  const others = kinds.clusters.filter(
    (other) => other !== cluster && !other.name.endsWith('-other'),
  )
  const similarities = cluster.similaritiesTo(others, weightOf)
  const best = similarities.indexOf(Math.max(...similarities))
  const other = others[best]
  if (other === undefined || (similarities[best] ?? 0) < similarity) return null
  const [kept, absorbed] = other.tasks >= cluster.tasks ? [other, cluster] : [cluster, other]
  kept.absorb(absorbed, weightOf)
  kinds.clusters = kinds.clusters.filter((one) => one !== absorbed)
  rename(kinds.formerNames, { from: absorbed.name, into: kept.name })
  return { kept, names: { from: absorbed.name, into: kept.name } }
}

function rename(formerNames: Map<string, string>, { from, into }: MergedKinds): void {
  for (const [former, name] of formerNames) if (name === from) formerNames.set(former, into)
  formerNames.set(from, into)
  const oldest = formerNames.keys().next()
  if (formerNames.size > maxFormerNames && oldest.done !== true) formerNames.delete(oldest.value)
}

function nearestCluster(
  kinds: AgentKinds,
  features: TaskFeatures,
  weights: Float32Array,
): { cluster: KindCluster; similarity: number } | undefined {
  let nearest: { cluster: KindCluster; similarity: number } | undefined
  for (const cluster of kinds.clusters) {
    if (cluster.name.endsWith('-other')) continue
    const similarity = cluster.similarityTo(features, weights)
    if (nearest === undefined || similarity > nearest.similarity) nearest = { cluster, similarity }
  }
  return nearest
}

function wordWeights(kinds: AgentKinds, features: TaskFeatures): Float32Array {
  const weights = new Float32Array(features.indices.length)
  for (let at = 0; at < weights.length; at += 1) {
    weights[at] = wordWeight(kinds, features.indices[at] ?? 0)
  }
  return weights
}

/** Inverse task frequency, damped for words seen only once or very seldom: those are values. */
function wordWeight(kinds: AgentKinds, index: number): number {
  const count = Math.max(1, kinds.taskCounts[index] ?? 0)
  const inverse = Math.log(1 + kinds.tasks / count) / Math.log(1 + Math.max(2, kinds.tasks))
  const seldom = Math.max(2, 0.015 * kinds.tasks)
  const familiarity = Math.min(1, count / seldom)
  return (0.15 + inverse) * (count <= 1 ? 0.3 : 1) * (0.2 + 0.8 * familiarity)
}

function describe(cluster: KindCluster, kinds: AgentKinds): TaskKind {
  return {
    name: cluster.name,
    label: cluster.label((index) => wordWeight(kinds, index)),
    tasks: cluster.tasks,
  }
}
