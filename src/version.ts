/** Version of this package, as in `package.json`; written into models and checkpoints. */
export const VERSION = "0.1.0";
