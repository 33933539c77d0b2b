type Running = {
  readonly url: string
  readonly key: string
  readonly simulated: boolean
  /** Demo tasks are being sent. */
  readonly demo: boolean
  readonly homePath: string
}

/** What a user sees when the village serves: where to look, the key, and a line to paste. */
export function startBanner({ url, key, simulated, demo, homePath }: Running): string {
  const frontier = simulated
    ? [
        'SIMULATED: no OPENROUTER_API_KEY is set, so frontier answers come from a simulated',
        `OpenRouter on this machine. Demo tasks are ${demo ? 'being sent' : 'off'}. Local models, training,`,
        'gate and routing are real. Set OPENROUTER_API_KEY to use real frontier models.',
      ]
    : ['Frontier models are reached over OpenRouter with your key. No demo tasks are sent.']
  const body = JSON.stringify({
    model: 'village',
    messages: [
      {
        role: 'user',
        content:
          'Sort this support message, give queue and priority as JSON: Where is my package AB-1234? This is urgent!',
      },
    ],
  })
  return [
    '',
    `AI Village serves on ${url}`,
    '',
    ...frontier.map((line) => `  ${line}`),
    '',
    `  Dashboard  ${url}/#key=${key}`,
    `  API key    ${key}`,
    `  Data       ${homePath}`,
    '',
    '  Try it:',
    `  curl -s ${url}/v1/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${body}'`,
    '',
    '  Ctrl-C stops it.',
    '',
  ].join('\n')
}
