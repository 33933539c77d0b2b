import { Badge, type CSSVariablesResolver, createTheme } from '@mantine/core'

/** From text (first) to the page's background (last): greys with a little blue. */
const coolDark = [
  '#d6dae1',
  '#b1b8c3',
  '#8c94a2',
  '#5f6774',
  '#39404b',
  '#2b313a',
  '#1d2129',
  '#171a21',
  '#111419',
  '#0b0d11',
] as const

/** Small grey text that still has a contrast above 5 : 1 on a card. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': '#5c646e' },
  dark: { '--mantine-color-dimmed': '#98a1af' },
})

/** System fonts only: the page asks no other server for anything. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 6, dark: 5 },
  defaultRadius: 'md',
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Open Sans', sans-serif",
  fontFamilyMonospace:
    "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  colors: { dark: coolDark },
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({ styles: { root: { textTransform: 'none', fontWeight: 600 } } }),
  },
})
