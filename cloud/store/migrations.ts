import { accountMigrations } from './accounts.js'
import { caseMigrations } from './cases.js'
import type { Migration } from './database.js'
import { fileMigrations } from './files.js'
import { leadMigrations } from './lead-schema.js'
import { portalMigrations } from './portal.js'

/** Steps of leads, cases, accounts and portal; `cloud/main.ts` adds those of records and objects. */
export const stationMigrations: readonly Migration[] = [
  ...leadMigrations,
  ...caseMigrations,
  ...fileMigrations,
  ...accountMigrations,
  ...portalMigrations,
]
