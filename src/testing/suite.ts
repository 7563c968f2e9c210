/** What a suite needs of a test runner: mocha, vitest, jest and node:test have it. */
export interface SuiteRunner {
  describe(title: string, define: () => void): unknown;
  it(title: string, test: () => Promise<void>): unknown;
  before(prepare: () => Promise<void>): unknown;
  after(clean: () => Promise<void>): unknown;
}
