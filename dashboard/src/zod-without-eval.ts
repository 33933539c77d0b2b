import { config } from 'zod'

/** The page's content security policy forbids `new Function`, which zod tries when it meets a schema. */
config({ jitless: true })
