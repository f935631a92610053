/** Whom a LeaveGroup request lets go. */
export interface Leaver {
  /** Empty to go by the instance id alone, as administrators do. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}
