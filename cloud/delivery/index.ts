export { codeChars, makeAccessCode, readAccessCode, showAccessCode } from './access-code.js'
export { caseDesk, statementsMax, type CaseDesk, type CaseDeskDeps, type Statement } from './case-desk.js'
export { linkBounds, makeLinks, tokenPattern, type CodeHash, type Links } from './links.js'
