//! Our own records as feeds, texts and GitHub advisories, byte for byte.

use std::path::PathBuf;

use cve::convert::Target;

use super::{publisher, written};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told through the environment to write its transcripts anew"
)]
fn is_blessing() -> bool {
    std::env::var("CNA_BLESS").is_ok()
}

#[test]
fn our_records_are_written_as_before() {
    let targets = [
        (Target::Text, "txt"),
        (Target::Markdown, "md"),
        (Target::Html, "html"),
        (Target::Ghsa, "ghsa.json"),
        (Target::JsonFeed, "feed.json"),
        (Target::K8sFeed, "k8s-feed.json"),
        (Target::Atom, "atom"),
        (Target::Rss, "rss"),
    ];
    for name in ["published-full", "rejected-full"] {
        let record =
            std::fs::read_to_string(fixture(&format!("records/good/{name}.json"))).unwrap();
        for (target, suffix) in targets {
            let written = written(&record, target, &publisher()).unwrap().document;
            // The version of the program moves.
            let written = written.replace(env!("CARGO_PKG_VERSION"), "VERSION");
            let path = fixture(&format!("convert/{name}.{suffix}"));
            if is_blessing() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &written).unwrap();
            }
            let before = std::fs::read_to_string(&path).unwrap();
            assert_eq!(
                written,
                before,
                "{}: CNA_BLESS=1 writes it anew",
                path.display()
            );
        }
    }
}
