import type { JsonObject } from '../kernel/json.ts'
import type { AnswerPiece } from './answer-pieces.ts'
import { piecesOfEvent } from './answer-pieces.ts'
import type { AnswerHead, StreamWriter } from './chat-wire.ts'
import { begunResponse, failedResponse, finishedResponse } from './responses-answer.ts'
import {
  addPiece,
  annotationsOf,
  beginItem,
  contentPart,
  imageItems,
  keyOfPiece,
  logprobsOf,
  summaryPart,
  wireItem,
  type OutputItem,
} from './responses-items.ts'
import type { AskedResponse } from './responses-request.ts'

/** The events of OpenAI's streamed Responses, each with its place in the stream. */
export function createResponseStream(head: AnswerHead, asked: AskedResponse): StreamWriter {
  const open = new Map<string, OutputItem>()
  const output: JsonObject[] = []
  let places = 0
  let lines = 0

  const line = (type: string, fields: JsonObject): string => {
    const text = JSON.stringify({ type, sequence_number: lines, ...fields })
    lines += 1
    return `event: ${type}\ndata: ${text}\n\n`
  }
  const begin = (piece: AnswerPiece): { readonly item: OutputItem; readonly text: string } => {
    const item = beginItem(piece, places, head.id)
    places += 1
    open.set(item.key, item)
    const added = { output_index: item.place, item: wireItem(item, 'in_progress') }
    return { item, text: line('response.output_item.added', added) + partAdded(item) }
  }
  const partAdded = (item: OutputItem): string => {
    const at = placeOf(item)
    switch (item.kind) {
      case 'text':
      case 'refusal':
        return line('response.content_part.added', {
          ...at,
          content_index: 0,
          part: contentPart(item, [], ''),
        })
      case 'reasoning':
      case 'encrypted':
        return line('response.reasoning_summary_part.added', {
          ...at,
          summary_index: 0,
          part: summaryPart(''),
        })
      case 'tool':
        return ''
    }
  }
  const deltaOf = (item: OutputItem, piece: AnswerPiece): string => {
    const at = placeOf(item)
    switch (piece.kind) {
      case 'text':
        return line('response.output_text.delta', {
          ...at,
          content_index: 0,
          delta: piece.text,
          logprobs: logprobsOf(piece.logprobs),
        })
      case 'refusal':
        return line('response.refusal.delta', { ...at, content_index: 0, delta: piece.text })
      case 'reasoning':
        if (piece.text === '') return ''
        return line('response.reasoning_summary_text.delta', {
          ...at,
          summary_index: 0,
          delta: piece.text,
        })
      case 'tool':
        if (piece.arguments === '') return ''
        return line('response.function_call_arguments.delta', { ...at, delta: piece.arguments })
      case 'encrypted':
        return ''
    }
  }
  const partDone = (item: OutputItem, annotations: readonly JsonObject[]): string => {
    const at = placeOf(item)
    const inContent = { ...at, content_index: 0 }
    const inSummary = { ...at, summary_index: 0 }
    const { text } = item
    switch (item.kind) {
      case 'text':
        return (
          line('response.output_text.done', { ...inContent, text, logprobs: item.logprobs }) +
          line('response.content_part.done', { ...inContent, part: contentPart(item, annotations) })
        )
      case 'refusal':
        return (
          line('response.refusal.done', { ...inContent, refusal: text }) +
          line('response.content_part.done', { ...inContent, part: contentPart(item) })
        )
      case 'reasoning':
      case 'encrypted':
        return (
          line('response.reasoning_summary_text.done', { ...inSummary, text }) +
          line('response.reasoning_summary_part.done', { ...inSummary, part: summaryPart(text) })
        )
      case 'tool':
        return line('response.function_call_arguments.done', {
          ...at,
          name: item.name,
          arguments: text,
        })
    }
  }
  const close = (
    keep: (key: string) => boolean,
    annotations: readonly JsonObject[] = [],
  ): string => {
    let text = ''
    for (const [key, item] of open) {
      if (keep(key)) continue
      open.delete(key)
      const done = wireItem(item, 'completed', annotations)
      output[item.place] = done
      text += partDone(item, annotations)
      text += line('response.output_item.done', { output_index: item.place, item: done })
    }
    return text
  }
  /** Text may come with sources at its end, and calls take turns: only reasoning is over when another begins. */
  const write = (piece: AnswerPiece): string => {
    const key = keyOfPiece(piece)
    let text = key === 'reasoning' ? '' : close((other) => other !== 'reasoning')
    let item = open.get(key)
    if (item === undefined) {
      const begun = begin(piece)
      item = begun.item
      text += begun.text
    }
    addPiece(item, piece)
    return text + deltaOf(item, piece)
  }

  return {
    start: () => {
      const response = begunResponse(head, asked)
      return line('response.created', { response }) + line('response.in_progress', { response })
    },
    delta: (event) => {
      let text = ''
      for (const piece of piecesOfEvent(event)) text += write(piece)
      return text
    },
    end: (answered) => {
      const { answer } = answered
      let text = close(() => false, annotationsOf(answer))
      for (const item of imageItems(answer, head.id)) {
        const place = { output_index: places, item }
        places += 1
        output.push(item)
        text += line('response.output_item.added', place) + line('response.output_item.done', place)
      }
      const response = finishedResponse(answered, head, asked, output)
      const last = response['status'] === 'completed' ? 'response.completed' : 'response.incomplete'
      return text + line(last, { response })
    },
    failure: (error) => {
      const whole = output.filter((item) => item !== undefined)
      return line('response.failed', { response: failedResponse(head, asked, whole, error) })
    },
  }
}

function placeOf(item: OutputItem): JsonObject {
  return { output_index: item.place, item_id: item.id }
}
