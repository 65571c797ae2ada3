//! Commands of `cve` that only look.

use crate::cve_transcript::{as_acme, check, run};

#[test]
fn ping_tells_whether_the_service_answers() {
    check(
        "cve_ping",
        &[
            run("ping"),
            run("--api-url http://127.0.0.1:1/api ping"),
            as_acme("ping extra"),
        ],
    );
}

#[test]
fn show_prints_what_the_caller_may_see() {
    check(
        "cve_show",
        &[
            as_acme("show CVE-2099-1000"),
            run("show CVE-2099-2000"),
            run("show CVE-2099-2001"),
            run("show --raw CVE-2099-1000"),
            run("show CVE-2099-1000 -r"),
            run("show CVE-2099-1000 -c --raw"),
            run("show CVE-2099-1001 -r"),
            run("show CVE-2099-1001 -r --raw"),
            run("show CVE-2099-1002 -a"),
            run("show CVE-2099-1002 -a CISA-ADP --raw"),
            run("show CVE-2099-1002 -a nobody -a alone -a nobody"),
            run("show CVE-2099-1000 --show-adp"),
            run("show CVE-2099-1000 --show-adp --raw"),
            run("show CVE-2099-9999"),
            run("show -a CVE-2099-1002"),
            run("show -rc CVE-2099-1002"),
            run("show CVE-2099-1000xyz"),
            run("show CVE-2099-00001"),
            run("show CVE-2099-0000"),
            run("show CVE-1998-1234"),
            run("show"),
        ],
    );
}

#[test]
fn list_joins_the_pages_and_sorts_by_number() {
    check(
        "cve_list",
        &[
            as_acme("list"),
            as_acme("list --no-header --sort-by STATE"),
            as_acme("list --sort-by user -N"),
            as_acme("list --raw --state reserved --year 2099"),
            as_acme("list --year 2097"),
            as_acme("list --reserved-lt 2099-01-01 -N --reserved-gt").word("2098-1-1 10:11:12"),
            as_acme("list --reserved-lt yesterday"),
            as_acme("list --year 20x"),
            as_acme("list --state available"),
            as_acme("list --sort-by colour"),
        ],
    );
}

#[test]
fn org_user_quota_and_count_print_their_blocks() {
    check(
        "cve_org",
        &[
            as_acme("org"),
            as_acme("org --raw"),
            as_acme("org users"),
            as_acme("org users -N"),
            as_acme("org nonsense"),
            as_acme("user"),
            as_acme("user -u nobody"),
            as_acme("quota"),
            as_acme("quota --raw"),
            as_acme("count"),
            as_acme("count --state Published"),
            as_acme("count --state reserved"),
        ],
    );
}
