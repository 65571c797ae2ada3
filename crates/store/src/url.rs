//! Where the database is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::Error;

/// The address of a database: `sqlite:FILE` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// One SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server; the text may hold a password.
    Postgres(String),
}

impl DatabaseUrl {
    /// The same address with a relative SQLite file taken from `folder`.
    #[must_use]
    pub fn inside(self, folder: &Path) -> DatabaseUrl {
        match self {
            DatabaseUrl::Sqlite(file) => DatabaseUrl::Sqlite(folder.join(file)),
            postgres => postgres,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<DatabaseUrl, Error> {
        if let Some(file) = text.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            if !file.is_empty() {
                return Ok(DatabaseUrl::Sqlite(PathBuf::from(file)));
            }
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return match text.parse::<tokio_postgres::Config>() {
                Ok(_) => Ok(DatabaseUrl::Postgres(text.to_owned())),
                Err(error) => Err(Error::Url {
                    url: without_password(text),
                    problem: error.to_string(),
                }),
            };
        }
        Err(Error::Url {
            url: without_password(text),
            problem: "expected `sqlite:FILE` or `postgres://USER@HOST/DATABASE`".into(),
        })
    }
}

impl fmt::Display for DatabaseUrl {
    /// The address without its password, safe to show and log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseUrl::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            DatabaseUrl::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Takes the password out of `scheme://user:password@host/…?password=…`.
fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for text in [
            "postgres://ann:s3cret@db.example/cna",
            "postgres://ann:s3:cr@et@db.example/cna",
            "postgres://db.example/cna?password=s3cret",
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert!(!format!("{url} {url:?}").contains("cret"), "{url}");
        }
    }

    #[test]
    fn an_unknown_scheme_says_what_was_expected() {
        let error = "mysql://db".parse::<DatabaseUrl>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`mysql://db` is not a database address: \
             expected `sqlite:FILE` or `postgres://USER@HOST/DATABASE`"
        );
    }

    #[test]
    fn a_relative_file_lies_in_the_data_folder() {
        let url: DatabaseUrl = "sqlite:cna.sqlite".parse().unwrap();
        assert_eq!(
            url.inside(Path::new("data")).to_string(),
            "sqlite:data/cna.sqlite"
        );
    }
}
