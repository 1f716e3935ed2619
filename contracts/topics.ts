/** Topics of one device: DESIGN.md §4. QoS 1 throughout. */
export const topicKinds = ['rec', 'rcpt', 'cmd', 'presence'] as const
export type TopicKind = (typeof topicKinds)[number]

export const topicPrefix = 'kw/v1'
/** Records in one message, and its size. */
export const batchCountMax = 64
export const batchBytesMax = 1024 * 1024
/** Records on the way without a receipt. */
export const windowCount = 32

export function topicOf(device: string, kind: TopicKind): string {
  return `${topicPrefix}/${device}/${kind}`
}

const pattern = /^kw\/v1\/([a-z0-9-]{3,40})\/(rec|rcpt|cmd|presence)$/

/** Null for any other topic. */
export function parseTopic(topic: string): { readonly device: string; readonly kind: TopicKind } | null {
  const match = pattern.exec(topic)
  if (match?.[1] === undefined) return null
  return { device: match[1], kind: match[2] as TopicKind }
}

/** A device may publish only these, and subscribe only the others. */
export const devicePublishes: readonly TopicKind[] = ['rec', 'presence']
export const deviceSubscribes: readonly TopicKind[] = ['rcpt', 'cmd']
export const presenceTexts = ['online', 'offline'] as const
