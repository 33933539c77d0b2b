/** A drawing of strokes on a grid of 24; says nothing to a screen reader. */
export function StrokeIcon(props: { readonly path: string; readonly sizePx: number }) {
  return (
    <svg
      width={props.sizePx}
      height={props.sizePx}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={props.sizePx < 18 ? 2.6 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      <path d={props.path} />
    </svg>
  )
}
