import type { VillageStatus } from '../../src/http/contract.ts'
import { useApiKey } from './api/api-key.ts'
import { useVillageStatus } from './api/use-village-status.ts'
import { VillageRequestError } from './api/village-client.ts'
import { Header } from './page/header.tsx'
import { KeyForm } from './page/key-form.tsx'
import {
  FailureNotice,
  LoadingNotice,
  ReconnectingNotice,
  TroubleNotices,
} from './page/notices.tsx'
import classes from './page/page.module.css'
import { SimulatedNotice } from './page/simulated-notice.tsx'
import { VillagePage } from './page/village-page.tsx'

export function App() {
  const { apiKey, setApiKey } = useApiKey()
  if (apiKey === null) {
    return (
      <div className={classes.shell}>
        <Header version={null} connection={null} onForgetKey={null} />
        <main>
          <KeyForm refusal={null} onSubmit={setApiKey} />
        </main>
      </div>
    )
  }
  return <ConnectedPage key={apiKey} apiKey={apiKey} setApiKey={setApiKey} />
}

function ConnectedPage(props: {
  readonly apiKey: string
  readonly setApiKey: (apiKey: string | null) => void
}) {
  const { query, connection } = useVillageStatus(props.apiKey)
  const keyRefused =
    connection.kind === 'refused' ||
    (query.error instanceof VillageRequestError && query.error.keyRefused)
  if (keyRefused) {
    return (
      <div className={classes.shell}>
        <Header version={null} connection={{ kind: 'refused', why: '' }} onForgetKey={null} />
        <main>
          <KeyForm
            refusal="The village does not know this key. Was it started with another home folder?"
            onSubmit={props.setApiKey}
          />
        </main>
      </div>
    )
  }
  return (
    <div className={classes.shell}>
      <Header
        version={query.data?.version ?? null}
        connection={connection}
        onForgetKey={() => props.setApiKey(null)}
      />
      <main>
        {query.data ? (
          <Known status={query.data} apiKey={props.apiKey} connection={connection} />
        ) : query.isError ? (
          <FailureNotice message={query.error.message} onRetry={() => void query.refetch()} />
        ) : (
          <LoadingNotice />
        )}
      </main>
    </div>
  )
}

function Known(props: {
  readonly status: VillageStatus
  readonly apiKey: string
  readonly connection: ReturnType<typeof useVillageStatus>['connection']
}) {
  return (
    <>
      {props.status.simulated && <SimulatedNotice />}
      <ReconnectingNotice connection={props.connection} />
      <TroubleNotices status={props.status} />
      <VillagePage status={props.status} apiKey={props.apiKey} />
    </>
  )
}
