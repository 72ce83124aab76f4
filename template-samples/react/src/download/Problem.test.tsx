import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { refusal, ServiceError, Unreachable } from "../api/errors";
import { Problem } from "./Problem";

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

const busy = (seconds: number) => new ServiceError(429, "RATE_LIMITED", "", seconds);
const button = () => screen.getByRole("button");
const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

it("counts down on the button, and reads nothing out meanwhile", async () => {
  render(<Problem error={busy(12)} again={() => undefined} />);
  const alert = screen.getByRole("alert");
  const told = alert.textContent;
  expect(button().textContent).toBe("Try again in 12 s");
  expect(alert.contains(button())).toBe(false);
  await wait(3_000);
  expect(button().textContent).toMatch(/^Try again in (8|9) s$/);
  expect(alert.textContent).toBe(told);
});

it("can be pressed from zero on, not before, and does not tick any more", async () => {
  const again = vi.fn();
  const user = userEvent.setup({ advanceTimers: (ms) => void vi.advanceTimersByTimeAsync(ms) });
  render(<Problem error={busy(3)} again={again} />);
  await user.click(button());
  expect(again).not.toHaveBeenCalled();
  await wait(5_000);
  expect(button().textContent).toBe("Try again");
  await user.click(button());
  expect(again).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

it("begins anew with another error, by its own time", async () => {
  const { rerender } = render(<Problem error={busy(5)} again={() => undefined} />);
  await wait(7_000);
  expect(button().textContent).toBe("Try again");
  rerender(<Problem error={busy(5)} again={() => undefined} />);
  expect(button().textContent).toBe("Try again in 5 s");
});

it.each([400, 403, 404, 409, 422])("offers no other try after a %i: the same is refused again", (status) => {
  render(<Problem error={new ServiceError(status, "X", "No.")} again={() => undefined} />);
  expect(screen.getByRole("alert").textContent).toContain("No.");
  expect(screen.queryByRole("button")).toBeNull();
});

it.each([
  new ServiceError(503, "SERVICE_UNAVAILABLE", ""),
  new ServiceError(429, "TOO_MANY_OPEN_JOBS", ""),
  new Unreachable(),
  new Error("config.json is missing"),
])("offers another try after %s", (error) => {
  render(<Problem error={error} again={() => undefined} />);
  expect(button().textContent).toBe("Try again");
});

it("names every id that the service refuses, the first few of many", async () => {
  const details = [1, 2, 3, 4, 5, 6, 7].map((id) => ({
    field: "file_ids",
    message: `${String(id)} is out of range`,
  }));
  const error = { code: "INVALID_REQUEST", message: "File ids lie between 10 and 20.", details };
  const told = await refusal(Response.json({ error, requestId: "r-1" }, { status: 422 }));
  render(<Problem error={told} again={() => undefined} />);
  expect(screen.getByRole("alert").textContent).toContain(
    "File ids lie between 10 and 20. 1 is out of range, 2 is out of range, 3 is out of range, " +
      "4 is out of range, 5 is out of range and 2 more.",
  );
});
