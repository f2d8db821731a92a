import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "./styles/tokens.css";
import "./styles/base.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { ApiError, whenSignedOut } from "./lib/api";
import { SESSION_KEY } from "./lib/session";
import { onNewsOfTabs } from "./lib/session-news";
import { startShortcuts } from "./lib/shortcuts";

const queries = new QueryClient({
  defaultOptions: {
    // Not only while the browser believes to be online: the control plane may be this machine, or the only thing near.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      retry: (tries, failure) =>
        tries < 2 && !(failure instanceof ApiError && failure.status >= 400 && failure.status < 500),
      refetchOnWindowFocus: false,
    },
  },
});

const askWhoWeAre = () => void queries.invalidateQueries({ queryKey: SESSION_KEY });
whenSignedOut(askWhoWeAre);
onNewsOfTabs(askWhoWeAre);
startShortcuts();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>,
  );
}
