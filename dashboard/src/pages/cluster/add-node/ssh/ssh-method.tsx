import { useQueryClient } from "@tanstack/react-query";
import { OPEN_JOBS_KEY } from "../../../../lib/jobs";
import { useUrlState } from "../../../../lib/url-state";
import { Choice } from "../../../../ui/choice";
import type { MethodProps } from "../add-node-dialog";
import { Earlier } from "../earlier";
import { DeployingJob } from "./deploying-job";
import { ManyForm } from "./many/many-form";
import { RetryManyForm } from "./many/retry-many-form";
import { FRESH, typedFrom } from "./order";
import { RetryForm } from "./retry-form";
import { SshForm } from "./ssh-form";
import styles from "./ssh-form.module.css";

const COUNTS = [
  { value: "one", label: "One machine" },
  { value: "many", label: "Many machines" },
];

/** The form, and once it is sent the job that it started; the address says which. */
export function SshMethod(props: MethodProps) {
  const [url, change] = useUrlState();
  const queries = useQueryClient();
  const deploying = (job: string) => {
    change({ job, again: null, like: null, many: null });
    void queries.invalidateQueries({ queryKey: OPEN_JOBS_KEY });
  };
  const rest = { ...props, onDeploying: deploying };
  const [job, again, like] = [url.get("job"), url.get("again"), url.get("like")];
  if (job) return <DeployingJob key={job} id={job} onClose={props.onClose} />;
  if (again) {
    const changeOrder = () => change({ again: null, like: again });
    return (
      <Earlier key={again} id={again}>
        {(earlier) =>
          earlier.kind === "deploy_many" ? (
            <RetryManyForm {...rest} job={earlier} />
          ) : (
            <RetryForm {...rest} job={earlier} onChangeOrder={changeOrder} />
          )
        }
      </Earlier>
    );
  }
  if (like) {
    return (
      <Earlier key={like} id={like}>
        {(earlier) => <SshForm {...rest} initial={typedFrom(earlier)} />}
      </Earlier>
    );
  }
  const many = url.get("many") !== null;
  const count = (
    <div className={styles.count}>
      <Choice
        label="How many"
        value={many ? "many" : "one"}
        options={COUNTS}
        onChange={(next) => props.onLeave(() => change({ many: next === "many" ? "1" : null }))}
      />
    </div>
  );
  return (
    <>
      {count}
      {many ? <ManyForm {...rest} /> : <SshForm {...rest} initial={FRESH} />}
    </>
  );
}
