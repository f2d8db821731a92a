import { MoreHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button";
import { Menu } from "./menu";

interface RowMenuProps {
  /** Whom or what its items act on. */
  of: string;
  /** Why nothing can be done here. */
  forbidden?: string;
  children: ReactNode;
}

/** What can be done to one row of a list. */
export function RowMenu({ of, forbidden, children }: RowMenuProps) {
  const button = (
    <Button
      kind="ghost"
      compact
      icon={<MoreHorizontal size={15} />}
      aria-label={`Actions for ${of}`}
      disabled={forbidden !== undefined}
      title={forbidden}
    />
  );
  return forbidden === undefined ? <Menu trigger={button}>{children}</Menu> : button;
}
