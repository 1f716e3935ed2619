import { leadsSteps } from './lead.js'
import { investigationSteps } from './investigation.js'
import { beforeDecisionSteps } from './hearing-and-review.js'
import { decisionSteps } from './decision.js'
import { endingSteps } from './ending.js'
import { serviceSteps } from './service.js'
import { rectificationSteps } from './rectification.js'
import { hearingSteps } from './hearing.js'
import { paymentSteps } from './payment.js'
import { remedySteps } from './remedy.js'
import { publicitySteps } from './publicity.js'
import { deviceSteps } from './device.js'
import type { Transition } from '../types.js'

/** Every step of every machine, in the order of DOMAIN.md §5.4. */
export const transitions: readonly Transition[] = [
  ...leadsSteps,
  ...investigationSteps,
  ...beforeDecisionSteps,
  ...decisionSteps,
  ...endingSteps,
  ...serviceSteps,
  ...rectificationSteps,
  ...hearingSteps,
  ...paymentSteps,
  ...remedySteps,
  ...publicitySteps,
  ...deviceSteps,
]
