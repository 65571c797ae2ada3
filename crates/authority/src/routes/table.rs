//! The rows of the table.

use axum::http::Method;

use super::{Beginning, Place, Route, route, site, waiting};
use crate::administration as admin;
use crate::parameters as check;
use crate::router::Compat;
use crate::{allocate, ids, library, orgs, quota, records, system, users};

/// All endpoints of a version.
pub(crate) fn routes(compat: Compat) -> Vec<Route> {
    let mut routes = cve_ids();
    routes.extend(records(compat));
    routes.extend(bulk(compat));
    routes.extend(organisations());
    routes.extend(members());
    routes.extend(admin_orgs().into_iter().map(administration));
    routes.extend(admin_rest().into_iter().map(administration));
    routes.extend(site_pages().into_iter().map(|row| row.at(Place::Site)));
    routes
}

fn administration(row: Route) -> Route {
    row.at(Place::Administration)
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;

fn cve_ids() -> Vec<Route> {
    vec![
        waiting(
            "cveIdReserve",
            POST,
            &["cve-id"],
            allocate::reserve,
            "Reserves CVE IDs",
        )
        .begins_with(Beginning::Caller)
        .checks(&check::RESERVE)
        .gives("cve-id/create-cve-ids-response"),
        waiting(
            "cveIdGetFiltered",
            GET,
            &["cve-id"],
            ids::list,
            "Lists the CVE IDs of an organisation, or of all",
        )
        .begins_with(Beginning::Caller)
        .checks(&check::LIST_IDS)
        .gives("cve-id/list-cve-ids-response"),
        route(
            "cveIdGetSingle",
            GET,
            &["cve-id", ":id"],
            ids::show,
            "Shows a CVE ID; in part to those who do not own it",
        )
        .short()
        .limited()
        .checks(&check::ONE_ID)
        .gives("cve-id/get-cve-id-response"),
        route(
            "cveIdUpdateSingle",
            PUT,
            &["cve-id", ":id"],
            ids::change,
            "Changes state or owner of a CVE ID",
        )
        .checks(&check::CHANGE_ID)
        .gives("cve-id/update-cve-id-response"),
        route(
            "cveIdRangeCreate",
            POST,
            &["cve-id-range", ":year"],
            ids::open_year,
            "Opens a year",
        )
        .checks(&check::OPEN_YEAR),
    ]
}

fn records(compat: Compat) -> Vec<Route> {
    let publish = match compat {
        Compat::V2_3 => &check::ONE_ID,
        Compat::Current => &check::PUBLISH,
    };
    vec![
        route(
            "cveGetSingle",
            GET,
            &["cve", ":id"],
            records::show,
            "Shows a record",
        )
        .begins_with(Beginning::Record)
        .short()
        .limited()
        .checks(&check::ONE_ID)
        .gives("cve/get-cve-record-response"),
        waiting(
            "cveCnaCreateSingle",
            POST,
            &["cve", ":id", "cna"],
            records::publish,
            "Publishes a CVE ID by its first record",
        )
        .publishing()
        .begins_with(Beginning::Caller)
        .checks(publish)
        .takes("cve/create-cve-record-cna-request")
        .gives("cve/create-cve-record-response"),
        route(
            "cveCnaUpdateSingle",
            PUT,
            &["cve", ":id", "cna"],
            records::update,
            "Replaces the CNA container of a record",
        )
        .checks(publish)
        .takes("cve/create-cve-record-cna-request")
        .gives("cve/update-cve-record-response"),
        waiting(
            "cveCnaCreateReject",
            POST,
            &["cve", ":id", "reject"],
            records::reject,
            "Rejects a CVE ID that has no record",
        )
        .begins_with(Beginning::Caller)
        .checks(&check::ONE_ID)
        .takes("cve/create-cve-record-rejection-request")
        .gives("cve/create-cve-record-rejection-response"),
        route(
            "cveCnaUpdateReject",
            PUT,
            &["cve", ":id", "reject"],
            records::reject_again,
            "Rejects a record",
        )
        .checks(&check::ONE_ID)
        .takes("cve/update-cve-record-rejection-request")
        .gives("cve/update-cve-record-rejection-response"),
        route(
            "cveAdpUpdateSingle",
            PUT,
            &["cve", ":id", "adp"],
            records::enrich,
            "Adds or replaces the ADP's container of a record",
        )
        .checks(&check::ONE_ID)
        .takes("cve/create-adp-record-adp-request")
        .gives("cve/update-cve-record-response"),
        route(
            "cveSubmit",
            POST,
            &["cve", ":id"],
            records::create_whole,
            "Stores a whole record",
        )
        .checks(&check::ONE_ID)
        .takes("cve/create-full-cve-record-request")
        .gives("cve/create-cve-record-response"),
        route(
            "cveUpdateSingle",
            PUT,
            &["cve", ":id"],
            records::replace_whole,
            "Replaces a whole record",
        )
        .checks(&check::ONE_ID)
        .takes("cve/create-full-cve-record-request")
        .gives("cve/update-full-cve-record-response"),
    ]
}

fn bulk(compat: Compat) -> Vec<Route> {
    let mut rows = vec![
        route(
            "cveGetFiltered",
            GET,
            &["cve"],
            library::list,
            "Lists records, page by page",
        )
        .checks(&check::LIST_RECORDS)
        .gives("cve/list-cve-records-response"),
        route(
            "cveGetFilteredCursor",
            GET,
            &["cve_cursor"],
            library::walk,
            "Lists records, newest first, from cursor to cursor",
        )
        .checks(&check::WALK_RECORDS)
        .gives("cve/cursor-cve-records-response"),
        route(
            "healthCheck",
            GET,
            &["health-check"],
            system::health,
            "Says that the service is there",
        ),
    ];
    if compat == Compat::Current {
        rows.push(
            route(
                "cveGetCount",
                GET,
                &["cve_count"],
                library::count,
                "Counts records",
            )
            .limited()
            .checks(&check::COUNT_RECORDS)
            .gives("cve/cve-count-response"),
        );
    }
    rows
}

fn organisations() -> Vec<Route> {
    vec![
        route("orgAll", GET, &["org"], orgs::list, "Lists organisations")
            .checks(&check::LIST_ORGS)
            .gives("org/list-orgs-response"),
        route(
            "orgCreateSingle",
            POST,
            &["org"],
            orgs::create,
            "Creates an organisation",
        )
        .checks(&check::CREATE_ORG)
        .takes("org/create-org-request")
        .gives("org/create-org-response"),
        route(
            "orgSingle",
            GET,
            &["org", ":identifier"],
            orgs::show,
            "Shows an organisation, by short name or UUID",
        )
        .checks(&check::SHOW_ORG)
        .gives("org/get-org-response"),
        route(
            "orgUpdateSingle",
            PUT,
            &["org", ":shortname"],
            orgs::update,
            "Changes an organisation",
        )
        .checks(&check::UPDATE_ORG)
        .gives("org/update-org-response"),
        route(
            "orgIdQuota",
            GET,
            &["org", ":shortname", "id_quota"],
            quota::show,
            "Shows what an organisation may still reserve",
        )
        .checks(&check::ONE_ORG)
        .gives("org/get-org-quota-response"),
    ]
}

fn members() -> Vec<Route> {
    vec![
        route(
            "userOrgAll",
            GET,
            &["org", ":shortname", "users"],
            users::list_of_org,
            "Lists the users of an organisation",
        )
        .checks(&check::LIST_ORG_USERS)
        .gives("user/list-users-response"),
        route(
            "userCreateSingle",
            POST,
            &["org", ":shortname", "user"],
            users::create,
            "Creates a user; the answer holds its key, once",
        )
        .checks(&check::CREATE_USER)
        .takes("user/create-user-request")
        .gives("user/create-user-response"),
        route(
            "userSingle",
            GET,
            &["org", ":shortname", "user", ":username"],
            users::show,
            "Shows a user",
        )
        .checks(&check::ONE_USER)
        .gives("user/get-user-response"),
        route(
            "userUpdateSingle",
            PUT,
            &["org", ":shortname", "user", ":username"],
            users::update,
            "Changes a user",
        )
        .checks(&check::UPDATE_USER)
        .gives("user/update-user-response"),
        route(
            "userResetSecret",
            PUT,
            &["org", ":shortname", "user", ":username", "reset_secret"],
            users::reset_key,
            "Makes a new key, shown once; the old one ends",
        )
        .checks(&check::ONE_USER)
        .gives("user/reset-secret-response"),
        route("userAll", GET, &["users"], users::list, "Lists all users")
            .checks(&check::LIST_USERS)
            .gives("user/list-users-response"),
    ]
}

fn admin_orgs() -> Vec<Route> {
    vec![
        route(
            "adminMe",
            GET,
            &["me"],
            admin::orgs::me,
            "Says who administers",
        )
        .gives("authority/me"),
        route(
            "adminOrgList",
            GET,
            &["orgs"],
            admin::orgs::list,
            "Lists the organisations the administrator sees",
        )
        .gives("authority/orgs"),
        route(
            "adminOrgCreate",
            POST,
            &["orgs"],
            admin::orgs::create,
            "Creates an organisation; a Root's is its sub-CNA",
        )
        .takes("authority/new-org")
        .gives("authority/org"),
        route(
            "adminOrgShow",
            GET,
            &["orgs", ":org"],
            admin::orgs::show,
            "Shows an organisation",
        )
        .gives("authority/org"),
        route(
            "adminOrgUpdate",
            PUT,
            &["orgs", ":org"],
            admin::orgs::update,
            "Changes name, short name, roles or Root of an organisation",
        )
        .takes("authority/org-change")
        .gives("authority/org"),
        route(
            "adminOrgDisable",
            POST,
            &["orgs", ":org", "disable"],
            admin::orgs::disable,
            "Lets nobody of an organisation sign in any more",
        )
        .takes("authority/disabling")
        .gives("authority/org"),
        route(
            "adminOrgEnable",
            POST,
            &["orgs", ":org", "enable"],
            admin::orgs::enable,
            "Lets a disabled organisation sign in again",
        )
        .gives("authority/org"),
        route(
            "adminQuotaShow",
            GET,
            &["orgs", ":org", "quota"],
            admin::orgs::quota,
            "Shows quota and use of an organisation",
        )
        .gives("authority/quota"),
        route(
            "adminQuotaSet",
            PUT,
            &["orgs", ":org", "quota"],
            admin::orgs::set_quota,
            "Sets the quota of an organisation",
        )
        .takes("authority/new-quota")
        .gives("authority/quota"),
    ]
}

fn admin_rest() -> Vec<Route> {
    vec![
        route(
            "adminUserList",
            GET,
            &["orgs", ":org", "users"],
            admin::users::list,
            "Lists users with the age and last use of their keys",
        )
        .gives("authority/users"),
        route(
            "adminUserCreate",
            POST,
            &["orgs", ":org", "users"],
            admin::users::create,
            "Creates a user; the answer holds its key, once",
        )
        .takes("authority/new-user")
        .gives("authority/user"),
        route(
            "adminUserShow",
            GET,
            &["orgs", ":org", "users", ":username"],
            admin::users::show,
            "Shows a user",
        )
        .gives("authority/user"),
        route(
            "adminUserUpdate",
            PUT,
            &["orgs", ":org", "users", ":username"],
            admin::users::update,
            "Changes name, roles or activity of a user",
        )
        .takes("authority/user-change")
        .gives("authority/user"),
        route(
            "adminUserKey",
            POST,
            &["orgs", ":org", "users", ":username", "key"],
            admin::users::reset_key,
            "Makes a new key, shown once; the old one ends",
        )
        .gives("authority/user"),
        route(
            "adminRangeList",
            GET,
            &["ranges"],
            admin::ranges::list,
            "Lists the open years and how many numbers they have left",
        )
        .gives("authority/ranges"),
        route(
            "adminRangeOpen",
            POST,
            &["ranges"],
            admin::ranges::open,
            "Opens a year",
        )
        .takes("authority/new-range")
        .gives("authority/range"),
        route(
            "adminRangeExtend",
            PUT,
            &["ranges", ":year"],
            admin::ranges::extend,
            "Moves the last number of a year",
        )
        .takes("authority/range-change")
        .gives("authority/range"),
        route(
            "adminTransfer",
            POST,
            &["transfers"],
            admin::transfers::transfer,
            "Gives CVE IDs, with their records, to another organisation; all or none",
        )
        .takes("authority/transfer")
        .gives("authority/transferred"),
        route(
            "adminAuditList",
            GET,
            &["audit"],
            admin::audit::list,
            "Lists events of the audit chain",
        )
        .checks(&check::LIST_AUDIT)
        .gives("authority/events"),
        route(
            "adminAuditVerify",
            GET,
            &["audit", "verify"],
            admin::audit::verify,
            "Walks the audit chain and says whether it is unbroken",
        )
        .gives("authority/verdict"),
    ]
}

fn site_pages() -> Vec<Route> {
    vec![
        route(
            "healthz",
            GET,
            &["healthz"],
            system::alive,
            "Says that the process is there",
        ),
        route(
            "readyz",
            GET,
            &["readyz"],
            system::ready,
            "Says whether the database answers and the process stays",
        ),
        route(
            "apiDocs",
            GET,
            &["api-docs"],
            site::documentation,
            "Shows this documentation",
        ),
        route(
            "openApi",
            GET,
            &["api-docs", "openapi.json"],
            site::openapi,
            "This documentation for programs",
        ),
        route(
            "schema",
            GET,
            &["schemas", ":folder", ":file"],
            site::schema,
            "Shows a schema of this documentation",
        ),
    ]
}
