import { useEffect, useRef } from "preact/hooks";

/**
 * A line that says what the page shows. Those who listen hear it once for each question, not with
 * every trace that comes in; `said` is undefined while the answer is on its way.
 */
export function PageNote(props: {
  readonly question: string;
  readonly said: string | undefined;
  readonly meanwhile: string;
}) {
  const { question, said, meanwhile } = props;
  const heard = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (said !== undefined) heard.current = question;
  }, [question, said]);
  return (
    <p class="page-note" role="status" aria-live={heard.current === question ? "off" : "polite"}>
      {said ?? meanwhile}
    </p>
  );
}
