/** An empty program: what the runtime itself costs before anybody's first line. */
export {};
