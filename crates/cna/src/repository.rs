//! The history of a git repository, read for `cna draft affected`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use casework::releases::{Commit, History};
use gix::ObjectId;
use memchr::memmem;

/// A history, and the places of the commits that were named.
pub(crate) struct Named {
    /// Every commit under a tag, a branch or a named commit.
    pub(crate) history: History,
    /// Places of the commits that introduce the flaw.
    pub(crate) introduced: Vec<usize>,
    /// Places of the commits that fix it.
    pub(crate) fixed: Vec<usize>,
}

/// Reads the history under all tags and branches of the repository in
/// `folder`.
///
/// Takes: commits as git names them: hashes, short ones too, tags, branches.
/// Refuses: no repository; a shallow one, whose history is cut; one without
/// tags; a name that is no commit.
pub(crate) fn read(
    folder: &Path,
    introduced: &[String],
    fixed: &[String],
) -> anyhow::Result<Named> {
    let shown = folder.display();
    let mut repository = gix::open(folder).with_context(|| {
        format!("`{shown}` is no git repository: expected one with its history")
    })?;
    let is_shallow = repository
        .is_shallow()
        .with_context(|| format!("reading `{shown}`"))?;
    if is_shallow {
        bail!(
            "`{shown}` is a shallow clone, whose history is cut: run `git fetch --unshallow` first"
        );
    }
    // Neighbours are packed as differences from each other.
    repository.object_cache_size_if_unset(8 * 1024 * 1024);
    let mut walk = Walk::default();
    let mut tags = Vec::new();
    for (name, id) in tips(&repository).with_context(|| format!("reading `{shown}`"))? {
        // A tag may be on a tree or a blob; such a one is no release.
        if repository.find_commit(id).is_err() {
            continue;
        }
        let place = walk.place(id);
        if let Some(tag) = name.strip_prefix("refs/tags/") {
            tags.push((tag.to_owned(), place));
        }
    }
    if tags.is_empty() {
        bail!(
            "`{shown}` has no tags: fetch them with `git fetch --tags`, or write the ranges by hand"
        );
    }
    let mut places = |names: &[String]| -> anyhow::Result<Vec<usize>> {
        let ids = names.iter().map(|name| commit(&repository, name));
        ids.map(|id| Ok(walk.place(id?))).collect()
    };
    let (introduced, fixed) = (places(introduced)?, places(fixed)?);
    walk.run(&repository)
        .with_context(|| format!("reading the history of `{shown}`"))?;
    Ok(Named {
        history: History {
            commits: walk.commits,
            tags,
        },
        introduced,
        fixed,
    })
}

/// Tags and branches, with what each leads to.
fn tips(repository: &gix::Repository) -> anyhow::Result<Vec<(String, ObjectId)>> {
    let mut tips = Vec::new();
    let references = repository
        .references()
        .map_err(|error| anyhow!("{error}"))?;
    for reference in references.all().map_err(|error| anyhow!("{error}"))? {
        let mut reference = reference.map_err(|error| anyhow!("{error}"))?;
        let name = reference.name().as_bstr().to_string();
        let wanted = ["refs/tags/", "refs/heads/", "refs/remotes/"];
        if !wanted.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        // A reference to nothing, as of an empty branch, leads nowhere.
        if let Ok(id) = reference.peel_to_id() {
            tips.push((name, id.detach()));
        }
    }
    Ok(tips)
}

/// The commit a name stands for.
fn commit(repository: &gix::Repository, name: &str) -> anyhow::Result<ObjectId> {
    let unknown = || {
        format!("`{name}` is no commit of the repository: expected a hash, a tag or a branch of it")
    };
    let id = repository
        .rev_parse_single(format!("{name}^{{commit}}").as_str())
        .map_err(|error| anyhow!("{error}"))
        .with_context(unknown)?;
    Ok(id.detach())
}

/// Commits seen so far, each with its place.
#[derive(Default)]
struct Walk {
    places: HashMap<ObjectId, usize>,
    ids: Vec<ObjectId>,
    commits: Vec<Commit>,
}

impl Walk {
    fn place(&mut self, id: ObjectId) -> usize {
        let next = self.ids.len();
        let place = *self.places.entry(id).or_insert(next);
        if place == next {
            self.ids.push(id);
        }
        place
    }

    /// Reads every commit, and those behind it.
    fn run(&mut self, repository: &gix::Repository) -> anyhow::Result<()> {
        while let Some(id) = self.ids.get(self.commits.len()).copied() {
            let found = repository
                .find_commit(id)
                .map_err(|error| anyhow!("commit {id}: {error}"))?;
            let message = found.message_raw_sloppy();
            let commit = Commit {
                hash: id.to_string(),
                picked_from: hashes_after(message, b"(cherry picked from commit "),
                reverts: hashes_after(message, b"This reverts commit "),
                parents: found
                    .parent_ids()
                    .map(|parent| self.place(parent.detach()))
                    .collect(),
            };
            self.commits.push(commit);
        }
        Ok(())
    }
}

/// The hashes behind each of these words.
fn hashes_after(message: &[u8], words: &[u8]) -> Vec<String> {
    memmem::find_iter(message, words)
        .filter_map(|at| {
            let rest = message.get(at + words.len()..)?;
            let end = rest
                .iter()
                .position(|byte| !byte.is_ascii_hexdigit())
                .unwrap_or(rest.len());
            let hash = std::str::from_utf8(rest.get(..end)?).ok()?;
            (hash.len() >= 7).then(|| hash.to_ascii_lowercase())
        })
        .collect()
}
