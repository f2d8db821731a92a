import { useFleet } from "../../lib/use-fleet";
import { Page } from "../../ui/page";

export default function ClusterPage() {
  const fleet = useFleet();
  return (
    <Page title="Cluster">
      <ul>
        {[...fleet.nodes.values()].map((node) => (
          <li key={node.id}>
            {node.name} {node.status}
          </li>
        ))}
      </ul>
    </Page>
  );
}
