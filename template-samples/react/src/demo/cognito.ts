import { Amplify } from "aws-amplify";
import {
  confirmSignIn,
  fetchAuthSession,
  getCurrentUser,
  signIn,
  signOut,
  type SignInOutput,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { ConsoleLogger, sessionStorage } from "aws-amplify/utils";

import { SignedOut, Unreachable } from "../api/errors";
import type { SignIn } from "../api/types";
import type { Session, Step } from "./session";

/** A Cognito user pool by its API: the service's pool has no hosted page. */
export function cognito(auth: SignIn): Session {
  const userPoolId = auth.issuer?.split("/").pop() ?? "";
  // That the pool has an address of its own is what the service says; Amplify warns of it on the console.
  if (auth.endpoint) ConsoleLogger.LOG_LEVEL = "ERROR";
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId,
        userPoolClientId: auth.clientId ?? "",
        // A local pool is at an address of its own; without a slash at its end, as Amplify adds one.
        userPoolEndpoint: auth.endpoint?.replace(/\/$/, ""),
      },
    },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(sessionStorage);
  return {
    kind: "password",
    resume: () =>
      getCurrentUser().then(
        (user) => user.username,
        (error: unknown) => {
          if (nameOf(error) === "NetworkError") throw new Unreachable("The sign-in cannot be reached.");
          return null;
        },
      ),
    signIn: async (username, password) => {
      await signOut().catch(() => undefined);
      return step(await signIn({ username, password, options: { authFlowType: "USER_PASSWORD_AUTH" } }));
    },
    answer: async (text) => step(await confirmSignIn({ challengeResponse: text })),
    signOut: () => signOut(),
    token: async (refused) => {
      const held = await accessToken();
      const token = held && held === refused ? await accessToken(true) : held;
      if (!token) throw new SignedOut("Your sign-in has ended.");
      return token;
    },
  };
}

/** Undefined where renewing was refused. Amplify renews once for all that wait; it throws of a network that is
 * not there, too. */
async function accessToken(forceRefresh = false): Promise<string | undefined> {
  const { tokens } = await fetchAuthSession({ forceRefresh }).catch((error: unknown) => {
    if (REFUSALS.some((name) => nameOf(error).startsWith(name))) return { tokens: undefined };
    throw error;
  });
  return tokens?.accessToken.toString();
}

/** What Cognito answers to a refresh token that it will never take again. */
const REFUSALS = [
  "NotAuthorizedException",
  "TokenRevokedException",
  "UserNotFoundException",
  "PasswordResetRequiredException",
  "UserNotConfirmedException",
  "RefreshTokenReuseException",
];

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

function step({ nextStep }: Pick<SignInOutput, "nextStep">): Step {
  switch (nextStep.signInStep) {
    case "DONE":
      return "done";
    case "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED":
      return "newPassword";
    case "CONFIRM_SIGN_IN_WITH_TOTP_CODE":
    case "CONFIRM_SIGN_IN_WITH_SMS_CODE":
    case "CONFIRM_SIGN_IN_WITH_EMAIL_CODE":
      return "code";
    default:
      throw new Error(`This page cannot answer what the sign-in asks for (${nextStep.signInStep}).`);
  }
}
