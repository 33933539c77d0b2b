import { Table, Text } from '@mantine/core'
import { wordsText } from '../page/format.ts'
import { type Gate, gateFigures, pointsGained, signedText } from './gate-words.ts'
import classes from './runs.module.css'

export function GateVerdict({ gate }: { readonly gate: Gate }) {
  return (
    <>
      <Text size="sm" mt="sm" fw={600}>
        The gate’s verdict: {gate.promoted ? 'promote' : 'refuse'}
      </Text>
      <Text size="sm" mb="xs">
        {gateFigures(gate)}
      </Text>
      <Table className={classes.kinds} verticalSpacing={4} horizontalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Kind of task</Table.Th>
            <Table.Th scope="col">Tasks</Table.Th>
            <Table.Th scope="col">Serving</Table.Th>
            <Table.Th scope="col">Candidate</Table.Th>
            <Table.Th scope="col">Points</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {gate.kinds.map((result) => {
            const points = pointsGained(result)
            return (
              <Table.Tr key={result.kind}>
                <Table.Td>{wordsText(result.kind)}</Table.Td>
                <Table.Td>{result.tasks}</Table.Td>
                <Table.Td>{result.servingRight}</Table.Td>
                <Table.Td>{result.candidateRight}</Table.Td>
                <Table.Td data-change={Math.sign(points ?? 0)}>{signedText(points)}</Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </>
  )
}
