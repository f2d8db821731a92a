/** Where the waiting room is, in the API and among what was fetched. */
export const ROOM = "/api/waiting-room";
export const ROOM_KEY = ["waiting-room"];
