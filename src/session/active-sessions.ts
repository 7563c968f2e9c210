/** A member of the list below, which keeps its neighbours in it. */
export interface ActiveSession {
  previousActive: ActiveSession | undefined;
  nextActive: ActiveSession | undefined;
}

/** A session that an application which closes waits for, and gives up in the end. */
export interface EndingSession extends ActiveSession {
  /** Frees what it holds; nothing is written any more. */
  abandon(): Promise<void>;
}

/**
 * The sessions of an application that may still hold something. A list of neighbours rather than a `Set`: the tables of a
 * set that sees thousands of members a second are replaced all the time, and each old one keeps whoever was in it alive,
 * with request and response, until the next full collection. That was a seventh of the processor time of a request.
 */
export class ActiveSessions<Member extends ActiveSession> {
  #first: ActiveSession | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(member: Member): boolean {
    return member.previousActive !== undefined || this.#first === member;
  }

  add(member: Member): void {
    if (this.has(member)) return;
    member.nextActive = this.#first;
    if (this.#first !== undefined) this.#first.previousActive = member;
    this.#first = member;
    this.#size++;
  }

  delete(member: Member): void {
    if (!this.has(member)) return;
    const { previousActive, nextActive } = member;
    if (previousActive === undefined) this.#first = nextActive;
    else previousActive.nextActive = nextActive;
    if (nextActive !== undefined) nextActive.previousActive = previousActive;
    member.previousActive = undefined;
    member.nextActive = undefined;
    this.#size--;
  }

  /** Who is there now; members may leave meanwhile. */
  all(): Member[] {
    const members: Member[] = [];
    for (let each = this.#first; each !== undefined; each = each.nextActive) members.push(each as Member);
    return members;
  }
}
