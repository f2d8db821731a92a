import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, api, CLUSTER, download } from "../../../lib/api";
import { useForbidden } from "../../../lib/session";
import type { Job, Setup, SetupMade } from "../../../lib/types";
import { useUrlState } from "../../../lib/url-state";
import { useNode } from "../../../lib/use-fleet";
import { Button } from "../../../ui/button";
import { DialogBody, DialogFooter } from "../../../ui/dialog";
import { CheckField, Field, FieldRow, FormFailure, SelectField, TextAreaField } from "../../../ui/field";
import { toast } from "../../../ui/toast";
import type { MethodProps } from "./add-node-dialog";
import { Earlier } from "./earlier";
import { isNodeId, nodeIdFrom } from "./registration";
import { ScriptCommand, type Shown } from "./script-command";
import styles from "./script-form.module.css";
import { type Faults, faultOf, runtimeOf, words } from "./ssh/order";

const MINUTES = 15;
const BUNDLE_MINUTES = 1440; // it has a way to go
const FORMS: readonly { value: Shown | "bundle"; label: string }[] = [
  { value: "line", label: "One line" },
  { value: "script", label: "The script, to copy" },
  { value: "bundle", label: "Offline bundle" },
];
const PLATFORMS = [
  { value: "x64", label: "x86-64" },
  { value: "arm64", label: "ARM 64" },
];

const FRESH = { name: "", nodePort: "3101", agents: "", capabilities: "", form: "line", platform: "x64" };

/** Something to run on the machine itself: the steps of a deploy over SSH, without SSH. */
export function ScriptMethod(props: MethodProps) {
  const [url] = useUrlState();
  const like = url.get("like");
  if (!like) return <ScriptForm {...props} />;
  return (
    <Earlier key={like} id={like}>
      {(earlier) => <ScriptForm {...props} earlier={earlier} />}
    </Earlier>
  );
}

/** `earlier`: the deploy of a node that is to be set up anew; it keeps its id. */
function ScriptForm({ onClose, earlier }: MethodProps & { earlier?: Job }) {
  const [typed, setTyped] = useState(earlier ? typedLike(earlier) : FRESH);
  const [replace, setReplace] = useState(earlier !== undefined);
  const [token, setToken] = useState(true);
  const name = typed.name.trim();
  const nodeId = earlier?.nodeId || (isNodeId(name) ? name : nodeIdFrom(name));
  const taken = useNode(nodeId) !== undefined;
  const runtime = runtimeOf(earlier?.target.runtime);
  const forbidden = useForbidden("operator");
  const isBundle = typed.form === "bundle";
  const order: Setup = {
    nodeId,
    name,
    agents: words(typed.agents),
    capabilities: words(typed.capabilities),
    nodePort: Number(typed.nodePort),
    workerHost: earlier?.target.workerHost,
    replace: taken && replace,
    expiresInMinutes: isBundle ? BUNDLE_MINUTES : MINUTES,
  };
  const make = useMutation({
    mutationFn: () => api<SetupMade>(`${CLUSTER}/setups`, { method: "POST", body: { ...order, runtime } }),
    gcTime: 0,
  });
  const fetchBundle = useMutation({
    mutationFn: () =>
      download(
        `${CLUSTER}/setups/bundle`,
        { ...order, platform: typed.platform, withToken: token },
        `muster-${nodeId}.tar`,
      ),
    onSuccess: () => {
      toast({ tone: "ok", text: `The bundle for ${nodeId} is downloaded: unpack it there and run sh install.sh` });
      onClose();
    },
  });
  if (make.data) {
    const shown = typed.form === "script" ? "script" : "line";
    return (
      <ScriptCommand
        made={make.data}
        madeAt={make.submittedAt}
        shown={shown}
        onAgain={() => make.mutate()}
        renewing={make.isPending}
        onClose={onClose}
      />
    );
  }
  const asked = isBundle ? fetchBundle : make;
  const faults: Faults = asked.error instanceof ApiError ? asked.error.fields : {};
  const ready = isNodeId(nodeId) && (!taken || replace || (isBundle && !token));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) asked.mutate();
  };
  const field = (key: keyof typeof FRESH) => ({
    value: typed[key],
    onChange: (value: string) => setTyped({ ...typed, [key]: value }),
    error: faultOf(faults, key),
    spellCheck: false,
    autoCapitalize: "off",
    autoComplete: "off",
  });
  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <p className={styles.intro}>
          {isBundle
            ? "One archive for a machine without a way to here. Unpack it there and run sh install.sh."
            : `Run it on the machine, as the user who shall own the agents. It does what a deploy over SSH does, with a token that counts once, for ${MINUTES} minutes.`}
        </p>
        <FieldRow>
          <Field
            {...field("name")}
            label="Node name"
            required
            wide
            hint={
              isNodeId(nodeId) ? (
                <>
                  Its node ID {earlier ? "stays" : "will be"} <code>{nodeId}</code>.
                </>
              ) : (
                "Such as gpu-rig-03."
              )
            }
          />
          <SelectField
            label="What to run"
            value={typed.form}
            options={FORMS}
            onChange={(form) => setTyped({ ...typed, form })}
          />
        </FieldRow>
        <TextAreaField
          {...field("agents")}
          label="Agents"
          rows={2}
          hint="Their IDs, one per line or apart by commas."
        />
        <FieldRow>
          <Field {...field("capabilities")} label="Capabilities" wide hint="Such as gpu, browser." />
          <Field
            {...field("nodePort")}
            label="Node port"
            inputMode="numeric"
            hint="Of the daemon; its agents take the next ones."
          />
          {isBundle && (
            <SelectField
              label="Its processor"
              value={typed.platform}
              options={PLATFORMS}
              onChange={(platform) => setTyped({ ...typed, platform })}
            />
          )}
        </FieldRow>
        {isBundle && (
          <CheckField
            label="With a join token"
            checked={token}
            onChange={setToken}
            hint="It counts once, for 24 hours. Without it nothing in the bundle is secret; put a token into the file join-token on the machine."
          />
        )}
        {taken && (
          <CheckField
            label={`Take the place of ${nodeId}`}
            checked={replace}
            onChange={setReplace}
            hint="A node with this ID is there already. The machine that runs the script becomes that node; the old one is refused."
          />
        )}
        <FormFailure error={asked.error} />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          kind="primary"
          busy={asked.isPending}
          disabled={!ready || forbidden !== undefined}
          title={forbidden}
        >
          {isBundle ? "Download the bundle" : typed.form === "script" ? "Make the script" : "Make the line"}
        </Button>
      </DialogFooter>
    </form>
  );
}

function typedLike({ nodeId, target }: Job): typeof FRESH {
  return {
    ...FRESH,
    name: target.name || nodeId || "",
    nodePort: String(target.nodePort ?? FRESH.nodePort),
    agents: (target.agents ?? []).join("\n"),
    capabilities: (target.capabilities ?? []).join(", "),
    form: target.origin === "bundle" ? "bundle" : FRESH.form,
  };
}
