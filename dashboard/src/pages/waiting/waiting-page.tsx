/** Agents that wait for a person, the longest first; answered where they stand. */
import { CircleHelp } from "lucide-react";
import { useSearchText } from "../../lib/use-search";
import { useWaiting } from "../../lib/waiting";
import { Empty } from "../../ui/empty";
import { ListBar } from "../../ui/list-bar";
import { Listing } from "../../ui/listing";
import { Page } from "../../ui/page";
import { Panel } from "../../ui/panel";
import { Questions } from "./questions";

export default function WaitingPage() {
  const [shown, words, search] = useSearchText();
  const { data, error, refetch } = useWaiting(words);
  return (
    <Page title="Waiting" summary="Agents that cannot go on without a person, the longest first">
      <ListBar label="Search questions" text={shown} onSearch={search} />
      <Listing
        what="The questions"
        rows={data?.waiting}
        error={error}
        onRetry={() => void refetch()}
        words={words}
        empty={
          <Empty icon={<CircleHelp size={20} aria-hidden="true" />} title="No agent waits for a person">
            An agent asks through its node: the question appears here, and the answer goes back to it.
          </Empty>
        }
      >
        {(waiting) => (
          <Panel title="Questions" count={waiting.length}>
            <Questions waiting={waiting} />
          </Panel>
        )}
      </Listing>
    </Page>
  );
}
