/** What a function or a listener of the user has thrown. */
export class UsersFailure extends Error {}
