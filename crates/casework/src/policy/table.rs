//! The table of roles and permissions.

use super::{Role, Scope};

/// Whether a role may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// It may not.
    No,
    /// It may.
    Yes,
    /// It may, within a limit that is enforced where the thing is done.
    Only(&'static str),
}

use Grant::{No, Only, Yes};

/// Declares the actions with their line of the table.
macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $action:ident = $words:literal, $scope:ident,
        [$($grant:expr),+ $(,)?], $root:literal, $secretariat:literal;)+) => {
        /// Something a person may or may not do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[doc = $doc])+ $action,)+
        }

        impl Action {
            /// Every action, in the order of the table.
            pub const ALL: &'static [Action] = &[$(Action::$action),+];

            /// The action as a verb with its object.
            pub fn words(self) -> &'static str {
                match self { $(Action::$action => $words,)+ }
            }

            /// What a token has to be good for.
            pub fn scope(self) -> Scope {
                match self { $(Action::$action => Scope::$scope,)+ }
            }

            /// What each role may, in the order of [`Role::ALL`].
            fn grants(self) -> &'static [Grant; 9] {
                match self { $(Action::$action => const { &[$($grant),+] },)+ }
            }

            /// What Root and Secretariat may, in words; they act at the
            /// authority and not here.
            fn above(self) -> (&'static str, &'static str) {
                match self { $(Action::$action => ($root, $secretariat),)+ }
            }
        }
    };
}

// Columns: triager, commander, fixer, release manager, analyst, reviewer,
// publisher, oa, auditor; then Root and Secretariat.
actions! {
    /// See a case one is on.
    See = "see cases", Read,
        [Yes, Yes, Only("until its record is published"), Only("once ready"), Yes, Yes, Yes, Yes, Yes],
        "", "";
    /// File a report as a case.
    Receive = "file a report", Report,
        [Yes, Yes, No, No, Yes, Yes, No, No, No], "", "";
    /// Take a case, becoming its owner.
    Take = "take a case", Work,
        [Yes, Yes, No, No, Yes, Yes, No, No, No], "", "";
    /// Write a message into a case.
    Comment = "write a message", Work,
        [Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, No], "", "";
    /// Keep the tasks and links of a case.
    Plan = "keep tasks and links", Work,
        [Yes, Yes, Yes, Yes, Yes, Yes, Yes, Yes, No], "", "";
    /// Send what was drafted for the reporter or a vendor.
    Send = "send a message out of the house", Work,
        [Yes, Yes, No, No, Yes, Yes, Yes, No, No], "", "";
    /// Change who is on a case and whom its vendors' lane reaches.
    Share = "change who is on a case", Work,
        [Yes, Yes, No, No, Yes, Yes, No, No, No], "", "";
    /// Record what happened, so that clocks start and stop.
    Record = "record what happened", Work,
        [Yes, Yes, No, No, Yes, Yes, Yes, No, No], "", "";
    /// Ask the reporter something, and make and end the reporter's link.
    Correspond = "write to the reporter", Work,
        [Yes, Yes, No, No, Yes, Yes, Yes, No, No], "", "";
    /// Read the confidential part of a report.
    Confide = "read the confidential part of a report", Read,
        [No, Yes, No, No, Yes, Yes, Yes, No, No], "", "";
    /// Agree on an embargo, or end it.
    Embargo = "set an embargo", Work,
        [Yes, Yes, No, No, Yes, Yes, No, No, No], "", "";
    /// Answer the questions of stages A to C of the decision tree.
    Prefill = "answer stages A to C of the decision tree", Work,
        [Yes, Yes, No, No, Yes, Yes, No, No, No], "own disputes", "";
    /// Answer all questions of the decision tree.
    Answer = "answer the decision tree", Work,
        [No, No, No, No, Yes, Yes, No, No, No], "own disputes", "";
    /// Confirm the number of vulnerabilities (D8).
    Confirm = "confirm the number of vulnerabilities", Work,
        [No, No, No, No, Only("a second person"), Yes, No, No, No], "", "";
    /// Propose a bounty award, or decide the one of somebody else.
    Award = "propose or decide a bounty award", Work,
        [No, Yes, No, No, Yes, Only("not the own proposal"), No, No, No], "", "";
    /// Close a case by hand, or open one again.
    Close = "close or reopen a case", Work,
        [No, Yes, No, No, Yes, Yes, No, No, No], "", "";
    /// Reserve CVE IDs and keep the pool.
    Reserve = "reserve CVE IDs", Work,
        [No, No, No, No, Yes, Yes, Yes, Yes, No], "for a child", "any";
    /// Assign a CVE ID to a case, reserving one where needed.
    Assign = "assign a CVE ID", Work,
        [No, No, No, No, Yes, Yes, No, No, No], "", "";
    /// Write a revision of a draft.
    Draft = "write a draft", Work,
        [No, No, No, No, Yes, Only("then cannot approve"), Yes, No, No], "", "";
    /// Approve or return a revision.
    Review = "review a draft", Publish,
        [No, No, No, No, No, Only("not the own draft"), No, No, No], "", "";
    /// Approve alone in an emergency, with a reason and a review to follow.
    Override = "approve in an emergency", Publish,
        [No, No, No, No, No, No, No, Only("with a reason; reviewed afterwards"), No], "", "";
    /// Say that an item of the publish checklist is done, or waive it.
    Tick = "tick the publish checklist", Work,
        [No, Yes, No, No, Yes, Yes, Yes, No, No], "", "";
    /// Write and send announcements.
    Announce = "write announcements", Work,
        [No, Yes, No, No, Yes, Only("approves what others wrote"), Yes, No, No], "", "";
    /// Start the plan that makes advisory and record public.
    Publish = "publish", Publish,
        [No, No, No, No, No, No, Yes, No, No], "by direction of the CNA-LR", "exigent";
    /// Send a package to private distributors.
    Distribute = "send to distributors", Publish,
        [No, Only("after review"), No, No, No, Only("approves"), No, No, No], "", "";
    /// Try a held or failed follow-up again.
    Retry = "retry a follow-up", Work,
        [No, No, No, No, Yes, Yes, Yes, Yes, No], "", "";
    /// Administer people, products, accounts and the organisation.
    Administer = "administer the desk", Administer,
        [No, No, No, No, No, No, No, Only("own organisation"), No], "", "any organisation";
    /// Ask for a quota, an organisation or a transfer of IDs.
    Request = "ask for a quota or a transfer", Administer,
        [No, No, No, No, No, No, No, Only("asks"), No], "asks, approves", "does";
    /// Change the Scope Definition.
    Scope = "change the scope", Work,
        [No, No, No, No, Only("drafts"), No, No, Only("submits"), No],
        "approves", "approves finally, publishes";
    /// Decide a dispute.
    Dispute = "decide a dispute", Work,
        [No, No, No, No, Only("prepares"), Yes, No, No, No],
        "escalations", "across hierarchies, with the Council of Roots";
    /// Read the ledger and the deadlines of the desk.
    Audit = "read the ledger", Read,
        [No, No, No, No, Yes, Yes, Yes, Yes, Yes], "", "";
    /// Export the audit chain.
    Export = "export the audit chain", Read,
        [No, No, No, No, No, No, No, Yes, Yes], "own hierarchy", "all";
}

impl Action {
    /// What `role` may.
    pub fn grant(self, role: Role) -> Grant {
        let columns = Role::ALL.iter().zip(self.grants());
        let found = columns.into_iter().find(|(column, _)| **column == role);
        found.map_or(No, |(_, grant)| *grant)
    }

    /// The roles of which one is needed.
    ///
    /// Source: process section 3.5.
    pub fn roles(self) -> Vec<Role> {
        let may = |role: &Role| self.grant(*role) != No;
        Role::ALL.into_iter().filter(may).collect()
    }
}

/// The table as Markdown, for the documentation.
pub fn policy_table() -> String {
    let mut heads = vec!["action".to_owned()];
    heads.extend(Role::ALL.iter().map(ToString::to_string));
    heads.extend(["token scope", "Root", "Secretariat"].map(str::to_owned));
    let mut text = format!(
        "| {} |\n|{}\n",
        heads.join(" | "),
        "---|".repeat(heads.len())
    );
    for action in Action::ALL {
        let mut cells = vec![action.words().to_owned()];
        cells.extend(action.grants().iter().map(|grant| match grant {
            No => String::new(),
            Yes => "yes".to_owned(),
            Only(limit) => (*limit).to_owned(),
        }));
        let (root, secretariat) = action.above();
        cells.extend([
            action.scope().to_string(),
            root.to_owned(),
            secretariat.to_owned(),
        ]);
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}
