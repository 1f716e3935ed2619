export { dayOf, spanOf, timeOf, worstOf, type Advice, type Level } from './advice.js'
export { clockAdvice, diskAdvice, ffmpegAdvice, linkAdvice, loadAdvice } from './box.js'
export { cameraAdvice, type CameraState } from './camera.js'
export { reasonText } from './reasons.js'
