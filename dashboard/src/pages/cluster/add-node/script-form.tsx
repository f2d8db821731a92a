import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../../lib/api";
import { useForbidden } from "../../../lib/session";
import type { JoinToken } from "../../../lib/types";
import { useNode } from "../../../lib/use-fleet";
import { Button } from "../../../ui/button";
import { DialogBody, DialogFooter } from "../../../ui/dialog";
import { CheckField, Field, FormFailure } from "../../../ui/field";
import { JOIN_TOKENS } from "../../tokens/paths";
import type { MethodProps } from "./add-node-dialog";
import { isNodeId, nodeIdFrom } from "./registration";
import { ScriptCommand } from "./script-command";
import styles from "./script-form.module.css";

const MINUTES = 15;

/** One line to run on the machine: it fetches the daemon and joins with a token that counts once. */
export function ScriptForm({ onClose }: MethodProps) {
  const [typed, setTyped] = useState("");
  const [replace, setReplace] = useState(false);
  const nodeId = isNodeId(typed.trim()) ? typed.trim() : nodeIdFrom(typed);
  const taken = useNode(nodeId) !== undefined;
  const forbidden = useForbidden("operator");
  const make = useMutation({
    mutationFn: () => {
      const note = `Setup script for ${nodeId}`;
      const body = { namePattern: nodeId, expiresInMinutes: MINUTES, note, replace: taken && replace };
      return api<JoinToken>(JOIN_TOKENS, { method: "POST", body });
    },
    gcTime: 0,
  });
  if (make.data) {
    return (
      <ScriptCommand token={make.data} onAgain={() => make.mutate()} renewing={make.isPending} onClose={onClose} />
    );
  }
  const ready = isNodeId(nodeId) && (!taken || replace);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) make.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <p className={styles.intro}>
          You get one line to run on the machine. It fetches the daemon from here and joins with a token that counts
          once, for {MINUTES} minutes.
        </p>
        <Field
          label="Node name"
          required
          value={typed}
          onChange={setTyped}
          hint={
            isNodeId(nodeId) ? (
              <>
                Its node ID will be <code>{nodeId}</code>.
              </>
            ) : (
              "Such as gpu-rig-03."
            )
          }
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
        />
        {taken && (
          <CheckField
            label={`Take the place of ${nodeId}`}
            checked={replace}
            onChange={setReplace}
            hint="A node with this ID is there already. The machine that runs the line becomes that node; the old one is refused."
          />
        )}
        <FormFailure error={make.error} />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={make.isPending}
          disabled={!ready || forbidden !== undefined}
          title={forbidden}
        >
          Make the line
        </Button>
      </DialogFooter>
    </form>
  );
}
