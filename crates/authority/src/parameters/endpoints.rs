//! What is checked of each endpoint's parameters, as data.
//!
//! Source: cve-services sections 4 and 6.

use super::{Check, Checks, ORG_ROLES, Place, Rule, USER_ROLES};

const COUNT_ONLY: &str = "Invalid count_only value. Value should be 1, true, or yes to indicate \
                          true, or 0, false, or no to indicate false";
const CNA_MODIFIED: &str = "Invalid cna_modified value. Value should be 1, true, or yes to \
                            indicate true, or 0, false, or no to indicate false";
const ERLCHECK: &str = "Invalid erlcheck value. Value should be 1, true, or yes to indicate true, \
                        or 0, false, or no to indicate false";

const RECORD_STATE: Rule = Rule::OneOf(
    &["PUBLISHED", "REJECTED"],
    "Invalid record state. Valid states are: PUBLISHED, REJECTED",
);
const ORG_ROLE_WORDS: Rule = Rule::Roles(
    ORG_ROLES,
    // The other roles are accepted too; the sentence is the reference server's.
    "Invalid role. Valid roles are CNA, SECRETARIAT",
);
const USER_ROLE_WORDS: Rule = Rule::Roles(USER_ROLES, "Invalid role. Valid role is ADMIN");

const fn path(name: &'static str, rules: &'static [Rule]) -> Check {
    Check {
        name,
        place: Place::Path,
        needed: true,
        rules,
    }
}

const fn query(name: &'static str, rules: &'static [Rule]) -> Check {
    Check {
        name,
        place: Place::Query,
        needed: false,
        rules,
    }
}

const fn needed(check: Check) -> Check {
    Check {
        needed: true,
        ..check
    }
}

const fn body(name: &'static str, rules: &'static [Rule]) -> Check {
    Check {
        name,
        place: Place::Body,
        needed: false,
        rules,
    }
}

const PAGE: Check = query("page", &[Rule::Integer(1)]);
const ID: Check = path("id", &[Rule::CveId]);
const SHORT_NAME: Check = path("shortname", &[Rule::Length(2, 32)]);
const USER_NAME: Check = path("username", &[Rule::Username]);
const MODIFIED_BEFORE: Check = query("time_modified.lt", &[Rule::Moment]);
const MODIFIED_AFTER: Check = query("time_modified.gt", &[Rule::Moment]);

/// Endpoints that take no parameters, or read their body themselves.
pub(crate) const NOTHING: Checks = Checks {
    known: None,
    checks: &[],
};

/// GET /authority/v1/audit.
pub(crate) const LIST_AUDIT: Checks = Checks {
    known: Some(&["after", "limit", "org", "object"]),
    checks: &[
        query("after", &[Rule::Integer(0)]),
        query("limit", &[Rule::Integer(1)]),
        query("org", &[Rule::Text, Rule::Length(2, 32)]),
        query("object", &[Rule::Text, Rule::NotEmpty]),
    ],
};

/// GET /cve-id.
pub(crate) const LIST_IDS: Checks = Checks {
    known: Some(&[
        "page",
        "state",
        "cve_id_year",
        "time_reserved.lt",
        "time_reserved.gt",
        "time_modified.lt",
        "time_modified.gt",
    ]),
    checks: &[
        PAGE,
        query(
            "state",
            &[Rule::OneOf(
                &["RESERVED", "PUBLISHED", "REJECTED"],
                "Invalid CVE ID state. Valid states are: RESERVED, PUBLISHED, REJECTED",
            )],
        ),
        query("cve_id_year", &[Rule::Numeric, Rule::FourDigits]),
        query("time_reserved.lt", &[Rule::Moment]),
        query("time_reserved.gt", &[Rule::Moment]),
        MODIFIED_BEFORE,
        MODIFIED_AFTER,
    ],
};

/// POST /cve-id.
pub(crate) const RESERVE: Checks = Checks {
    known: Some(&["amount", "batch_type", "short_name", "cve_year"]),
    checks: &[
        needed(query("amount", &[Rule::Integer(i64::MIN)])),
        query("batch_type", &[Rule::Text]),
        needed(query("short_name", &[Rule::Text, Rule::Length(2, 32)])),
        needed(query("cve_year", &[Rule::Numeric, Rule::FourDigits])),
    ],
};

/// Everything that names one CVE ID and nothing else.
pub(crate) const ONE_ID: Checks = Checks {
    known: None,
    checks: &[ID],
};

/// POST and PUT /cve/:id/cna.
pub(crate) const PUBLISH: Checks = Checks {
    known: None,
    checks: &[ID, query("erlcheck", &[Rule::Truth(Some(ERLCHECK))])],
};

/// PUT /cve-id/:id.
pub(crate) const CHANGE_ID: Checks = Checks {
    known: Some(&["state", "org"]),
    checks: &[
        ID,
        query(
            "state",
            &[Rule::OneOf(
                &["RESERVED", "REJECTED"],
                "Invalid CVE ID state. Valid states are: RESERVED, REJECTED",
            )],
        ),
        query("org", &[Rule::Text]),
    ],
};

/// POST /cve-id-range/:year.
pub(crate) const OPEN_YEAR: Checks = Checks {
    known: None,
    checks: &[path("year", &[Rule::FourDigits])],
};

/// GET /cve.
pub(crate) const LIST_RECORDS: Checks = Checks {
    known: Some(&[
        "page",
        "time_modified.lt",
        "time_modified.gt",
        "state",
        "count_only",
        "assigner_short_name",
        "assigner",
        "cna_modified",
        "adp_short_name",
    ]),
    checks: &[
        PAGE,
        MODIFIED_BEFORE,
        MODIFIED_AFTER,
        query("state", &[RECORD_STATE]),
        query("count_only", &[Rule::Truth(Some(COUNT_ONLY))]),
        query("assigner_short_name", &[Rule::Length(2, 32)]),
        query("assigner", &[Rule::NotEmpty]),
        query("cna_modified", &[Rule::Truth(Some(CNA_MODIFIED))]),
        query("adp_short_name", &[Rule::Length(2, 32)]),
    ],
};

/// GET /cve_cursor.
pub(crate) const WALK_RECORDS: Checks = Checks {
    known: Some(&[
        "time_modified.lt",
        "time_modified.gt",
        "state",
        "count_only",
        "assigner_short_name",
        "assigner",
        "cna_modified",
        "adp_short_name",
        "next_page",
        "previous_page",
        "limit",
    ]),
    checks: &[
        MODIFIED_BEFORE,
        MODIFIED_AFTER,
        query("state", &[RECORD_STATE]),
        query("count_only", &[Rule::Truth(Some(COUNT_ONLY))]),
        query("assigner_short_name", &[Rule::Length(2, 32)]),
        query("assigner", &[Rule::NotEmpty]),
        query("cna_modified", &[Rule::Truth(Some(CNA_MODIFIED))]),
        query("adp_short_name", &[Rule::Length(2, 32)]),
        query("next_page", &[Rule::Length(1, 500)]),
        query("previous_page", &[Rule::Length(1, 500)]),
        // The reference server asks for 1 to 500 characters and turns a word
        // into no limit at all.
        query("limit", &[Rule::Integer(0)]),
    ],
};

/// GET /cve_count.
pub(crate) const COUNT_RECORDS: Checks = Checks {
    known: Some(&["state"]),
    checks: &[query("state", &[RECORD_STATE])],
};

/// GET /org.
pub(crate) const LIST_ORGS: Checks = Checks {
    known: Some(&["page"]),
    checks: &[PAGE],
};

/// GET /org/:identifier.
pub(crate) const SHOW_ORG: Checks = Checks {
    known: None,
    checks: &[path("identifier", &[Rule::Text])],
};

/// POST /org.
pub(crate) const CREATE_ORG: Checks = Checks {
    known: None,
    checks: &[
        needed(body(
            "short_name",
            &[Rule::Text, Rule::NotEmpty, Rule::Length(2, 32)],
        )),
        needed(body("name", &[Rule::Text, Rule::NotEmpty])),
        body(
            "authority.active_roles",
            &[Rule::Roles(ORG_ROLES, "Organization role does not exist.")],
        ),
        body("policies.id_quota", &[Rule::Quota]),
    ],
};

/// PUT /org/:shortname.
pub(crate) const UPDATE_ORG: Checks = Checks {
    known: Some(&[
        "new_short_name",
        "id_quota",
        "name",
        "active_roles.add",
        "active_roles.remove",
    ]),
    checks: &[
        SHORT_NAME,
        query("new_short_name", &[Rule::Text, Rule::Length(2, 32)]),
        query("id_quota", &[Rule::Quota]),
        query("name", &[Rule::Text, Rule::NotEmpty]),
        query("active_roles.add", &[ORG_ROLE_WORDS]),
        query("active_roles.remove", &[ORG_ROLE_WORDS]),
    ],
};

/// Everything that names one organisation and nothing else.
pub(crate) const ONE_ORG: Checks = Checks {
    known: None,
    checks: &[SHORT_NAME],
};

/// GET /org/:shortname/users.
pub(crate) const LIST_ORG_USERS: Checks = Checks {
    known: None,
    checks: &[SHORT_NAME, PAGE],
};

/// GET /users.
pub(crate) const LIST_USERS: Checks = Checks {
    known: None,
    checks: &[PAGE],
};

/// Everything that names one user and nothing else.
pub(crate) const ONE_USER: Checks = Checks {
    known: None,
    checks: &[SHORT_NAME, USER_NAME],
};

/// POST /org/:shortname/user.
pub(crate) const CREATE_USER: Checks = Checks {
    known: None,
    checks: &[
        SHORT_NAME,
        needed(body(
            "username",
            &[Rule::Text, Rule::NotEmpty, Rule::Username],
        )),
        body("name.first", &[Rule::NamePart("first")]),
        body("name.last", &[Rule::NamePart("last")]),
        body("name.middle", &[Rule::NamePart("middle")]),
        body("name.suffix", &[Rule::NamePart("suffix")]),
        body(
            "authority.active_roles",
            &[Rule::Roles(USER_ROLES, "User role does not exist.")],
        ),
    ],
};

/// PUT /org/:shortname/user/:username.
pub(crate) const UPDATE_USER: Checks = Checks {
    known: Some(UPDATE_USER_NAMES),
    checks: &[
        SHORT_NAME,
        USER_NAME,
        query("active", &[Rule::Truth(None)]),
        query("new_username", &[Rule::Username]),
        query("org_short_name", &[Rule::Text, Rule::Length(2, 32)]),
        query("name.first", &[Rule::NamePart("first")]),
        query("name.last", &[Rule::NamePart("last")]),
        query("name.middle", &[Rule::NamePart("middle")]),
        query("name.suffix", &[Rule::NamePart("suffix")]),
        query("active_roles.add", &[USER_ROLE_WORDS]),
        query("active_roles.remove", &[USER_ROLE_WORDS]),
    ],
};

/// What PUT /org/:shortname/user/:username can change.
pub(crate) const UPDATE_USER_NAMES: &[&str] = &[
    "active",
    "new_username",
    "org_short_name",
    "name.first",
    "name.last",
    "name.middle",
    "name.suffix",
    "active_roles.add",
    "active_roles.remove",
];
