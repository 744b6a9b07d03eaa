import { Text } from "../controls/text";

export function BadTraceId({ id }: { id: string }) {
  return (
    <section class="panel message" role="alert">
      <h1>This is no trace ID</h1>
      <p>
        <Text value={id} limit={100} />
      </p>
      <p>
        A trace ID is <code>1-</code>, 8 hexadecimal digits, <code>-</code> and 24 more, or the 32
        digits of a W3C trace ID.
      </p>
      <a class="button" href="#/traces">
        Go to the traces
      </a>
    </section>
  );
}
