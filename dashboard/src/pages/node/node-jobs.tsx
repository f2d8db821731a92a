import { useJobs } from "../../lib/jobs";
import { Empty } from "../../ui/empty";
import { JobList } from "../deployments/job-list";

/** Everything that was asked for on this node, newest first. */
export function NodeJobs({ nodeId }: { nodeId: string }) {
  const list = useJobs({ node: nodeId });
  return (
    <JobList
      list={list}
      words=""
      ofNode
      empty={
        <Empty title="Nothing was asked for on this node yet">Deploys, restarts and pings leave a job here.</Empty>
      }
    />
  );
}
