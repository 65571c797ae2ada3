//! `--fix`: safe mends, shown as a diff and written in one step.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cve::check::Kind;
use cve::lint::{self, Settings};
use similar::TextDiff;

/// A document after its safe mends, and what they changed.
pub(crate) struct Mended {
    pub(crate) bytes: Vec<u8>,
    pub(crate) count: usize,
    pub(crate) diff: String,
}

/// Mends a document; `None` when nothing is to be mended.
pub(crate) fn mend(name: &str, kind: Kind, bytes: &[u8], settings: &Settings) -> Option<Mended> {
    // The names in the settings were looked up when they were read.
    let fixed = lint::fix(kind, bytes, settings).ok()?;
    if fixed.mends.is_empty() || fixed.bytes == bytes {
        return None;
    }
    let diff = diff(name, bytes, &fixed.bytes);
    Some(Mended {
        bytes: fixed.bytes,
        count: fixed.mends.len(),
        diff,
    })
}

/// A unified diff, which `patch` and `git apply` take.
fn diff(name: &str, before: &[u8], after: &[u8]) -> String {
    let (before, after) = (
        String::from_utf8_lossy(before),
        String::from_utf8_lossy(after),
    );
    let name = super::text::shown(name.trim_start_matches('/'));
    TextDiff::from_lines(before.as_ref(), after.as_ref())
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string()
}

/// Puts `bytes` in the place of a file: whoever reads it sees the old text or
/// the new one, never a part. A link is followed, and the file keeps its
/// permissions.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = &path.canonicalize()?;
    let beside = beside(path);
    let written = write_beside(path, &beside, bytes);
    if written.is_err() {
        // The first failure is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_beside(path: &Path, beside: &Path, bytes: &[u8]) -> io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the file may not be written",
        ));
    }
    let mut file = File::create(beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::set_permissions(beside, permissions)?;
    fs::rename(beside, path)
}

/// The name of a file while it is written.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".cna-{}", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_diff_is_one_that_patch_takes() {
        assert_eq!(
            diff("x.json", b"{\n \"a\": 1\n}\n", b"{\n \"a\": 2\n}\n"),
            "--- a/x.json\n+++ b/x.json\n@@ -1,3 +1,3 @@\n {\n- \"a\": 1\n+ \"a\": 2\n }\n"
        );
    }
}
