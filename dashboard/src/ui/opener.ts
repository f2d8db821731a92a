/** What opened a dialog, so that the focus finds back to it. */
import { focusHeading } from "./page";

/** The element that has the focus; for an item of a menu, which goes away, the button of that menu. */
export function openerNow(): HTMLElement | null {
  const focused = document.activeElement;
  const menu = focused?.closest('[role="menu"]');
  const opener = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : focused;
  return opener instanceof HTMLElement && opener !== document.body ? opener : null;
}

/** The heading of the page takes the focus when the opener is gone, for example with its row. */
export function focusOpener(opener: HTMLElement | null): void {
  if (opener?.isConnected) opener.focus();
  else if (document.activeElement === document.body) focusHeading();
}
