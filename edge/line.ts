import type { CameraId, EpochMs, IncidentId, Ids, Log } from '../contracts/base/index.js'
import type { Incident } from './incidents/index.js'
import { initialIncidents, isWaiting, restoreIncidents, stepIncidents } from './incidents/index.js'
import type { IncidentChange, IncidentSetup, IncidentsState, LookBackResult, LookBackTask } from './incidents/index.js'
import type { LookBackRequest, VideoSource, WatchFrame } from './capture/types.js'
import { initialRuleState, judge, mayGoOn, ruleOf, stepRules } from './violations/index.js'
import type { CameraRules, Finding, LookBackAnswers, RuleState } from './violations/index.js'
import type { Vision } from './vision/index.js'
import type { Facts, ViewHealth } from './vision/types.js'

/** What is kept of a camera's rules and incidents over a restart. JSON-serialisable. */
export interface LineState {
  readonly rules: RuleState
  readonly incidents: IncidentsState
}

export type LineEvent =
  { readonly kind: 'facts'; readonly facts: Facts } | { readonly kind: 'change'; readonly change: IncidentChange }

export interface LineSetup {
  readonly camera: CameraId
  readonly source: Pick<VideoSource, 'lookBack'>
  readonly vision: Vision
  readonly rules: CameraRules
  readonly ids: Ids
  readonly log: Log
  readonly watchPx: readonly [width: number, height: number]
  readonly state: LineState | null
}

/**
 * Look-back pictures are at most this large; small regions are shown at twice their watch size (DETECTION.md §7.2). A burst is
 * analysed at the classifier's training scale: larger pictures would only be made small again.
 */
const lookBackPxMax = { arrival: 640, burst: 320 } as const

/**
 * One camera's line from watch frames to incidents: facts, suspicions, look backs, findings, changes, in this order and for one
 * frame at a time. It reads no clock: the time is the frames' own.
 */
export class CameraLine {
  readonly #setup: LineSetup
  readonly #incidentSetup: IncidentSetup
  #rules: RuleState
  #incidents: IncidentsState
  #view: ViewHealth = { moved: false, dark: false, blurred: false, covered: false }
  #nowMs = 0 as EpochMs
  readonly #tasks: LookBackTask[] = []
  readonly #answers = new Map<IncidentId, LookBackAnswers>()

  constructor(setup: LineSetup) {
    this.#setup = setup
    this.#rules = setup.state?.rules ?? initialRuleState
    this.#incidents = setup.state?.incidents ?? initialIncidents
    this.#incidentSetup = {
      camera: setup.camera,
      ground: setup.rules.ground,
      ruleOf: (cause, zone) => ruleOf(setup.rules, cause, zone),
      mayGoOn: (cause, from, into) => mayGoOn(setup.rules, cause, from, into),
    }
  }

  /** Incidents that are committed as open while nothing else is remembered of this camera. */
  adopt(committed: readonly Incident[]): void {
    this.#incidents = restoreIncidents(this.#incidents, committed)
  }

  get state(): LineState {
    return { rules: this.#rules, incidents: this.#incidents }
  }

  /** Incidents that are told and not over: their places are never absorbed into the background. */
  get open(): readonly Incident[] {
    return this.#incidents.entries
      .map(({ incident }) => incident)
      .filter(({ state }) => state === 'confirmed' || state === 'continuing')
  }

  /** Acts that have lasted long enough and wait for footage to be read. */
  get due(): readonly IncidentId[] {
    return this.#incidents.entries.filter((entry) => entry.due && isWaiting(entry)).map(({ incident }) => incident.id)
  }

  /** The box was off for long: what the rules remember is no help any more, incidents that are committed as open go on. */
  startFresh(committed: readonly Incident[]): void {
    this.#rules = initialRuleState
    this.#incidents = restoreIncidents(initialIncidents, committed)
    this.#tasks.length = 0
    this.#answers.clear()
  }

  /** Null when vision shed the frame under overload. `quiet`: seen again after a restart, and its changes are committed already. */
  async watch(
    frame: WatchFrame,
    how: 'told' | 'quiet' = 'told',
  ): Promise<{ facts: Facts; changes: IncidentChange[] } | null> {
    const facts = await this.#setup.vision.watch(
      frame,
      this.open.map(({ box }) => box),
    )
    if (facts === null) return null
    this.#nowMs = facts.wallMs
    this.#view = facts.view
    const stepped = stepRules(this.#rules, facts, this.#setup.rules)
    this.#rules = stepped.state
    return { facts, changes: how === 'quiet' ? [] : this.#step(stepped.suspicions, []) }
  }

  /** Look backs that may run now: their window lies in what is recorded. */
  takeTasks(recordedUntilMs: EpochMs): LookBackTask[] {
    const ready = this.#tasks.filter(({ wish }) => wish.toMs <= recordedUntilMs)
    for (const task of ready) this.#tasks.splice(this.#tasks.indexOf(task), 1)
    return ready
  }

  /** Reads the footage of one task and judges. A window that is gone or a queue that is full leaves the matter undecided. */
  async look(task: LookBackTask, signal: AbortSignal): Promise<LookBackResult> {
    const { camera, source, vision, rules, log } = this.#setup
    const { suspicion, wish } = task
    const dueMs = (this.#nowMs + Math.max(0, suspicion.dwellMs - suspicion.scoreMs)) as EpochMs
    const question = {
      kind: wish.kind,
      camera,
      box: suspicion.box,
      region: wish.region,
      sinceMs: suspicion.sinceMs,
      dueMs,
    } as const
    const atMs = this.#nowMs
    try {
      const frames = source.lookBack({ ...this.#request(wish), dueMs }, signal)
      const answer = await vision.lookBack(question, frames, signal)
      const answers = [...(this.#answers.get(task.incident) ?? []), answer].slice(-6)
      this.#answers.set(task.incident, answers)
      return { task, finding: judge(suspicion, answers, rules), atMs }
    } catch (error) {
      signal.throwIfAborted()
      log.warn({ camera, incident: task.incident, err: error }, 'a look back failed: undecided')
      return { task, finding: undecided(error), atMs }
    }
  }

  /** Takes the answer of a look back into account. */
  answer(result: LookBackResult): IncidentChange[] {
    return this.#step(null, [result])
  }

  #request(wish: LookBackTask['wish']): LookBackRequest {
    const [width, height] = this.#setup.watchPx
    const [, , w, h] = wish.region ?? [0, 0, 1, 1]
    const scale = Math.min(wish.region ? 2 : 1, lookBackPxMax[wish.kind] / Math.max(width * w, height * h))
    const even = (px: number): number => Math.max(32, 2 * Math.round((px * scale) / 2))
    return {
      fromMs: wish.fromMs,
      toMs: wish.toMs,
      fps: wish.fps,
      crop: wish.region,
      widthPx: even(width * w),
      heightPx: even(height * h),
    }
  }

  #step(suspicions: Parameters<typeof stepIncidents>[1]['suspicions'], results: LookBackResult[]): IncidentChange[] {
    const { ids } = this.#setup
    const input = {
      nowMs: this.#nowMs,
      suspicions,
      results,
      view: this.#view,
      ids: (atMs: EpochMs) => ids.uuidv7(atMs) as IncidentId,
    }
    const { state, changes, tasks } = stepIncidents(this.#incidents, input, this.#incidentSetup)
    this.#incidents = state
    this.#tasks.push(...tasks)
    for (const { kind, incident } of changes)
      if (kind === 'refuted' || kind === 'over') this.#answers.delete(incident.id)
    return changes
  }
}

function undecided(error: unknown): Finding {
  const code = (error as { code?: unknown }).code
  return {
    verdict: 'undecided',
    confidence: 0,
    grade: 1,
    measurements: {},
    reasons: [`look_back_${typeof code === 'string' ? code.toLowerCase() : 'failed'}`],
    actor: null,
    arrivedMs: null,
    box: null,
  }
}
