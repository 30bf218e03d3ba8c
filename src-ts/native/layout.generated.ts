// Generated from src-rs/node/boundary.rs by `cargo test --features node`; set UPDATE_GENERATED=1 to write it anew.

/** What this TypeScript speaks with the addon. */
export const BOUNDARY_VERSION = 9

/** Kinds of messages in a delivery. */
export const DICTIONARY = 1
export const BATCH = 2
export const METADATA = 3
