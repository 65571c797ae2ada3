//! `cve man`: the manual pages, one for each command.

use std::path::Path;

use clap::{Arg, Command};
use clap_mangen::Man;

use super::{COMMANDS, Entry, built};
use crate::console::Console;
use crate::globals;
use crate::session::Session;
use crate::stop::Stop;

pub(super) const ENTRY: Entry = Entry {
    name: "man",
    about: "Write the manual pages into a folder",
    takes: "DIR",
    options: |command| {
        command.arg(
            Arg::new("DIR")
                .value_name("DIR")
                .help("The folder, made when it is missing"),
        )
    },
    run,
    children: &[],
};

/// What holds for all commands; in `troff`.
const ABOUT_ALL: &str = r#".SH "EXIT STATUS"
.TP
0
Done; also after a "no" to the question of \fB\-i\fR.
.TP
1
The service refused or was not reached, a document is not valid, or input ended at a question.
.TP
2
The command line is wrong.
.SH FILES
.TP
\fI$XDG_CONFIG_HOME/cve/config.toml\fR, \fI~/.config/cve/config.toml\fR
Profiles; \fBCVE_CONFIG\fR names another file.
.TP
\fI$XDG_STATE_HOME/cve/seen/\fR, \fI~/.local/state/cve/seen/\fR
Digests of the records that \fBcve publish \-\-diff\fR has shown or published.
.SH ENVIRONMENT
The options before the command name their variables. Besides,
\fBCVE_GENERATOR\fR is what \fBx_generator\fR names in place of the client, or \- for nothing;
\fBHTTPS_PROXY\fR, \fBHTTP_PROXY\fR, \fBALL_PROXY\fR and \fBNO_PROXY\fR choose a proxy; and
\fBREQUESTS_CA_BUNDLE\fR, \fBCURL_CA_BUNDLE\fR or \fBSSL_CERT_FILE\fR name certificates to trust.
"#;

fn run(session: &Session<'_>, console: &mut Console) -> Result<(), Stop> {
    let folder = session
        .value("DIR")
        .ok_or_else(|| session.usage("Missing argument 'DIR'."))?;
    let folder = Path::new(folder);
    let failed = |error: std::io::Error| {
        Stop::failed(format!(
            "cannot write manual pages into `{}`: {error}",
            folder.display()
        ))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for (name, text) in pages().map_err(failed)? {
        std::fs::write(folder.join(name), text).map_err(failed)?;
    }
    console.say(&format!("Manual pages are in {}", folder.display()));
    Ok(())
}

/// All pages by the names of their files.
fn pages() -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let about = "Talk to a CVE Services as a CNA does";
    let mut pages = vec![page(globals::top().about(about), "cve", COMMANDS)?];
    for entry in COMMANDS {
        let path = format!("cve {}", entry.name);
        let command = built(entry, &path);
        pages.push(page(command, &path, entry.children)?);
        for child in entry.children {
            let path = format!("{path} {}", child.name);
            pages.push(page(built(child, &path), &path, &[])?);
        }
    }
    Ok(pages)
}

fn page(command: Command, path: &str, below: &[Entry]) -> std::io::Result<(String, Vec<u8>)> {
    let name = path.replace(' ', "-");
    let extra = command.get_after_help().map(ToString::to_string);
    let about = command.get_about().map(ToString::to_string);
    let man = Man::new(command.bin_name(path));
    let mut text = Vec::new();
    let title = escaped(&name.to_uppercase());
    let source = concat!("cna ", env!("CARGO_PKG_VERSION"));
    // Without a date, which would make each build another page.
    text.extend(format!(".TH {title} 1 \"\" \"{source}\" \"CVE Services client\"\n").bytes());
    let about = escaped(&about.unwrap_or_default());
    text.extend(format!(".SH NAME\n{} \\- {about}\n", escaped(&name)).bytes());
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    if below.is_empty()
        && let Some(extra) = extra
    {
        text.extend(format!(".PP\n{}\n", escaped(&extra)).bytes());
    }
    man.render_options_section(&mut text)?;
    if !below.is_empty() {
        text.extend(b".SH COMMANDS\n");
        for entry in below {
            text.extend(
                format!(
                    ".TP\n\\fB{}\\fR(1)\n{}\n",
                    escaped(&format!("{name}-{}", entry.name)),
                    escaped(entry.about)
                )
                .bytes(),
            );
        }
    }
    if path == "cve" {
        text.extend(ABOUT_ALL.bytes());
    } else {
        text.extend(b".SH \"SEE ALSO\"\n\\fBcve\\fR(1)\n");
    }
    Ok((format!("{name}.1"), with_one_apostrophe(&text)))
}

/// Each section brings the definition of an apostrophe; one is enough.
fn with_one_apostrophe(text: &[u8]) -> Vec<u8> {
    let definition = [".ie \\n(.g .ds Aq", ".el .ds Aq"];
    let text = String::from_utf8_lossy(text);
    let is_definition = |line: &&str| definition.iter().any(|start| line.starts_with(start));
    let head = text.lines().filter(is_definition).take(2);
    let rest = text.lines().filter(|line| !is_definition(line));
    let lines: Vec<_> = head.chain(rest).collect();
    format!("{}\n", lines.join("\n")).into_bytes()
}

/// `text` as troff shows it as it is.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{text}"),
        false => text,
    }
}
