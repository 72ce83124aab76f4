import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { ServiceError } from "../api/errors";
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
