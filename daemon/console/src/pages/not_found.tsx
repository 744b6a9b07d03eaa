import { Text } from "../components/controls/text";
import { usePageTitle } from "../stores/use_page_title";

export function NotFoundPage({ address }: { address: string }) {
  usePageTitle("No such page");
  return (
    <section class="panel message">
      <h1>No such page</h1>
      <p>
        The console has no page at <Text value={address} />.
      </p>
      <a class="button" href="#/traces">
        Go to the traces
      </a>
    </section>
  );
}
