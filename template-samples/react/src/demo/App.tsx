import { useEffect, useEffectEvent, useState } from "react";

import { DownloadsProvider } from "../download/DownloadsProvider";
import { Problem } from "../download/Problem";
import { Header } from "./Header";
import { onSignedOut, opened as opening, type Opened } from "./opening";
import { SignInCard } from "./SignInCard";
import { useStored } from "./stored";
import { useFocusOnNext } from "./useFocusOnNext";
import { Workbench, type Picked } from "./Workbench";

const NOTHING: Picked = { ids: [], others: "", priority: "normal", zip: false };

/** Reads its settings, signs in, then shows the work; what was picked outlives a sign-in that ends. */
export function App() {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [user, setUser] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [endedEarly, setEndedEarly] = useState(false);
  const [picked, setPicked] = useStored<Picked>("picked", NOTHING);
  const [jobs, setJobs] = useStored<string[]>("jobs", []);
  const [last, setLast] = useStored<string | null>("last", null);
  const [attempt, setAttempt] = useState(0);
  const [main, refocus] = useFocusOnNext(user);
  const forget = () => {
    setPicked(NOTHING);
    setJobs([]);
  };
  /** What was picked outlives a sign-in that ends, but is nobody else's. */
  const welcome = (name: string) => {
    if (last !== null && last !== name) forget();
    setLast(name);
    setFailure(null);
    setEndedEarly(false);
    setUser(name);
  };
  const resumed = useEffectEvent((name: string) => welcome(name));
  useEffect(() => {
    opening().then((found) => {
      setFailure(null);
      setOpened(found);
      if (found.user !== null) resumed(found.user);
    }, setFailure);
  }, [attempt]);
  useEffect(
    () =>
      onSignedOut(() => {
        refocus();
        setUser(null);
        setEndedEarly(true);
      }),
    [refocus],
  );

  const enter = (name: string) => {
    refocus();
    welcome(name);
  };
  const leave = async () => {
    refocus();
    setEndedEarly(false);
    setUser(null);
    forget();
    // Signed out here in any case; that the issuer could not be told is worth a word.
    await opened?.session.signOut().catch(setFailure);
  };

  return (
    <>
      <Header user={user} onSignOut={opened?.session.kind === "none" ? undefined : () => void leave()} />
      <main ref={main}>
        {failure ? (
          <Problem error={failure} again={opened ? undefined : () => setAttempt(attempt + 1)} />
        ) : null}
        {!opened && !failure && <p className="hint">Loading…</p>}
        {opened && user === null && (
          <SignInCard
            session={opened.session}
            again={endedEarly}
            kept={picked.ids.length}
            onSignedIn={enter}
            reason={opened.failure}
          />
        )}
        {opened && user !== null && (
          <DownloadsProvider service={opened.service}>
            <Workbench
              catalogue={opened.config.files}
              picked={picked}
              onPick={setPicked}
              jobs={jobs}
              onJobs={setJobs}
            />
          </DownloadsProvider>
        )}
      </main>
    </>
  );
}
