/** What lifeguard found of something that a backend depends on. */
export interface DependencyAnswer {
  readonly up: boolean;
  /** What was seen, for people. Never holds a password. */
  readonly detail: string;
}
