//! Links the executables at a fixed address.
//!
//! The dynamic loader mends 85,000 pointers of a position independent `cna`
//! before `main`, which writes to 370 pages and takes longer than checking a
//! record does. See docs/decisions/fixed-address.md.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script is told what it builds by variables alone"
)]

use std::env::var;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |key: &str, value: &str| var(key).is_ok_and(|found| found == value);
    let is_static = var("CARGO_CFG_TARGET_FEATURE")
        .is_ok_and(|features| features.split(',').any(|feature| feature == "crt-static"));
    // A static executable is linked by other rules; other systems want it
    // position independent.
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !is_static {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
