import { mediaMigrations } from '../store/objects-media.js'
import { commandMigrations } from '../store/records-commands.js'
import { recordMigrations } from '../store/records.js'

/** Test only: every table that this station needs. */
export const objectMigrationsForTests = [...recordMigrations, ...commandMigrations, ...mediaMigrations]
