//! CVSS vector strings, as far as the schema's patterns look at them.

/// Says whether `text` is one or more CVSS 2.0 metrics in any order, the
/// same metric as often as it likes.
///
/// Source: CVE Record Format `…/cvssV2_0/properties/vectorString`.
pub(super) fn is_vector_2(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'/').all(|metric| {
        let Some(colon) = memchr::memchr(b':', metric) else {
            return false;
        };
        let value = &metric[colon + 1..];
        match &metric[..colon] {
            b"AV" => matches!(value, b"N" | b"A" | b"L"),
            b"AC" => matches!(value, b"L" | b"M" | b"H"),
            b"Au" => matches!(value, b"M" | b"S" | b"N"),
            b"C" | b"I" | b"A" => matches!(value, b"N" | b"P" | b"C"),
            b"E" => matches!(value, b"U" | b"POC" | b"F" | b"H" | b"ND"),
            b"RL" => matches!(value, b"OF" | b"TF" | b"W" | b"U" | b"ND"),
            b"RC" => matches!(value, b"UC" | b"UR" | b"C" | b"ND"),
            b"CDP" => matches!(value, b"N" | b"L" | b"LM" | b"MH" | b"H" | b"ND"),
            b"TD" => matches!(value, b"N" | b"L" | b"M" | b"H" | b"ND"),
            b"CR" | b"IR" | b"AR" => matches!(value, b"L" | b"M" | b"H" | b"ND"),
            _ => false,
        }
    })
}

/// Says whether `text` is a CVSS 3.1 prefix and one or more metrics in any
/// order, the same metric as often as it likes.
///
/// Source: CVE Record Format `…/cvssV3_1/properties/vectorString`.
pub(super) fn is_vector_31(text: &[u8]) -> bool {
    text.strip_prefix(b"CVSS:3.1/")
        .is_some_and(|metrics| are_metrics_3(metrics, false))
}

/// The same for CVSS 3.0, whose pattern also lets `PR:U` and `MPR:U` through.
///
/// Source: CVE Record Format `…/cvssV3_0/properties/vectorString`.
pub(super) fn is_vector_30(text: &[u8]) -> bool {
    text.strip_prefix(b"CVSS:3.0/")
        .is_some_and(|metrics| are_metrics_3(metrics, true))
}

fn are_metrics_3(metrics: &[u8], privileges_unknown: bool) -> bool {
    metrics.split(|byte| *byte == b'/').all(|metric| {
        let [name @ .., b':', value] = metric else {
            return false;
        };
        let values: &[u8] = match name {
            b"AV" => b"NALP",
            b"AC" => b"LH",
            b"PR" if privileges_unknown => b"UNLH",
            b"PR" => b"NLH",
            b"UI" => b"NR",
            b"S" => b"UC",
            b"C" | b"I" | b"A" => b"NLH",
            b"E" => b"XUPFH",
            b"RL" => b"XOTWU",
            b"RC" => b"XURC",
            b"CR" | b"IR" | b"AR" => b"XLMH",
            b"MAV" => b"XNALP",
            b"MAC" => b"XLH",
            b"MPR" if privileges_unknown => b"XUNLH",
            b"MPR" => b"XNLH",
            b"MUI" => b"XNR",
            b"MS" => b"XUC",
            b"MC" | b"MI" | b"MA" => b"XNLH",
            _ => return false,
        };
        values.contains(value)
    })
}

/// The metrics of CVSS 4.0 in their order: name with its colon, values.
const METRICS_4: [(&[u8], &[u8]); 31] = [
    (b"AV:", b"NALP"),
    (b"AC:", b"LH"),
    (b"AT:", b"NP"),
    (b"PR:", b"NLH"),
    (b"UI:", b"NPA"),
    (b"VC:", b"HLN"),
    (b"VI:", b"HLN"),
    (b"VA:", b"HLN"),
    (b"SC:", b"HLN"),
    (b"SI:", b"HLN"),
    (b"SA:", b"HLN"),
    (b"E:", b"XAPU"),
    (b"CR:", b"XHML"),
    (b"IR:", b"XHML"),
    (b"AR:", b"XHML"),
    (b"MAV:", b"XNALP"),
    (b"MAC:", b"XLH"),
    (b"MAT:", b"XNP"),
    (b"MPR:", b"XNLH"),
    (b"MUI:", b"XNPA"),
    (b"MVC:", b"XNLH"),
    (b"MVI:", b"XNLH"),
    (b"MVA:", b"XNLH"),
    (b"MSC:", b"XNLH"),
    (b"MSI:", b"XNLHS"),
    (b"MSA:", b"XNLHS"),
    (b"S:", b"XNP"),
    (b"AU:", b"XNY"),
    (b"R:", b"XAUI"),
    (b"V:", b"XDC"),
    (b"RE:", b"XLMH"),
];

/// How many metrics at the head of `METRICS_4` are mandatory.
const BASE_4: usize = 11;

/// Says whether `text` is a CVSS 4.0 vector: the base metrics and then any
/// of the others, all in their order, the provider urgency last.
///
/// Source: CVE Record Format `…/cvssV4_0/properties/vectorString`.
pub(super) fn is_vector_4(text: &[u8]) -> bool {
    let Some(metrics) = text.strip_prefix(b"CVSS:4.0/") else {
        return false;
    };
    let mut next = 0;
    let mut parts = metrics.split(|byte| *byte == b'/').peekable();
    while let Some(metric) = parts.next() {
        if let Some(urgency) = metric.strip_prefix(b"U:") {
            let known = matches!(urgency, b"X" | b"Clear" | b"Green" | b"Amber" | b"Red");
            return known && next >= BASE_4 && parts.peek().is_none();
        }
        let place = METRICS_4[next..].iter().position(|(name, values)| {
            metric
                .strip_prefix(*name)
                .is_some_and(|value| matches!(value, [letter] if values.contains(letter)))
        });
        match place {
            // A base metric may not be passed over.
            Some(skipped) if skipped == 0 || next >= BASE_4 => next += skipped + 1,
            _ => return false,
        }
    }
    next >= BASE_4
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";

    fn is_4(text: &str) -> bool {
        is_vector_4(text.as_bytes())
    }

    #[test]
    fn cvss_4_wants_its_order() {
        assert!(is_4(BASE));
        assert!(is_4(&format!("{BASE}/E:A/MSI:S/RE:M/U:Amber")));
        assert!(is_4(&format!("{BASE}/U:X")));
        for bad in [
            "/",
            "/E:Z",
            "/U:red",
            "/U:Red/E:A",
            "/E:A/E:A",
            "/MSI:S/E:A",
            "/U:Red/",
            "\n",
        ] {
            assert!(!is_4(&format!("{BASE}{bad}")), "{bad} was accepted");
        }
        assert!(!is_4(
            "CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
        ));
        assert!(!is_4(
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N"
        ));
        assert!(!is_4("CVSS:4.0/AV:N/U:Red"));
        assert!(!is_4("CVSS:4.0/"));
    }

    #[test]
    fn cvss_3_has_any_order_and_repetitions() {
        for text in [
            "CVSS:3.1/AV:N",
            "CVSS:3.1/A:H/AV:N/A:H",
            "CVSS:3.1/MPR:X/RC:C/MS:C",
        ] {
            assert!(is_vector_31(text.as_bytes()), "{text} was refused");
        }
        for text in [
            "CVSS:3.1/",
            "CVSS:3.1",
            "CVSS:3.1/AV:N/",
            "CVSS:3.1/PR:U",
            "CVSS:3.0/AV:N",
        ] {
            assert!(!is_vector_31(text.as_bytes()), "{text} was accepted");
        }
        assert!(is_vector_30(b"CVSS:3.0/PR:U/MPR:U"));
    }

    #[test]
    fn cvss_2_has_neither_prefix_nor_parentheses() {
        assert!(is_vector_2(b"AV:N/AC:L/Au:N/C:P/I:P/A:P/E:POC/CDP:MH"));
        for text in [
            "",
            "(AV:N/AC:L)",
            "AV:N//AC:L",
            "AV:N/AU:N",
            "CVSS:2.0/AV:N",
            "A:P\n",
        ] {
            assert!(!is_vector_2(text.as_bytes()), "{text} was accepted");
        }
    }
}
