import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { addAccount, argon2Hash, changePassword, type ManageDeps } from '../cloud/accounts/index.js'
import { mustReadCloudConfig } from '../cloud/config.js'
import { accountMigrations, accountStore } from '../cloud/store/accounts.js'
import { openDatabase } from '../cloud/store/database.js'
import { roles } from '../contracts/api/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'

interface Where {
  readonly config: string
  readonly database?: string
}

function databaseFile({ config, database }: Where): string {
  return database === undefined ? mustReadCloudConfig(config).database.slice('sqlite:'.length) : resolve(database)
}

async function withAccounts<T>(where: Where, work: (deps: ManageDeps) => T | Promise<T>): Promise<T> {
  const database = openDatabase({ file: databaseFile(where), migrations: accountMigrations })
  try {
    return await work({ store: accountStore(database), clock: systemClock, secretHash: argon2Hash })
  } finally {
    database.close()
  }
}

/** First line of a file, of the terminal or of a pipe; never an argument, which other users of the machine could read. */
async function readPassword(file: string | undefined): Promise<string> {
  if (file !== undefined) return readFileSync(file, 'utf8').split('\n')[0] ?? ''
  if (process.stdin.isTTY) process.stderr.write('password (it will show): ')
  const lines = createInterface({ input: process.stdin })
  for await (const line of lines) {
    lines.close()
    return line
  }
  return ''
}

/** 24 signs that are easy to read (Crockford's alphabet), 120 bits. */
function madePassword(): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  return Array.from(systemIds.randomBytes(24), (byte) => alphabet.charAt(byte % 32)).join('')
}

const command = new Command('account').description('staff accounts of a cloud')
const inCloud = (sub: Command): Command =>
  sub
    .option('--config <file>', 'configuration of the cloud', 'cloud.yaml')
    .option('--database <file>', 'its SQLite file, instead of the configuration')

inCloud(command.command('add <name>'))
  .description('add an account')
  .requiredOption('--role <role...>', `one or more of: ${roles.join(', ')}`)
  .option('--password-file <file>', 'first line is the password; else it is read from the input')
  .option('--random', 'make a password and print it once')
  .action(async (name: string, flags: Where & { role: string[]; passwordFile?: string; random?: boolean }) => {
    const password = flags.random === true ? madePassword() : await readPassword(flags.passwordFile)
    await withAccounts(flags, (deps) => addAccount(deps, { name, roles: flags.role, password }))
    console.log(`added ${name}: ${flags.role.join(', ')}${flags.random === true ? `, password ${password}` : ''}`)
  })

inCloud(command.command('list'))
  .description('list accounts')
  .action(async (flags: Where) => {
    const rows = await withAccounts(flags, ({ store }) => store.list())
    if (rows.length === 0) console.log('no accounts yet: kerbwatch account add NAME --role operator --random')
    for (const { name, roles: held, created_at, disabled } of rows)
      console.log(`${name.padEnd(20)} ${held.join(',').padEnd(30)} ${created_at}${disabled ? ' disabled' : ''}`)
  })

inCloud(command.command('password <name>'))
  .description('set a new password; ends the sessions of the account')
  .option('--password-file <file>', 'first line is the password; else it is read from the input')
  .option('--random', 'make a password and print it once')
  .action(async (name: string, flags: Where & { passwordFile?: string; random?: boolean }) => {
    const password = flags.random === true ? madePassword() : await readPassword(flags.passwordFile)
    await withAccounts(flags, (deps) => changePassword(deps, name, password))
    console.log(`new password for ${name}${flags.random === true ? `: ${password}` : ''}`)
  })

export { command }
