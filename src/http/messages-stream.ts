import { noUsage } from '../kernel/chat.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { AnswerPiece } from './answer-pieces.ts'
import { piecesOfEvent } from './answer-pieces.ts'
import type { AnswerHead, StreamWriter } from './chat-wire.ts'
import { blockOf, emptyMessage, messageUsage, stopOf } from './messages-answer.ts'
import { messagesErrorBody } from './messages-error.ts'
import type { AskedMessage } from './messages-request.ts'
import { villageBlock } from './village-block.ts'

/** The open block that is not a tool call, or the tool calls, which may take turns. */
type OpenBlock = { readonly index: number; readonly key: string }

/** The events of Anthropic's streamed Messages. */
export function createMessageStream(head: AnswerHead, asked: AskedMessage): StreamWriter {
  const open = new Map<string, OpenBlock>()
  let blocks = 0

  const close = (keep: (key: string) => boolean): string => {
    let lines = ''
    for (const [key, { index }] of open) {
      if (keep(key)) continue
      open.delete(key)
      lines += line('content_block_stop', { index })
    }
    return lines
  }
  const write = (piece: AnswerPiece): string => {
    const key = piece.kind === 'tool' ? `tool ${piece.index}` : piece.kind
    const isOfOpen = (other: string): boolean =>
      other === key || (piece.kind === 'tool' && other.startsWith('tool '))
    let lines = close(isOfOpen)
    let block = open.get(key)
    if (block === undefined || piece.kind === 'encrypted') {
      block = { index: blocks, key }
      blocks += 1
      open.set(key, block)
      const begun = blockOf(begunPiece(piece), head)
      lines += line('content_block_start', { index: block.index, content_block: begun })
    }
    for (const delta of deltasOf(piece)) {
      lines += line('content_block_delta', { index: block.index, delta })
    }
    // Hidden reasoning comes whole, so that two pieces of it are two blocks.
    return piece.kind === 'encrypted' ? lines + close((other) => other !== key) : lines
  }

  return {
    start: () => {
      const message = {
        ...emptyMessage(head, asked.requestedModel),
        usage: messageUsage({ usage: noUsage }),
      }
      return line('message_start', { message })
    },
    delta: (event) => {
      let lines = ''
      for (const piece of piecesOfEvent(event)) lines += write(piece)
      return lines
    },
    end: ({ answer, decision }) =>
      close(() => false) +
      line('message_delta', {
        delta: { container: null, stop_details: null, ...stopOf(answer) },
        usage: messageUsage(answer),
        village: villageBlock(decision),
      }) +
      line('message_stop', {}),
    failure: (error) => `event: error\ndata: ${JSON.stringify(messagesErrorBody(error))}\n\n`,
  }
}

export const pingKeepAlive = line('ping', {})

function begunPiece(piece: AnswerPiece): AnswerPiece {
  switch (piece.kind) {
    case 'reasoning':
      return { ...piece, text: '', signature: null }
    case 'text':
    case 'refusal':
      return { ...piece, text: '' }
    case 'tool':
      return { ...piece, arguments: '' }
    case 'encrypted':
      return piece
  }
}

function deltasOf(piece: AnswerPiece): readonly JsonObject[] {
  switch (piece.kind) {
    case 'reasoning':
      return [
        ...(piece.text === '' ? [] : [{ type: 'thinking_delta', thinking: piece.text }]),
        ...(piece.signature === null
          ? []
          : [{ type: 'signature_delta', signature: piece.signature }]),
      ]
    case 'text':
    case 'refusal':
      return piece.text === '' ? [] : [{ type: 'text_delta', text: piece.text }]
    case 'tool':
      return piece.arguments === ''
        ? []
        : [{ type: 'input_json_delta', partial_json: piece.arguments }]
    case 'encrypted':
      return []
  }
}

function line(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
