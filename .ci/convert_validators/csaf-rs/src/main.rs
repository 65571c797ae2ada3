//! Checks CSAF documents, one a line of standard input, with the mandatory
//! tests of the crate csaf-rs.

use std::io::BufRead as _;
use std::process::ExitCode;

use csaf_rs::validation::{ValidationResult, validate_by_preset};

fn main() -> ExitCode {
    let (mut documents, mut faults) = (0, 0);
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else {
            println!("the input is not text");
            return ExitCode::FAILURE;
        };
        documents += 1;
        let fault = match verdict(&line) {
            Ok(result) if result.success => continue,
            Ok(result) => {
                let tests = result.test_results.iter().map(|test| format!("{test:?}"));
                tests.filter(|test| test.contains("Failure")).collect()
            }
            Err(fault) => fault,
        };
        faults += 1;
        if faults <= 10 {
            println!("{}", fault.chars().take(600).collect::<String>());
        }
    }
    println!("{documents} CSAF documents, {faults} invalid (csaf-rs)");
    ExitCode::from(u8::from(faults > 0 || documents == 0))
}

fn verdict(line: &str) -> Result<ValidationResult, String> {
    let is_2_1 = line.contains("\"csaf_version\": \"2.1\"");
    if is_2_1 {
        let document = csaf_rs::csaf2_1::loader::load_document(line).map_err(|error| error.to_string())?;
        validate_by_preset(&document, "2.1", "basic").map_err(|error| format!("{error:?}"))
    } else {
        let document = csaf_rs::csaf2_0::loader::load_document(line).map_err(|error| error.to_string())?;
        validate_by_preset(&document, "2.0", "basic").map_err(|error| format!("{error:?}"))
    }
}
