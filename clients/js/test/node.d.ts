/** The part of Node that the tests use. */

declare module "node:test" {
  export function test(name: string, run: () => void | Promise<void>): void;
}

declare module "node:assert/strict" {
  const assert: {
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    ok(actual: unknown, message?: string): asserts actual;
    rejects(promise: Promise<unknown>, expected?: unknown): Promise<void>;
    throws(run: () => unknown, expected?: unknown): void;
  };
  export default assert;
}
