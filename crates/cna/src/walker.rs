//! The records below a folder, in order.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files of the cvelistV5 repository that hold no record.
///
/// Source: its folder `cves`, which lists there what changed last.
pub(crate) const NO_RECORDS: [&str; 4] = [
    "delta.json",
    "deltaLog.json",
    "recent_activities.json",
    "package.json",
];

/// Walks a folder, each folder in the order of its names.
///
/// Keeps the names of the folders that are open, so it needs memory for the
/// largest of them and not for the tree.
#[derive(Debug)]
pub(crate) struct Walker {
    /// How the names of the files end that are wanted.
    endings: &'static [&'static str],
    open: Vec<Open>,
    /// The folder itself, and those outside it that links lead to.
    roots: Vec<PathBuf>,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    /// Names still to come, the next one last.
    names: Vec<(String, Is)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    File,
    Folder,
    /// A link, which may lead to either.
    Link,
}

impl Walker {
    /// Opens the folder, to find the files whose names end in one of `endings`.
    pub(crate) fn new(path: &Path, endings: &'static [&'static str]) -> io::Result<Walker> {
        let mut walker = Walker {
            endings,
            open: Vec::new(),
            roots: vec![path.canonicalize()?],
        };
        walker.enter(path.to_owned())?;
        Ok(walker)
    }

    fn enter(&mut self, path: PathBuf) -> io::Result<()> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let is = if kind.is_dir() {
                Is::Folder
            } else if kind.is_symlink() {
                Is::Link
            } else {
                Is::File
            };
            // A name that is no Unicode cannot end in a way we look for, but
            // may be a folder's.
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                continue;
            };
            if name.starts_with('.') || (is == Is::File && !self.is_wanted(name)) {
                continue;
            }
            names.push((name.to_owned(), is));
        }
        names.sort_unstable_by(|a, b| b.0.cmp(&a.0));
        self.open.push(Open { path, names });
        Ok(())
    }

    /// The next file; or a folder that cannot be read, with the reason.
    pub(crate) fn next(&mut self) -> Option<Result<PathBuf, (PathBuf, io::Error)>> {
        loop {
            let open = self.open.last_mut()?;
            let Some((name, is)) = open.names.pop() else {
                self.open.pop();
                continue;
            };
            let path = open.path.join(&name);
            let folder = match is {
                Is::File => return Some(Ok(path)),
                Is::Folder => true,
                Is::Link => path.is_dir(),
            };
            if !folder {
                if self.is_wanted(&name) {
                    return Some(Ok(path));
                }
                continue;
            }
            if is == Is::Link && !self.is_new(&path) {
                continue;
            }
            if let Err(error) = self.enter(path.clone()) {
                return Some(Err((path, error)));
            }
        }
    }

    /// Says whether a link leads out of all that is walked anyway; what lies
    /// there is walked once.
    fn is_new(&mut self, link: &Path) -> bool {
        let Ok(target) = link.canonicalize() else {
            return false;
        };
        let overlaps = |root: &PathBuf| root.starts_with(&target) || target.starts_with(root);
        if self.roots.iter().any(overlaps) {
            return false;
        }
        self.roots.push(target);
        true
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.endings.iter().any(|ending| name.ends_with(ending)) && !NO_RECORDS.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_order_and_loops_end() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("cves/2024/1xxx")).unwrap();
        fs::create_dir_all(at("cves/.git")).unwrap();
        for name in [
            "cves/2024/1xxx/CVE-1900-1002.json",
            "cves/2024/1xxx/CVE-1900-1001.json",
            "cves/delta.json",
            "cves/deltaLog.json",
            "cves/recent_activities.json",
            "cves/.git/x.json",
            "cves/a.json",
            "cves/notes.txt",
        ] {
            fs::write(at(name), "{}").unwrap();
        }
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("z.json"), "{}").unwrap();
        std::os::unix::fs::symlink(at("cves"), at("cves/2024/loop")).unwrap();
        std::os::unix::fs::symlink(at(".."), at("cves/2024/parent")).unwrap();
        for name in ["once", "twice"] {
            std::os::unix::fs::symlink(elsewhere.path(), at("cves").join(name)).unwrap();
        }
        std::os::unix::fs::symlink(at("cves/a.json"), at("cves/2024/link.json")).unwrap();
        std::os::unix::fs::symlink(at("nothing"), at("cves/2024/broken")).unwrap();
        let mut walker = Walker::new(folder.path(), &[".json"]).unwrap();
        let mut found = Vec::new();
        while let Some(next) = walker.next() {
            let path = next.unwrap();
            let path = path.strip_prefix(folder.path()).unwrap();
            found.push(path.display().to_string());
        }
        assert_eq!(
            found,
            [
                "cves/2024/1xxx/CVE-1900-1001.json",
                "cves/2024/1xxx/CVE-1900-1002.json",
                "cves/2024/link.json",
                "cves/a.json",
                "cves/once/z.json",
            ]
        );
    }
}
