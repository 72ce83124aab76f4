import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);
// jsdom lays nothing out; React Aria asks for these.
globalThis.CSS ??= { escape: (text: string) => text } as typeof CSS;
