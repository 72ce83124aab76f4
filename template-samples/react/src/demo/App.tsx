import { useEffect, useState } from "react";

import { DownloadsProvider } from "../download/DownloadsProvider";
import { Problem } from "../download/Problem";
import { Header } from "./Header";
import { onSignedOut, opened as opening, type Opened } from "./opening";
import { SignInCard } from "./SignInCard";
import { useStored } from "./stored";
import { Workbench, type Picked } from "./Workbench";

/** Reads its settings, signs in, then shows the work; what was picked outlives a sign-in that ends. */
export function App() {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [user, setUser] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [endedEarly, setEndedEarly] = useState(false);
  const [picked, setPicked] = useStored<Picked>("picked", {
    ids: [],
    others: "",
    priority: "normal",
    zip: false,
  });
  const [jobs, setJobs] = useStored<string[]>("jobs", []);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    opening().then((found) => {
      setFailure(null);
      setOpened(found);
      setUser(found.user);
    }, setFailure);
  }, [attempt]);
  useEffect(
    () =>
      onSignedOut(() => {
        setUser(null);
        setEndedEarly(true);
      }),
    [],
  );

  const leave = async () => {
    await opened?.session.signOut();
    setEndedEarly(false);
    setUser(null);
    setJobs([]);
  };
  const enter = (name: string) => {
    setEndedEarly(false);
    setUser(name);
  };

  return (
    <>
      <Header user={user} onSignOut={opened?.session.kind === "none" ? undefined : () => void leave()} />
      <main>
        {failure ? <Problem error={failure} again={() => setAttempt(attempt + 1)} /> : null}
        {!opened && !failure && <p className="hint">Loading…</p>}
        {opened && user === null && (
          <SignInCard
            session={opened.session}
            again={endedEarly}
            kept={picked.ids.length}
            onSignedIn={enter}
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
