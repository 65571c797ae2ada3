//! `cna decision verify`: scenario files against the rules.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use casework::precedent::{self, Report, Verdict};
use serde_json::json;

use crate::cli::Stop;
use crate::output::{Style, line};

/// Most bytes of a scenario file; one of a thousand scenarios is smaller.
const MAX_BYTES: u64 = 16 << 20;

/// Runs the files.
pub(crate) fn run(files: &[String], as_json: bool) -> Result<(), Stop> {
    let (mut kept, mut broken) = (0usize, 0usize);
    for path in listed(files).map_err(Stop::Unreadable)? {
        let text = read(&path).map_err(Stop::Unreadable)?;
        let beside = path.parent().unwrap_or(Path::new("")).to_owned();
        let load = |name: &str| beside_file(&beside, name);
        for report in precedent::verify(&text, &load) {
            match report.is_kept() {
                true => kept += 1,
                false => broken += 1,
            }
            print(&path, &report, as_json)?;
        }
    }
    match as_json {
        true => line(&json!({"kept": kept, "broken": broken}).to_string())?,
        false => line(&format!("{kept} kept, {broken} broken"))?,
    }
    match broken {
        0 => Ok(()),
        _ => Err(Stop::Found),
    }
}

/// The files, with those of folders in the order of their names. Files that
/// hold no scenario but what scenarios are like are named by them, and left
/// out here: their names begin with `_`.
fn listed(files: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for name in files {
        let path = PathBuf::from(name);
        if !path.is_dir() {
            all.push(path);
            continue;
        }
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(&path).with_context(|| format!("reading folder `{name}`"))? {
            let path = entry
                .with_context(|| format!("reading folder `{name}`"))?
                .path();
            let is_yaml = path
                .extension()
                .is_some_and(|ext| ext == "yaml" || ext == "yml");
            if is_yaml {
                inside.push(path);
            }
        }
        inside.retain(|path| !is_world(path));
        anyhow::ensure!(
            !inside.is_empty(),
            "folder `{name}` has no scenario: expected files that end in `.yaml`"
        );
        inside.sort();
        all.extend(inside);
    }
    if all.iter().any(|path| !is_world(path)) {
        all.retain(|path| !is_world(path));
    }
    Ok(all)
}

/// Says whether the name is that of a file scenarios are like.
fn is_world(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.starts_with('_'))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let size = std::fs::metadata(path)
        .with_context(|| format!("reading scenario file `{name}`"))?
        .len();
    anyhow::ensure!(
        size <= MAX_BYTES,
        "scenario file `{name}` is too long: expected at most {MAX_BYTES} bytes"
    );
    let bytes = std::fs::read(path).with_context(|| format!("reading scenario file `{name}`"))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!("scenario file `{name}`: it is not UTF-8 text at byte {at}")
    })
}

/// A file a scenario is like lies in the same folder.
fn beside_file(folder: &Path, name: &str) -> Result<String, String> {
    let is_plain = Path::new(name).components().count() == 1 && name != ".." && name != ".";
    if !is_plain {
        return Err("expected the name of a file in the same folder".into());
    }
    read(&folder.join(name)).map_err(|error| format!("{error:#}"))
}

fn print(path: &Path, report: &Report, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let mut value = serde_json::to_value(report).context("writing a report")?;
        value["file"] = json!(path.display().to_string());
        // The verdict lies flat, as the line is read by programs.
        if let Some(verdict) = value["verdict"].take().as_object().cloned() {
            for (key, part) in verdict {
                value[key] = part;
            }
        }
        return line(&value.to_string());
    }
    let style = Style::stdout();
    let title = match report.title.as_str() {
        "" => String::new(),
        title => format!(": {title}"),
    };
    let name = match report.name.as_str() {
        "" => path.display().to_string(),
        name => name.to_owned(),
    };
    match &report.verdict {
        Verdict::Kept => line(&format!("kept    {name}{title}")),
        Verdict::Broken {
            at,
            expected,
            found,
        } => {
            line(&style.bold(&format!("broken  {name}{title}")))?;
            let place = match at.as_str() {
                "" => String::new(),
                at => format!("{at}: "),
            };
            match expected.as_str() {
                "" => line(&format!("        {place}{found}")),
                expected => line(&format!(
                    "        {place}expected {expected}, found {found}"
                )),
            }
        }
    }
}
