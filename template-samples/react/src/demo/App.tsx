import { useCallback, useEffect, useState } from "react";

import { connect, type Service } from "../api/service";
import { DownloadsProvider } from "../download/DownloadsProvider";
import { Problem } from "../download/Problem";
import { loadConfig, type Config } from "./config";
import { Header } from "./Header";
import { openSession, type Session } from "./session";
import { SignInCard } from "./SignInCard";
import { useStored } from "./stored";
import { Workbench, type Picked } from "./Workbench";

interface Opened {
  config: Config;
  session: Session;
  service: Service;
}

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
  const lost = useCallback(() => {
    setUser(null);
    setEndedEarly(true);
  }, []);
  const open = useCallback(() => {
    setFailure(null);
    start(lost).then(({ user: name, ...rest }) => {
      setOpened(rest);
      setUser(name);
    }, setFailure);
  }, [lost]);
  useEffect(open, [open]);

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
        {failure ? <Problem error={failure} again={open} /> : null}
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

async function start(onSignedOut: () => void): Promise<Opened & { user: string | null }> {
  const config = await loadConfig();
  const { auth } = await connect(config.apiUrl, () => Promise.resolve(null)).root();
  const session = await openSession(auth, config.oidcClientId);
  const service = connect(config.apiUrl, () => session.token(), { onSignedOut });
  return { config, session, service, user: await session.resume() };
}
