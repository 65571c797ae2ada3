//! Vectors and scores that FIRST published as worked examples.

use cve::cvss::Cvss;

/// Source: FIRST, CVSS v3.1 examples; the v3.0 document gives the same
/// scores for the same metrics.
#[test]
fn the_v3_examples_have_their_published_scores() {
    for (cve, metrics, score) in [
        (
            "CVE-2013-1937",
            "AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
            "6.1",
        ),
        (
            "CVE-2013-0375",
            "AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N",
            "6.4",
        ),
        (
            "CVE-2014-3566",
            "AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N",
            "3.1",
        ),
        (
            "CVE-2012-1516",
            "AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H",
            "9.9",
        ),
        (
            "CVE-2009-0783",
            "AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L",
            "4.2",
        ),
        (
            "CVE-2012-0384",
            "AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
            "8.8",
        ),
        (
            "CVE-2015-1098",
            "AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H",
            "7.8",
        ),
        (
            "CVE-2014-0160",
            "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
            "7.5",
        ),
        (
            "CVE-2014-6271",
            "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "9.8",
        ),
        (
            "CVE-2008-1447",
            "AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N",
            "6.8",
        ),
        (
            "CVE-2014-2005",
            "AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "6.8",
        ),
        (
            "CVE-2010-0467",
            "AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N",
            "5.8",
        ),
        (
            "CVE-2012-1342",
            "AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:L/A:N",
            "5.8",
        ),
        (
            "CVE-2013-6014",
            "AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H",
            "9.3",
        ),
        (
            "CVE-2014-9253",
            "AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N",
            "5.4",
        ),
        (
            "CVE-2011-1265",
            "AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "8.8",
        ),
        (
            "CVE-2014-2019",
            "AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N",
            "4.6",
        ),
        (
            "CVE-2015-0970",
            "AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H",
            "8.8",
        ),
        (
            "CVE-2014-0224",
            "AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N",
            "7.4",
        ),
        (
            "CVE-2012-5376",
            "AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H",
            "9.6",
        ),
    ] {
        for prefix in ["CVSS:3.0/", "CVSS:3.1/"] {
            let vector: Cvss = format!("{prefix}{metrics}").parse().unwrap();
            assert_eq!(vector.base_score().to_string(), score, "{cve} {prefix}");
        }
    }
}

/// Source: FIRST, CVSS v4.0 examples.
#[test]
fn the_v4_examples_have_their_published_scores() {
    for (cve, metrics, score) in [
        (
            "CVE-2022-41741",
            "AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            "7.3",
        ),
        (
            "CVE-2020-3549",
            "AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            "7.7",
        ),
        (
            "CVE-2023-3089",
            "AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N",
            "8.3",
        ),
        (
            "CVE-2021-44714",
            "AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N",
            "4.6",
        ),
        (
            "CVE-2022-21830",
            "AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N",
            "5.1",
        ),
        (
            "CVE-2022-22186",
            "AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N",
            "6.9",
        ),
        (
            "CVE-2023-21989",
            "AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:N",
            "5.9",
        ),
        (
            "CVE-2021-44228",
            "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A",
            "10.0",
        ),
        (
            "CVE-2014-0160",
            "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:A",
            "8.7",
        ),
    ] {
        let vector: Cvss = format!("CVSS:4.0/{metrics}").parse().unwrap();
        assert_eq!(vector.score().to_string(), score, "{cve}");
    }
}
