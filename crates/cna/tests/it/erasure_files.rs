//! `cna case erase` and `cna store vacuum`: the erased words are nowhere in the
//! bytes of the database's files.

use crate::data_folder::{DataFolder, run};
use crate::team::{Engine, Team};

const MAIL: &str = "From: Zara Zyx-Zwart <zara@zzz.example>\r\n\
To: security@example.org\r\n\
Subject: vorpal overflow in the agent\r\n\
Message-ID: <1@zzz.example>\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b\r\n\r\n\
--b\r\nContent-Type: text/plain\r\n\r\nquuxly text of the mail\r\n\
--b\r\nContent-Type: text/plain\r\n\
Content-Disposition: attachment; filename=frabjous.txt\r\n\r\ncallooh contents\r\n\
--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
Content-Disposition: attachment; filename=slithy.exe\r\n\r\nTVqQAAMA//8=\r\n--b--\r\n";

const WORDS: [&str; 7] = [
    "Zyx-Zwart",
    "zara@zzz",
    "vorpal",
    "quuxly",
    "frabjous",
    "callooh",
    "slithy",
];

/// The words that stand in any file of the database.
fn found(folder: &DataFolder) -> Vec<&'static str> {
    let files = folder.names();
    let files = files.iter().filter(|name| name.starts_with("cna.sqlite"));
    let bytes: Vec<u8> = files
        .flat_map(|name| std::fs::read(folder.path().join(name)).unwrap())
        .collect();
    let holds = |word: &&&str| {
        bytes
            .windows(word.len())
            .any(|part| part == word.as_bytes())
    };
    WORDS.iter().filter(holds).copied().collect()
}

#[test]
fn erased_words_are_in_no_byte_of_the_database_once_it_is_written_anew() {
    let folder = DataFolder::alone();
    let mail = folder.file("mail.eml", MAIL);
    let words = ["case", "import-mail", mail.to_str().unwrap()];
    let imported = run(&mut folder.cna("ana", &words));
    assert_eq!(imported.code, Some(0), "{imported:?}");
    assert_eq!(found(&folder), WORDS);
    run(&mut folder.cna(
        "admin",
        &["case", "erase", "1", "--reason", "asked by mail"],
    ))
    .answer();
    let mut vacuum = crate::data_folder::cna();
    vacuum.args(["store", "vacuum", "--json", "--data"]);
    let told = run(vacuum.arg(folder.path())).json();
    assert!(told["bytes_after"].as_i64() <= told["bytes_before"].as_i64());
    assert_eq!(found(&folder), Vec::<&str>::new());
    let mut verify = crate::data_folder::cna();
    verify.args(["audit", "verify", "--json", "--data"]);
    let verdict = run(verify.arg(folder.path())).json();
    assert_eq!(verdict["broken"], serde_json::Value::Null);
    assert!(verdict["erased"].as_i64().is_some(), "{verdict}");
}

#[test]
fn on_postgresql_erased_words_are_in_no_file_of_a_table_once_it_is_written_anew() {
    let name = "on_postgresql_erased_words_are_in_no_file_of_a_table";
    for engine in Engine::all(name) {
        let Engine::Postgres(_) = engine else {
            continue;
        };
        let mut team = Team::start(&engine);
        let mail = team.file("mail.eml", MAIL);
        team.run("ana", &["case", "import-mail", &mail]);
        team.run("ana", &["case", "take", "1"]);
        let url: store::DatabaseUrl = team.database.parse().unwrap();
        let holding = |word: &str| store::testing::files_holding(&url, word);
        for word in WORDS {
            assert!(!holding(word).is_empty(), "{word} before");
        }
        let erase = ["case", "erase", "1", "--reason", "asked by mail"];
        team.run("admin", &erase);
        // The rows are gone, and their bytes are still in the files.
        assert!(!holding("quuxly").is_empty());
        team.desk.kill();
        let mut vacuum = crate::data_folder::cna();
        vacuum.args(["store", "vacuum", "--json", "--database", &team.database]);
        let told = run(vacuum.arg("--data").arg(team.folder.path())).json();
        assert_eq!(told["bytes_after"], serde_json::Value::Null);
        for word in WORDS {
            assert_eq!(holding(word), [] as [String; 0], "{word} after");
        }
        team.end();
    }
}

#[test]
fn a_folder_without_a_database_is_not_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut vacuum = crate::data_folder::cna();
    vacuum.args(["store", "vacuum", "--data"]);
    let refused = run(vacuum.arg(folder.path()));
    let mistake = refused.mistake();
    assert!(mistake.starts_with("there is no database `"), "{mistake}");
}
