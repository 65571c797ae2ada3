//! Questions to the person at the keyboard.

use std::io::BufRead;

use crate::console::Console;
use crate::stop::Stop;

/// Asks for a text until one is given.
pub(crate) fn text(console: &mut Console, question: &str) -> Result<String, Stop> {
    loop {
        console.ask(&format!("{question}: "));
        let answer = line()?;
        if !answer.is_empty() {
            return Ok(answer);
        }
    }
}

/// Asks for a secret: on the terminal without showing it, or else on
/// standard error and from standard input.
pub(crate) fn secret(console: &mut Console, question: &str) -> Result<String, Stop> {
    loop {
        console.ask("");
        let answer = match rpassword::prompt_password(format!("{question}: ")) {
            Ok(answer) => answer,
            // There is no terminal.
            Err(_) => {
                console.complain(&format!("{question}: "));
                line()?
            }
        };
        if !answer.is_empty() {
            return Ok(answer);
        }
    }
}

/// Asks whether to go on; anything but a yes or a no is asked again.
pub(crate) fn confirm(console: &mut Console, question: &str) -> Result<(), Stop> {
    loop {
        console.ask(&format!("{question} [y/N]: "));
        match line()?.trim().to_lowercase().as_str() {
            "y" | "yes" => {
                console.say("");
                return Ok(());
            }
            "n" | "no" | "" => return Err(Stop::Declined),
            _ => console.say("Error: invalid input"),
        }
    }
}

/// One line of standard input without its end.
fn line() -> Result<String, Stop> {
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => Err(Stop::Aborted),
        Ok(_) => Ok(line.trim_end_matches(['\n', '\r']).to_owned()),
    }
}
