import { Component, type ReactNode } from "react";
import { Failed } from "./empty";
import { Page } from "./page";

interface BoundaryProps {
  /** Another place begins anew. */
  place: string;
  children: ReactNode;
}

/** A page that cannot be shown, as when its part of the program did not come, leaves all around it standing. */
export class Boundary extends Component<BoundaryProps, { failure: Error | null }> {
  override state = { failure: null };

  static getDerivedStateFromError(failure: Error) {
    return { failure };
  }

  override componentDidUpdate({ place }: BoundaryProps): void {
    if (place !== this.props.place && this.state.failure) this.setState({ failure: null });
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    const error = new Error(
      "A newer version may be running, or the network was away. Loading it anew helps in both cases.",
    );
    return (
      <Page title="Not loaded">
        <Failed what="This page could not be shown" error={error} retry="Reload" onRetry={() => location.reload()} />
      </Page>
    );
  }
}
