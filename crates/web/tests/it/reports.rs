//! Reports of made-up vulnerabilities, complete enough to be published.

/// One report for each state a case is looked at in.
pub(crate) fn all() -> Vec<String> {
    [
        (
            "Node Agent follows symbolic links when it rotates logs",
            "high",
            "CWE-61",
            "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:H",
        ),
        (
            "Node Agent accepts unsigned configuration from the controller",
            "critical",
            "CWE-347",
            "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:L/SI:L/SA:N",
        ),
        (
            "Node Agent writes bearer tokens to its debug log",
            "medium",
            "CWE-532",
            "",
        ),
        (
            "Node Agent can be stopped by an oversized heartbeat",
            "medium",
            "CWE-400",
            "",
        ),
        (
            "Node Agent trusts the host name in metrics",
            "low",
            "CWE-20",
            "",
        ),
        (
            "Race in Node Agent between path check and open",
            "high",
            "CWE-367",
            "",
        ),
        (
            "Node Agent leaks memory of other tenants in traces",
            "",
            "",
            "",
        ),
    ]
    .into_iter()
    .map(|(title, severity, weakness, cvss)| report(title, severity, weakness, cvss))
    .collect()
}

/// A report about the product of the test instance.
pub(crate) fn report(title: &str, severity: &str, weakness: &str, cvss: &str) -> String {
    format!(
        r#"---
title: {title:?}
product: node-agent
reporter: {{name: Alex Rivera, contact: alex@reporter.example, credit: "Alex Rivera (Harbour Labs)"}}
severity: {severity:?}
weakness: {weakness:?}
cvss: {cvss:?}
affected:
  - {{from: "1.2.0", before: "1.4.3"}}
  - {{from: "2.0.0", before: "2.1.1"}}
references: ["https://git.example.org/node-agent/commit/4f2a91c"]
public:
  description: >-
    {title} in Example Node Agent from 1.2.0 before 1.4.3 and from 2.0.0 before
    2.1.1. A local user with a shell on the node can make the agent overwrite
    files that belong to root, because the agent opens the rotated log by name
    after it checked who owns the folder.
  solution: |
    Update to **1.4.3** or **2.1.1**, whichever line you run:

        apt-get install node-agent

    The fixed agent opens logs relative to a folder it holds open.
  workaround: |
    Until you can update, turn rotation off with `rotate: never` in
    `agent.toml` and restart the agent.
---
I looked at how logs are rotated. With `rotate: daily` the agent

1. checks who owns `/var/log/agent`,
2. opens `agent.log` **by name**.

Between the two a local user can put a link in its place. A script that does
so within seconds is at [my page](https://reporter.example/agent).
"#
    )
}
