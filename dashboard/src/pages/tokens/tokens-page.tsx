/** Access > Tokens: what machines join with, and what scripts call the API with. */
import { useUrlState } from "../../lib/url-state";
import { Page } from "../../ui/page";
import { Tabs } from "../../ui/tabs";
import { ApiTokens } from "./api-tokens";
import { JoinTokens } from "./join-tokens";
import styles from "./tokens-page.module.css";

const JOIN = "join";
const API = "api";

export default function TokensPage() {
  const [url, change] = useUrlState();
  return (
    <Page title="Tokens" summary="What machines join with, and what scripts call the API with">
      <Tabs
        label="Kind of token"
        current={url.get("kind") === API ? API : JOIN}
        onChange={(kind) => change({ kind: kind === JOIN ? null : kind, q: null })}
        tabs={[
          {
            id: JOIN,
            title: "Join tokens",
            content: (
              <div className={styles.tab}>
                <JoinTokens />
              </div>
            ),
          },
          {
            id: API,
            title: "API tokens",
            content: (
              <div className={styles.tab}>
                <ApiTokens />
              </div>
            ),
          },
        ]}
      />
    </Page>
  );
}
