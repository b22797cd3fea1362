/** Lets promises and effects that are due run. */
export const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));
