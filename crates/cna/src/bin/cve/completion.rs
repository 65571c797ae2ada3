//! Completion in shells, by the protocol of the Program's client.
//!
//! `_CVE_COMPLETE=bash_source cve` prints a script (`zsh_source` and
//! `fish_source` too, and `cve completion SHELL`). The script asks this program
//! again at each key: `_CVE_COMPLETE=bash_complete` with the words typed so far
//! in `COMP_WORDS` and the place of the one being typed in `COMP_CWORD`.
//!
//! Source: the completion protocol of click 8, which the Program's client is
//! made with.

use clap::{Arg, ArgAction, Command};

use crate::commands::{self, COMMANDS, Entry};
use crate::console::Console;
use crate::globals::{self, set_variable};
use crate::stop::Stop;

const BASH: &str = r#"# Completion of `cve` for bash 4.4 or newer.
_cve_completion() {
    local answer kind value IFS=$'\n'
    answer=$(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _CVE_COMPLETE=bash_complete "$1")
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
        esac
    done <<<"$answer"
}
complete -o nosort -F _cve_completion cve
"#;

const ZSH: &str = r#"#compdef cve
# Completion of `cve` for zsh.
_cve_completion() {
    local -a answer described plain
    local kind value about
    answer=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) _CVE_COMPLETE=zsh_complete cve)}")
    for kind value about in "${answer[@]}"; do
        case $kind in
            plain)
                if [[ $about == _ ]]; then
                    plain+=("$value")
                else
                    described+=("${value//:/\\:}:$about")
                fi
                ;;
            file) _path_files -f ;;
            dir) _path_files -/ ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#plain )) && compadd -U -V unsorted -a plain
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _cve_completion "$@"
else
    compdef _cve_completion cve
fi
"#;

const FISH: &str = r#"# Completion of `cve` for fish.
function _cve_completion
    for line in (env _CVE_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -ct) cve)
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case plain
                echo $parts[2]
            case file
                __fish_complete_path (commandline -ct)
            case dir
                __fish_complete_directories (commandline -ct)
        end
    end
end
complete --no-files --command cve --arguments "(_cve_completion)"
"#;

/// What can stand in a place.
#[derive(Debug, PartialEq, Eq)]
struct Candidate {
    /// `plain`, `file` or `dir`.
    kind: &'static str,
    value: String,
    about: String,
}

/// Answers a shell, when one asks.
pub(crate) fn answer(console: &mut Console) -> Option<Result<(), Stop>> {
    let instruction = set_variable("_CVE_COMPLETE")?;
    Some(answer_to(&instruction, console))
}

fn answer_to(instruction: &str, console: &mut Console) -> Result<(), Stop> {
    let unknown = || Stop::failed(format!("`_CVE_COMPLETE={instruction}` is not known here"));
    let (shell, what) = instruction.rsplit_once('_').ok_or_else(unknown)?;
    if what == "source" {
        console.say(script(shell).ok_or_else(unknown)?.trim_end());
        return Ok(());
    }
    if what != "complete" || script(shell).is_none() {
        return Err(unknown());
    }
    let words = split(&set_variable("COMP_WORDS").unwrap_or_default());
    let place = set_variable("COMP_CWORD").unwrap_or_default();
    let (before, typed) = match shell {
        // fish gives the word itself, which the line ends with.
        "fish" => {
            let end = words.len() - usize::from(!place.is_empty() && !words.is_empty());
            (words.get(1..end).unwrap_or_default(), place.as_str())
        }
        _ => {
            let at: usize = place.parse().unwrap_or(words.len());
            let before = words.get(1..at.min(words.len())).unwrap_or_default();
            (before, words.get(at).map_or("", String::as_str))
        }
    };
    for Candidate { kind, value, about } in candidates(before, typed) {
        let about = match about.is_empty() {
            true => "_",
            false => about.as_str(),
        };
        console.say(&match shell {
            "zsh" => format!("{kind}\n{value}\n{about}"),
            "fish" if about != "_" => format!("{kind},{value}\t{about}"),
            _ => format!("{kind},{value}"),
        });
    }
    Ok(())
}

/// The script for a shell.
pub(crate) fn script(shell: &str) -> Option<&'static str> {
    match shell {
        "bash" => Some(BASH),
        "zsh" => Some(ZSH),
        "fish" => Some(FISH),
        _ => None,
    }
}

/// What can stand in the place of `typed`, after the words before it.
fn candidates(before: &[String], typed: &str) -> Vec<Candidate> {
    let mut command = globals::top();
    let mut below: &'static [Entry] = COMMANDS;
    let mut path = "cve".to_owned();
    let mut awaited: Option<Arg> = None;
    let mut is_only_words = false;
    let mut positionals = 0;
    for word in before {
        if word == "=" {
            continue;
        }
        if awaited.take().is_some() {
            continue;
        }
        if word == "--" {
            is_only_words = true;
        } else if word.starts_with('-') && word.len() > 1 && !is_only_words {
            awaited = awaiting(&command, word);
        } else if let Some(entry) = below.iter().find(|entry| entry.name == word) {
            path = format!("{path} {}", entry.name);
            command = commands::built(entry, &path);
            below = entry.children;
        } else {
            positionals += 1;
        }
    }
    let typed = if typed == "=" { "" } else { typed };
    if let Some((name, value)) = typed.split_once('=').filter(|_| typed.starts_with("--"))
        && let Some(arg) = awaiting(&command, name)
    {
        return values(&arg, value, &format!("{name}="));
    }
    match awaited {
        Some(arg) => values(&arg, typed, ""),
        None if typed.starts_with('-') && !is_only_words => options(&command, typed),
        None if below.is_empty() || positionals > 0 => {
            let mut all = command.get_positionals();
            all.nth(positionals)
                .map_or_else(Vec::new, |arg| values(arg, typed, ""))
        }
        None => below
            .iter()
            .filter(|entry| entry.name.starts_with(typed))
            .map(|entry| plain(entry.name, entry.about))
            .collect(),
    }
}

/// The option of a word that waits for its value in the next one.
fn awaiting(command: &Command, word: &str) -> Option<Arg> {
    let takes = |arg: &&Arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let found = if let Some(long) = word.strip_prefix("--") {
        // With the value behind an equals sign nothing is awaited.
        command
            .get_arguments()
            .find(|arg| arg.get_long() == Some(long))
    } else {
        // Of `-ry`, the last.
        let last = word.chars().last();
        command
            .get_arguments()
            .find(|arg| arg.get_short().is_some() && arg.get_short() == last)
    };
    found.filter(takes).cloned()
}

/// The values of an option: its choices, or files.
fn values(arg: &Arg, typed: &str, before: &str) -> Vec<Candidate> {
    let names = arg.get_value_names().unwrap_or_default();
    let name = names.first().map(|name| name.to_string());
    let name = name.unwrap_or_else(|| arg.get_id().to_string());
    match name.as_str() {
        "FILE" => vec![found("file", typed)],
        "DIR" => vec![found("dir", typed)],
        // For a folder of records; an ID we cannot know.
        "CVE_ID" if before.is_empty() => Vec::new(),
        choices if choices.contains('|') || choices == "ADMIN" => choices
            .split('|')
            .filter(|choice| choice.starts_with(typed))
            .map(|choice| plain(&format!("{before}{choice}"), ""))
            .collect(),
        _ => Vec::new(),
    }
}

fn options(command: &Command, typed: &str) -> Vec<Candidate> {
    let mut all = Vec::new();
    for arg in command.get_arguments() {
        let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let short = arg.get_short().map(|short| format!("-{short}"));
        let long = arg.get_long().map(|long| format!("--{long}"));
        for name in short.into_iter().chain(long) {
            if name.starts_with(typed) {
                all.push(plain(&name, &about));
            }
        }
    }
    if "--help".starts_with(typed) {
        all.push(plain("--help", "Print help"));
    }
    all
}

fn plain(value: &str, about: &str) -> Candidate {
    Candidate {
        kind: "plain",
        value: value.to_owned(),
        about: about.to_owned(),
    }
}

fn found(kind: &'static str, typed: &str) -> Candidate {
    Candidate {
        kind,
        value: typed.to_owned(),
        about: String::new(),
    }
}

/// The words of a line, quotes and backslashes taken away; a quote that is
/// still open ends with the line.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some('"') | None, '\\') => {
                let next = characters.next().unwrap_or('\\');
                word.get_or_insert_default().push(next);
            }
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, typed: &str) -> Vec<String> {
        let all = candidates(&split(line), typed);
        all.into_iter().map(|candidate| candidate.value).collect()
    }

    #[test]
    fn a_command_is_completed_after_the_options_before_it() {
        assert_eq!(of("-o acme --raw", "pub"), ["publish", "publish-adp"]);
        assert_eq!(of("-u publish", "tr"), ["transfer"]);
        assert_eq!(of("user", ""), ["create", "reset-key", "update"]);
        assert_eq!(of("ping", ""), Vec::<String>::new());
    }

    #[test]
    fn an_option_is_completed_by_its_first_letters_only() {
        assert_eq!(of("list", "--res"), ["--reserved-lt", "--reserved-gt"]);
        assert!(of("list", "-").contains(&"-N".to_owned()));
    }

    #[test]
    fn a_choice_is_completed_behind_its_option() {
        assert_eq!(of("-e", "t"), ["test"]);
        assert_eq!(of("--env =", "t"), ["test"]);
        assert_eq!(of("", "--env=t"), ["--env=test"]);
        assert_eq!(of("user update --add-role", ""), ["ADMIN"]);
        assert_eq!(of("validate -s", "cna-r"), ["cna-rejected"]);
    }

    #[test]
    fn files_are_left_to_the_shell() {
        let all = candidates(&split("publish CVE-2099-1000 -f"), "re");
        assert_eq!(all, [found("file", "re")]);
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        assert_eq!(
            split(r#"cve -u "a b" 'c'\ d "" "open"#),
            ["cve", "-u", "a b", "c d", "", "open"]
        );
    }
}
