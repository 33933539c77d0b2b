import { z } from 'zod'
import type { JsonObject, JsonValue } from '../kernel/json.ts'
import { wireUsage } from './chat-completions-answer.ts'
import type { AnswerHead, ChatWire, ReadRequest, StreamWriter } from './chat-wire.ts'
import { commentKeepAlive } from './chat-wire.ts'
import { chosenModels, fallbackModelNames, modelName } from './model-choice.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { keepOthers, refuseUnsupported } from './pass-on.ts'
import { samplingFields, samplingOf, stopTexts, tokenLimit } from './sampling-fields.ts'
import { VillageExtension } from './village-extension.ts'
import { villageBlock } from './village-block.ts'

/** The fields that we read; whatever else stands in the body is kept for the provider. */
export const CompletionsBody = z.looseObject({
  model: modelName.nullish(),
  models: fallbackModelNames.nullish(),
  prompt: z.union([z.string(), z.array(z.string()).length(1)], {
    error: 'expected one text: token lists and several prompts in one request are not taken',
  }),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).max(128).nullish(),
  echo: z.boolean().nullish(),
  best_of: z.int().min(1).nullish(),
  suffix: z.string().nullish(),
  logprobs: z.int().min(0).max(20).nullish(),
  ...samplingFields,
  max_tokens: tokenLimit,
  stop: stopTexts,
  seed: z.int().nullish(),
  village: VillageExtension.nullish(),
})

const readFields: ReadonlySet<string> = new Set(
  Object.keys(CompletionsBody.shape).filter((name) => name !== 'n'),
)

type AskedCompletion = {
  readonly requestedModel: string
  readonly includeUsage: boolean
  /** What stands before every text of the answer. */
  readonly echoed: string
}

/** OpenAI's first endpoint: a prompt without turns, answered as the one message of a chat. */
export const completionsWire: ChatWire<AskedCompletion> = {
  idPrefix: 'cmpl',
  keepAlive: commentKeepAlive,
  read: readCompletionsRequest,
  whole: ({ answer, decision }, head, asked) => {
    const first = {
      index: 0,
      text: asked.echoed + answer.text,
      logprobs: legacyLogprobs(answer.unread?.choice?.['logprobs'], asked.echoed.length),
      finish_reason: answer.finishReason,
    }
    const others = (answer.unread?.otherChoices ?? []).map((choice) => {
      const message = (choice['message'] ?? {}) as JsonObject
      return {
        index: choice['index'] ?? 0,
        text: asked.echoed + textIn(message),
        logprobs: legacyLogprobs(choice['logprobs'], asked.echoed.length),
        finish_reason: choice['finish_reason'] ?? 'stop',
      }
    })
    return {
      ...headFields(head, answer.model),
      choices: [first, ...others],
      usage: wireUsage(answer),
      village: villageBlock(decision),
    }
  },
  stream: createCompletionStream,
}

function readCompletionsRequest(body: unknown): ReadRequest<AskedCompletion> {
  const fields = parseWithSchema(CompletionsBody, body)
  if (typeof fields.suffix === 'string' && fields.suffix !== '') {
    refuseUnsupported('suffix', 'Chat models do not fill in texts, so "suffix" is not taken here.')
  }
  if ((fields.best_of ?? 1) > (fields.n ?? 1)) {
    refuseUnsupported('best_of', 'Answers are not ranked here: ask for "n" of them instead.')
  }
  const prompt = typeof fields.prompt === 'string' ? fields.prompt : (fields.prompt[0] ?? '')
  const models = chosenModels(fields)
  const { logprobs } = fields
  const extra: JsonObject = {
    ...keepOthers(fields, readFields),
    ...(typeof logprobs === 'number' && { logprobs: true, top_logprobs: logprobs }),
  }
  const verifier = fields.village?.verify
  return {
    input: {
      request: {
        messages: [{ role: 'user', content: prompt }],
        sampling: samplingOf({ ...fields, maxTokens: fields.max_tokens }),
        ...(Object.keys(extra).length > 0 && { extra }),
      },
      ...models,
      streamed: fields.stream === true,
      ...(verifier !== undefined && { verifier }),
    },
    asked: {
      requestedModel: models.requestedModel,
      includeUsage: fields.stream_options?.include_usage === true,
      echoed: fields.echo === true ? prompt : '',
    },
  }
}

function createCompletionStream(head: AnswerHead, asked: AskedCompletion): StreamWriter {
  const model = asked.requestedModel
  let offset = asked.echoed.length
  const chunk = (fields: object, name = model): string =>
    `data: ${JSON.stringify({ ...headFields(head, name), ...fields })}\n\n`
  const piece = (index: JsonValue, text: string, logprobs: object | null): string =>
    chunk({ choices: [{ index, text, logprobs, finish_reason: null }] })

  return {
    start: () => (asked.echoed === '' ? '' : piece(0, asked.echoed, null)),
    delta: (event) => {
      switch (event.type) {
        case 'text': {
          const logprobs = legacyLogprobs(event.logprobs, offset)
          offset += event.text.length
          return piece(0, event.text, logprobs)
        }
        case 'choice': {
          const { index = 0, finish_reason: reason = null, delta } = event.choice
          const text = textIn((delta ?? {}) as JsonObject)
          return chunk({ choices: [{ index, text, logprobs: null, finish_reason: reason }] })
        }
        case 'delta':
          return ''
      }
    },
    end: ({ answer, decision }) => {
      const last = { index: 0, text: '', logprobs: null, finish_reason: answer.finishReason }
      const village = villageBlock(decision)
      const usage = asked.includeUsage
        ? chunk({ choices: [], usage: wireUsage(answer), village }, answer.model)
        : ''
      const finish = asked.includeUsage ? { choices: [last] } : { choices: [last], village }
      return `${chunk(finish, answer.model)}${usage}data: [DONE]\n\n`
    },
    failure: (error) => chunk({ choices: [], error: head.errorBody(error).error }),
  }
}

function headFields(head: AnswerHead, model: string) {
  return { id: head.id, object: 'text_completion', created: head.createdSeconds, model }
}

function textIn(message: JsonObject): string {
  const { content } = message
  return typeof content === 'string' ? content : ''
}

/** Chat's list of tokens as the four lists that this endpoint had. */
function legacyLogprobs(logprobs: JsonValue | undefined, firstOffset: number): object | null {
  const content = (logprobs as JsonObject | null | undefined)?.['content']
  if (!Array.isArray(content)) return null
  let offset = firstOffset
  const tokens = content as readonly {
    readonly token: string
    readonly logprob: number
    readonly top_logprobs?: readonly { readonly token: string; readonly logprob: number }[]
  }[]
  const offsets = tokens.map(({ token }) => {
    const start = offset
    offset += token.length
    return start
  })
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top_logprobs: top = [] }) =>
      Object.fromEntries(top.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: offsets,
  }
}
