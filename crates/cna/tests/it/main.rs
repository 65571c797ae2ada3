//! The executables through their public door.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise; clippy knows that only of functions marked as tests"
)]

mod aftermath_commands;
mod approved_only;
mod authority_commands;
mod authority_serve;
mod award_commands;
mod browser;
mod case_commands;
mod check_commands;
mod check_inputs;
mod check_outputs;
mod check_shared;
mod check_support;
mod clock_commands;
mod convert_command;
mod cve_careful;
mod cve_changing;
mod cve_line;
mod cve_mischief;
mod cve_profiles;
mod cve_reading;
mod cve_server;
mod cve_tls;
mod cve_transcript;
mod cve_waiting;
mod data_folder;
mod decision_command;
mod demo;
mod desk_process;
mod distributor_commands;
mod draft_commands;
mod embargo_words;
mod erasure_files;
mod errors;
mod faults;
mod finding_commands;
mod generated_docs;
mod handbook;
#[path = "../../../casework/tests/it/hub.rs"]
mod hub;
mod id_commands;
mod id_ends;
mod id_life;
mod intake_commands;
mod issue_commands;
mod issue_filing;
mod job_commands;
mod kills;
mod letter_commands;
mod list_commands;
mod mail_commands;
mod mail_kills;
mod malformed_scenarios;
mod office_commands;
mod people_commands;
mod plan_kills;
mod practice_authority;
mod release_commands;
mod roster_commands;
mod routing_commands;
mod serve_process;
mod severity_commands;
#[path = "../../../casework/tests/it/smtp.rs"]
mod smtp;
mod status_lines;
mod story;
mod team;
mod tracker;
