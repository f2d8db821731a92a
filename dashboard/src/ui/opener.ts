/** What opened a dialog, so that the focus finds back to it. */
import { focusHeading } from "./page";

const WATCHED_MS = 10_000;

/** The element that has the focus; for an item of a menu, which goes away, the button of that menu. */
export function openerNow(): HTMLElement | null {
  const focused = document.activeElement;
  const menu = focused?.closest('[role="menu"]');
  const opener = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : focused;
  return opener instanceof HTMLElement && opener !== document.body ? opener : null;
}

/** The heading of the page takes the focus when the opener is gone. */
export function focusOpener(opener: HTMLElement | null): void {
  if (opener?.isConnected) {
    opener.focus();
    focusNextWhenGone(opener);
  } else if (document.activeElement === document.body) focusHeading();
}

/** A removed row goes a moment after its dialog: then the focus moves to the menu of the next row, or to the heading. */
function focusNextWhenGone(opener: HTMLElement): void {
  const next = menusAfter(opener);
  const observer = new MutationObserver(() => {
    if (opener.isConnected) return;
    observer.disconnect();
    if (document.activeElement !== document.body) return;
    const there = next.find(({ isConnected }) => isConnected);
    if (there) there.focus();
    else focusHeading();
  });
  observer.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), WATCHED_MS);
}

function menusAfter(opener: HTMLElement): HTMLElement[] {
  const menus = [...document.querySelectorAll<HTMLElement>('main [aria-haspopup="menu"]')];
  const place = menus.indexOf(opener);
  return place < 0 ? [] : menus.slice(place + 1);
}
