import type { Problem } from '../contracts.js'

/** A refusal of the server, with everything that it said. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.code)
    this.problem = problem
  }
}

const offlineProblem: Problem = {
  type: 'urn:kerbwatch:problem:OFFLINE',
  title: 'Offline',
  status: 0,
  code: 'OFFLINE',
  says: { zh: '和服务器断开了。现在只能看，不能决定。', en: 'The server cannot be reached. You can read, not decide.' },
  next: { zh: '连上后会自己继续；您写的还在。', en: 'It goes on by itself once connected; what you wrote is kept.' },
}

/** Whether an error means that nothing reached the server. */
export function isOffline(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === 'OFFLINE'
}

let signedOut: (() => void) | null = null
/** Is told when the session has ended, whatever page noticed it. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener
}

/**
 * One call to the API on this origin. @throws ProblemError for every refusal, `OFFLINE` when there was no answer.
 * `keepalive` lets it outlive the page.
 */
export async function call<Answer>(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body?: object,
  options: { readonly keepalive?: boolean } = {},
): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(url, {
      method,
      keepalive: options.keepalive ?? false,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
  } catch {
    throw new ProblemError(offlineProblem)
  }
  if (response.ok) return (response.status === 204 ? null : await response.json()) as Answer
  const problem = await readProblem(response)
  if (response.status === 401 && url !== '/v1/session') signedOut?.()
  throw new ProblemError(problem)
}

async function readProblem(response: Response): Promise<Problem> {
  try {
    const read = (await response.json()) as Problem
    if (typeof read.says.zh === 'string') return read
  } catch {
    // Not ours: a proxy's page, or cut off. Said below.
  }
  return {
    ...offlineProblem,
    status: response.status,
    code: 'ANSWER_UNREADABLE',
    says: {
      zh: `服务器的回答读不懂（${response.status}）。什么都没有改。`,
      en: `The server's answer cannot be read (${response.status}). Nothing was changed by this page.`,
    },
    next: { zh: '再试一次；还不行就告诉技术员。', en: 'Try again; if it stays, tell the technician.' },
  }
}

/** The problem behind whatever was thrown. A programmer's error is thrown on. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  throw error
}

let serverAheadMs = 0
/** Learns the server's time from an answer that carries it. */
export function learnServerTime(at: string): void {
  serverAheadMs = Date.parse(at) - Date.now()
}
/** Now by the server's clock, so that a wrong clock of this computer shortens no claim. */
export function serverNowMs(): number {
  return Date.now() + serverAheadMs
}
