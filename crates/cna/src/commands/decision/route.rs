//! `cna decision route`: which CNA covers a product.

use std::io::Read as _;

use anyhow::Context as _;
use casework::decision::{Partner, Route, letter, partners, routes};
use clap::ArgMatches;
use serde_json::json;

use crate::cli::{Stop, required};
use crate::output::{Style, line};

/// Most bytes of a list of partners; the Program's has about 600 KB.
const MAX_BYTES: u64 = 64 << 20;

/// What is asked.
pub(crate) struct Question {
    partners: String,
    product: String,
    letter: Option<String>,
    from: String,
    is_public: bool,
    limit: usize,
    as_json: bool,
}

impl Question {
    /// Reads the arguments.
    pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<Question> {
        Ok(Question {
            partners: required::<String>(matches, "partners")?.clone(),
            product: required::<String>(matches, "product")?.clone(),
            letter: matches.get_one("letter").cloned(),
            from: required::<String>(matches, "from")?.clone(),
            is_public: matches.get_flag("public"),
            limit: usize::from(*required::<u16>(matches, "limit")?),
            as_json: matches.get_flag("json"),
        })
    }
}

/// Answers it.
pub(crate) fn run(question: &Question) -> Result<(), Stop> {
    let list = read(&question.partners).map_err(Stop::Unreadable)?;
    let known = partners(&list)
        .with_context(|| format!("partners {}", name(&question.partners)))
        .map_err(Stop::Unreadable)?;
    let mut found = routes(&known, &question.product);
    let letter = match &question.letter {
        None => None,
        Some(to) => Some(addressed(question, &known, &found, to)?),
    };
    found.truncate(question.limit);
    if question.as_json {
        let answer = json!({"product": question.product, "routes": found, "letter": letter});
        return Ok(line(&answer.to_string())?);
    }
    if let Some(letter) = letter {
        return Ok(line(letter.trim_end())?);
    }
    Ok(print(&question.product, &found)?)
}

fn addressed(
    question: &Question,
    known: &[Partner],
    found: &[Route],
    to: &str,
) -> Result<String, Stop> {
    let partner = match to {
        "" => found.first().map(|route| &route.partner),
        to => known
            .iter()
            .find(|partner| partner.short_name.eq_ignore_ascii_case(to)),
    };
    let partner = partner.ok_or_else(|| {
        Stop::Failed(match to {
            "" => anyhow::anyhow!(
                "nobody's scope names `{}`, so there is nobody to write to: the CNA of last resort assigns, or name a partner with `--letter SHORT NAME`",
                question.product
            ),
            to => anyhow::anyhow!("no partner is called `{to}`"),
        })
    })?;
    Ok(letter(
        &question.from,
        partner,
        &question.product,
        question.is_public,
    ))
}

fn name(from: &str) -> String {
    match from {
        "-" => "on standard input".to_owned(),
        from => format!("`{from}`"),
    }
}

fn read(from: &str) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let read = match from {
        "-" => std::io::stdin()
            .lock()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes),
        from => std::fs::File::open(from)
            .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)),
    };
    read.with_context(|| format!("reading the partners {}", name(from)))?;
    anyhow::ensure!(
        bytes.len() as u64 <= MAX_BYTES,
        "partners {}: too long: expected at most {MAX_BYTES} bytes",
        name(from)
    );
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!("partners {}: not UTF-8 text at byte {at}", name(from))
    })
}

fn print(product: &str, found: &[Route]) -> anyhow::Result<()> {
    if found.is_empty() {
        return line(&format!(
            "Nobody's scope names `{product}`. Try the vendor's name; if nobody covers it, the CNA of last resort assigns."
        ));
    }
    let style = Style::stdout();
    for route in found {
        let partner = &route.partner;
        line(&style.bold(&format!(
            "{}. {} ({})",
            route.rank, partner.short_name, partner.name
        )))?;
        line(&format!("   because: {}", route.reason))?;
        if let Some(caution) = &route.caution {
            line(&format!("   but:     {caution}"))?;
        }
        line(&format!("   scope:   {}", partner.scope.trim()))?;
        let contact = partner.mails.first().or(partner.pages.first());
        if let Some(contact) = contact {
            line(&format!("   contact: {contact}"))?;
        }
    }
    Ok(())
}
