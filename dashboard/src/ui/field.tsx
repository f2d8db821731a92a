import { type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes, useId } from "react";
import { classes } from "./classes";
import styles from "./field.module.css";

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> {
  label: string;
  value: string;
  onChange(value: string): void;
  hint?: ReactNode;
  /** What is wrong with the value: one sentence. */
  error?: string;
  /** Share of a row that is split between fields. */
  wide?: boolean;
  inputRef?: Ref<HTMLInputElement>;
}

/** A label, an input, a hint and its error, tied together for readers. */
export function Field({ label, value, onChange, hint, error, wide, required, inputRef, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className={classes(styles.field, wide && styles.wide)}>
      <label htmlFor={id} className={styles.label}>
        {label}
        {required && <span className={styles.required}>required</span>}
      </label>
      <input
        ref={inputRef}
        id={id}
        className={styles.input}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-required={required}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint || error ? `${id}-note` : undefined}
        {...rest}
      />
      <FieldNote id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

interface TextAreaFieldProps extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "onChange" | "value"> {
  label: string;
  value: string;
  onChange(value: string): void;
  hint?: ReactNode;
  error?: string;
}

/** The same for a text of some lines. */
export function TextAreaField({ label, value, onChange, hint, error, required, ...rest }: TextAreaFieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
        {required && <span className={styles.required}>required</span>}
      </label>
      <textarea
        id={id}
        className={classes(styles.input, styles.lines)}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-required={required}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint || error ? `${id}-note` : undefined}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        {...rest}
      />
      <FieldNote id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

interface SelectFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  options: readonly { value: string; label: string }[];
  hint?: ReactNode;
}

export function SelectField({ label, value, onChange, options, hint }: SelectFieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <select
        id={id}
        className={styles.input}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={hint ? `${id}-note` : undefined}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <FieldNote id={`${id}-note`} hint={hint} />
    </div>
  );
}

/** Fields side by side; below each other on a phone. */
export function FieldRow({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

interface CheckFieldProps {
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
  hint?: ReactNode;
}

export function CheckField({ label, checked, onChange, hint }: CheckFieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={checked}
          onChange={(event) => onChange(event.target.checked)}
          aria-describedby={hint ? `${id}-note` : undefined}
        />
        {label}
      </label>
      <FieldNote id={`${id}-note`} hint={hint} />
    </div>
  );
}

/** Why what was sent was not taken: one sentence. */
export function FormFailure({ error }: { error: Error | null }) {
  return error ? (
    <p role="alert" className={styles.error}>
      {error.message}
    </p>
  ) : null;
}

function FieldNote({ id, hint, error }: { id: string; hint?: ReactNode; error?: string }) {
  if (!hint && !error) return null;
  return (
    <div id={id} className={classes(styles.note, error && styles.error)}>
      {error ?? hint}
    </div>
  );
}
