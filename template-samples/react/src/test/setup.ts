import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);
// jsdom lays nothing out; React Aria asks for these.
globalThis.CSS ??= { escape: (text: string) => text } as typeof CSS;

// A busy machine takes more than the second that is usual to find something by its role.
configure({ asyncUtilTimeout: 10_000 });
