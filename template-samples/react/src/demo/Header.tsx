import { Moon, Sun } from "lucide-react";
import { Button, ToggleButton } from "react-aria-components";

import { useDarkTheme } from "./theme";

export function Header({ user, onSignOut }: { user: string | null; onSignOut?: () => void }) {
  const [dark, setDark] = useDarkTheme();
  return (
    <header className="page-head">
      <h1>
        <img src="./icon.svg" alt="" width={28} height={28} />
        Downloads
      </h1>
      <div className="page-tools">
        {user && <span className="who">Signed in as {user}</span>}
        {user !== null && onSignOut && (
          <Button className="button quiet" onPress={onSignOut}>
            Sign out
          </Button>
        )}
        <ToggleButton className="icon-button" aria-label="Dark theme" isSelected={dark} onChange={setDark}>
          {dark ? <Sun aria-hidden size={18} /> : <Moon aria-hidden size={18} />}
        </ToggleButton>
      </div>
    </header>
  );
}
