import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { FakeService } from "../test/fakes";
import type { Opened } from "./opening";
import type { Session } from "./session";

class FakeSession implements Session {
  readonly kind = "password" as const;
  fault: Error | null = null;
  resume = async () => "ada";
  signIn = async () => "done" as const;
  answer = async () => "done" as const;
  token = async () => null;
  signOut = async () => {
    if (this.fault) throw this.fault;
  };
}

let found: Opened;
vi.mock("./opening", () => ({ opened: async () => found, onSignedOut: () => () => undefined }));

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({
    matches: false,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
  }));
  const session = new FakeSession();
  const files = [{ id: 1, name: "Price list" }];
  found = { config: { apiUrl: "https://api", files }, session, service: new FakeService(), user: "ada" };
});
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

async function shown() {
  const { App } = await import("./App");
  render(<App />);
  return userEvent.setup();
}

it("leaves nothing of somebody's to the next person", async () => {
  const user = await shown();
  await user.type(await screen.findByLabelText("Other file ids"), "70000");
  await user.click(screen.getByRole("button", { name: "Sign out" }));
  await user.type(await screen.findByLabelText("User name"), "bo");
  await user.type(screen.getByLabelText("Password"), "secret");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect((await screen.findByLabelText<HTMLInputElement>("Other file ids")).value).toBe("");
});

it("puts the focus on the heading of what signing in and out bring, and takes it from nobody at start", async () => {
  const user = await shown();
  const leave = await screen.findByRole("button", { name: "Sign out" });
  expect(document.activeElement).toBe(document.body);
  await user.click(leave);
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Sign in" }));
  await user.tab();
  await user.keyboard("bo");
  await user.tab();
  await user.keyboard("x{Enter}");
  expect(document.activeElement).toBe(await screen.findByRole("heading", { name: "Pick files" }));
});

it("puts the focus into the field that asks for a code", async () => {
  found = { ...found, user: null, session: Object.assign(new FakeSession(), { signIn: async () => "code" }) };
  const user = await shown();
  await user.type(await screen.findByLabelText("User name"), "bo");
  await user.type(screen.getByLabelText("Password"), "x{Enter}");
  expect(document.activeElement).toBe(await screen.findByLabelText("Code"));
});

it("forgets what another person had picked when a sign-in ended by itself", async () => {
  sessionStorage.setItem("last", JSON.stringify("bo"));
  sessionStorage.setItem(
    "picked",
    JSON.stringify({ ids: [], others: "70000", priority: "normal", zip: false }),
  );
  await shown();
  expect((await screen.findByLabelText<HTMLInputElement>("Other file ids")).value).toBe("");
});

it("signs out here even where that cannot be told, and says so", async () => {
  (found.session as FakeSession).fault = new Error("no answer");
  const user = await shown();
  await user.click(await screen.findByRole("button", { name: "Sign out" }));
  expect(await screen.findByRole("form", { name: "Sign in" })).toBeTruthy();
  expect((await screen.findByRole("alert")).textContent).toContain("no answer");
});

it("says why a sign-in came to nothing", async () => {
  found = { ...found, user: null, failure: new Error("access_denied") };
  await shown();
  expect((await screen.findByRole("alert")).textContent).toContain("access_denied");
});

it("works on where nothing can be kept for a reload", async () => {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  await shown();
  expect(await screen.findByRole("heading", { name: "Pick files" })).toBeTruthy();
});
