#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { KerbError } from './contracts/base/index.js'

/** Every command is one file of `cli/` that exports `command`; the table is what `--help` shows. */
const commands: Readonly<Record<string, string>> = {
  edge: 'watch cameras, keep footage, send records: --config edge.yaml',
  cloud: 'receive records, leads, cases, pages: --config cloud.yaml',
  demo: 'cameras, box and cloud on this machine; -- --until-cases runs scripted staff to the end',
  'camera-sim': 'RTSP cameras from files',
  doctor: 'check ffmpeg, disk, clock, cameras, cloud; say what to do',
  config: 'config check FILE: every fault with line, column and key',
  policy: 'policy check FILE, diff A B, due, law: packs of what differs from city to city',
  process: 'process check [--without GATE]: model check of the legal process',
  eval: 'recall and precision over clips with truth',
  'eval-images': 'AP50 per class over labelled pictures',
  models: 'models list, pull NAME, verify',
  bench: 'bench density, inference, latency, ingest',
  account: 'account add, list, password: staff accounts of a cloud',
}

async function main(argv: string[]): Promise<number> {
  const program = new Command('kerbwatch').description(
    'Off-site street enforcement: leads that people check, evidence that anyone can verify.',
  )
  program.showHelpAfterError('(--help shows what is possible)').exitOverride()
  const [name] = argv
  if (name !== undefined && name in commands) {
    const source = new URL(`./cli/${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
    if (!existsSync(source)) throw new KerbError('COMMAND_MISSING', `the command ${name} is not part of this build`)
    const { command } = (await import(source.href)) as { command: Command }
    quietExit(command)
    program.addCommand(command.name(name))
  } else {
    for (const [known, description] of Object.entries(commands)) program.command(known).description(description)
  }
  await program.parseAsync(argv, { from: 'user' })
  return typeof process.exitCode === 'number' ? process.exitCode : 0
}

function quietExit(command: Command): void {
  command.exitOverride().showHelpAfterError('(--help shows what is possible)')
  for (const child of command.commands) quietExit(child)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const fault = error as { code?: string; exitCode?: number; message?: string }
  if (fault.code?.startsWith('commander.')) process.exitCode = fault.exitCode === 0 ? 0 : 2
  else if (error instanceof KerbError) {
    console.error(`kerbwatch: ${error.message} [${error.code}]`)
    process.exitCode = /CONFIG|USAGE/.test(String(error.code)) ? 2 : 1
  } else {
    console.error(error)
    process.exitCode = 1
  }
}
