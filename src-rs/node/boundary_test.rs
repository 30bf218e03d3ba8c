#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

/// The constants as TypeScript reads them.
fn generated() -> String {
    format!(
        "// Generated from src-rs/node/boundary.rs by `cargo test --features node`; set UPDATE_GENERATED=1 to write it anew.\n\n\
         /** What this TypeScript speaks with the addon. */\nexport const BOUNDARY_VERSION = {BOUNDARY_VERSION}\n\n\
         /** Kinds of messages in a delivery. */\nexport const DICTIONARY = {DICTIONARY}\nexport const BATCH = {BATCH}\nexport const METADATA = {METADATA}\n"
    )
}

#[test]
fn typescript_has_the_constants_of_this_addon() {
    // Where cargo runs this, not where it was built: a target folder may serve several checkouts.
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = std::path::Path::new(&root).join("src-ts/native/layout.generated.ts");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, generated()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), generated());
}
