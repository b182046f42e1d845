export const providerNames = { google: "Google", github: "GitHub" } as const;

/** Why a login came back without one: ?error= of the callback. docs/social-login.md explains each. */
export const socialErrors: Record<string, string> = {
  over: "Your login is over. Please log in again.",
  denied: "You did not agree to the login.",
  no_verified_email: "That account has no verified e-mail address.",
  provider_error: "The provider did not answer as it should. Please try again.",
  state_mismatch: "The login took too long, or began elsewhere. Please try again.",
  disabled: "This account is disabled.",
  account_conflict: "The account with that address is linked to another identity.",
};
