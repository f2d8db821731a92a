/** Where tokens are, in the API and among what was fetched. */
export const JOIN_TOKENS = "/api/join-tokens";
export const JOIN_TOKENS_KEY = ["join-tokens"];
export const API_TOKENS = "/api/tokens";
export const API_TOKENS_KEY = ["api-tokens"];
