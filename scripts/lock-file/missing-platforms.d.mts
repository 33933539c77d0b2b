export function missingPlatforms(
  packages: Readonly<Record<string, object>>,
): Readonly<Record<string, object>>
