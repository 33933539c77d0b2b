import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { freePort, startServerOnPort, type Child } from './child.ts'

const workers = 2

/**
 * LiteLLM's proxy as its documentation starts it, with as many workers as the bench's machine has
 * cores, no database and a master key. `python` has `litellm[proxy]`, in a venv of its own.
 */
export async function startLiteLLM(
  python: string,
  upstream: string,
  folder: string,
): Promise<{ readonly child: Child; readonly url: string; readonly key: string }> {
  const key = 'sk-bench'
  const config = path.join(folder, 'litellm.yaml')
  await writeFile(
    config,
    JSON.stringify({
      model_list: [
        {
          model_name: 'bench/fixed',
          litellm_params: {
            model: 'openai/bench/fixed',
            api_base: `${upstream}/v1`,
            api_key: 'bench',
          },
        },
      ],
      general_settings: { master_key: key },
      litellm_settings: { telemetry: false },
    }),
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const start = 'from litellm import run_server; run_server()'
  const where = ['--host', '127.0.0.1', '--port', String(port)]
  const child = await startServerOnPort(
    python,
    ['-c', start, '--config', config, ...where, '--num_workers', String(workers)],
    `${url}/health/liveliness`,
    // Else it asks the internet for a list of prices first.
    { LITELLM_LOCAL_MODEL_COST_MAP: 'True' },
  )
  return { child, url, key }
}
