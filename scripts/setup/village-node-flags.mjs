/**
 * How Node runs the village. A request leaves more short-lived objects than the default nursery of
 * 16 MB holds for long, and each collection stops the world:
 * docs/decisions/2026-11-28-larger-nursery.md
 */
export const villageNodeFlags = ['--max-semi-space-size=64']
