import { useState, type FormEvent } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";

import { Problem } from "../download/Problem";
import type { Session, Step } from "./session";

interface Props {
  session: Session;
  /** The last sign-in ended by itself. */
  again: boolean;
  /** Why a sign-in that was under way came to nothing. */
  reason?: unknown;
  /** How many files stay picked meanwhile. */
  kept: number;
  onSignedIn(name: string): void;
}

export function SignInCard({ session, again, reason = null, kept, onSignedIn }: Props) {
  const [step, setStep] = useState<Step | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(reason);
  const [name, setName] = useState("");

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const given = new FormData(event.currentTarget);
    const text = (field: string) => String(given.get(field) ?? "");
    setBusy(true);
    setFailure(null);
    try {
      const next = step ? await session.answer(text("answer")) : await session.signIn(name, text("password"));
      if (next === "done") onSignedIn(name);
      else setStep(next);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="card sign-in" aria-labelledby="sign-in">
      <h2 id="sign-in" tabIndex={-1}>
        Sign in
      </h2>
      <p className="hint">
        {again ? "Your sign-in has ended. " : ""}
        {again && kept ? `What you picked is kept (${String(kept)}).` : "To see and start your downloads."}
      </p>
      <Form onSubmit={(event) => void submit(event)} aria-label="Sign in">
        {session.kind === "password" && !step && (
          <>
            <TextField name="username" value={name} onChange={setName} isRequired autoComplete="username">
              <Label>User name</Label>
              <Input />
            </TextField>
            <TextField name="password" type="password" isRequired autoComplete="current-password">
              <Label>Password</Label>
              <Input />
            </TextField>
          </>
        )}
        {step && (
          <TextField
            key={step}
            // What was asked for before is gone, and the focus with it.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            name="answer"
            type={step === "code" ? "text" : "password"}
            isRequired
            autoComplete={step === "code" ? "one-time-code" : "new-password"}
          >
            <Label>{step === "code" ? "Code" : "New password"}</Label>
            <Input />
          </TextField>
        )}
        {failure ? <Problem error={failure} title="You are not signed in." /> : null}
        <Button className="button primary" type="submit" aria-disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </Button>
      </Form>
    </section>
  );
}
