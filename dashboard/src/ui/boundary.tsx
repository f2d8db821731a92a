import { Component, type ReactNode } from "react";
import { Failed } from "./empty";
import { Page } from "./page";

interface BoundaryProps {
  /** Another place begins anew. */
  place: string;
  children: ReactNode;
}

interface BoundaryState {
  /** Where the failure was. */
  place: string;
  failure: Error | null;
}

/** A page that cannot be shown, as when its part of the program did not come, leaves all around it standing. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { place: this.props.place, failure: null };

  static getDerivedStateFromError(failure: Error) {
    return { failure };
  }

  static getDerivedStateFromProps({ place }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return place === state.place ? null : { place, failure: null };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return (
      <Page title="Not loaded">
        <Failed
          what="This page could not be shown"
          error={explained(failure)}
          retry="Reload"
          onRetry={() => location.reload()}
        />
      </Page>
    );
  }
}

/** What the browser says, and what to do about it; the words of browsers for a missing part of a program differ. */
function explained({ message }: Error): Error {
  const missing = /import|preload|module/i.test(message);
  const advice = missing ? "A newer version may be running, or the network was away." : "This is a fault of the page.";
  return new Error(`${advice} Loading it anew may help. (${message})`);
}
