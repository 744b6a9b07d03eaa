import { visibleLine, visibleLines } from "../../model/visible_text";

/** One line of text from a trace: shown as it is, apart from what would deceive the reader. */
export function Text({ value, limit }: { value: string; limit?: number }) {
  return <bdi>{visibleLine(value, limit)}</bdi>;
}

/** Text from a trace that may have several lines. */
export function TextBlock(props: { value: string; label: string; limit?: number }) {
  const { value, label, limit } = props;
  return (
    <pre tabIndex={0} aria-label={label}>
      {visibleLines(value, limit)}
    </pre>
  );
}
