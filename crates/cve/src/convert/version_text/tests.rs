use proptest::prelude::*;

use super::*;
use crate::versions::{Expression, Operator, status};

/// The sentence of a reading, the code of a refusal after `!`, or `single`.
fn said(text: &str) -> String {
    match read(text, &[]) {
        VersionText::Single => "single".to_owned(),
        VersionText::Read(reading) => reading.sentence().replace('`', ""),
        VersionText::Unread(reason) => format!("!{}", reason.code()),
    }
}

/// Texts as records hold them, one of each shape, each reading judged by a
/// person.
const READINGS: &[(&str, &str)] = &[
    (
        "ver.1.2.0.424 and earlier",
        "versions up to and including 1.2.0.424",
    ),
    ("7.2.26 and earlier", "versions up to and including 7.2.26"),
    ("prior to 5.0.32", "versions before 5.0.32"),
    (
        "8.5.7 to 8.5.9",
        "versions from 8.5.7 up to and including 8.5.9",
    ),
    (
        "All versions < V4.1.1 Patch04",
        "versions before V4.1.1 Patch04",
    ),
    ("All versions < V01.01.01", "versions before V01.01.01"),
    ("All versions", "all versions"),
    ("All versions < V2010 SP3", "versions before V2010 SP3"),
    ("All versions < V4.5 HF1", "versions before V4.5 HF1"),
    (
        "All versions < V1.4 SP1 HF5",
        "versions before V1.4 SP1 HF5",
    ),
    (
        "5.0.0 <= version < 5.15.7",
        "versions from 5.0.0 up to, not including, 5.15.7",
    ),
    (
        "From version 4.1.0 before version 4.4.1.",
        "versions from 4.1.0 up to, not including, 4.4.1",
    ),
    (
        "All versions prior to version 4.4.1",
        "versions before 4.4.1",
    ),
    (
        "5.4.2.x through 5.5.1.x",
        "versions from 5.4.2 up to the end of the 5.5.1 series",
    ),
    ("5.5.58 and prior", "versions up to and including 5.5.58"),
    ("< 6.4", "versions before 6.4"),
    ("Before v2.24.1", "versions before v2.24.1"),
    (
        "All versions < V4.6 Patch 01",
        "versions before V4.6 Patch 01",
    ),
    (
        "All versions <= V6.0.1",
        "versions up to and including V6.0.1",
    ),
    (
        "all versions 4.11.x before 4.11.3",
        "versions from 4.11 up to, not including, 4.11.3",
    ),
    (
        "10.4.1, 10.4.2, 11.0.0",
        "version 10.4.1; version 10.4.2; version 11.0.0",
    ),
    ("All Versions >= V2.7", "versions from V2.7 on"),
    (
        "Firmware versions \"26\" and prior",
        "versions up to and including 26",
    ),
    ("All versions before 4.5.2", "versions before 4.5.2"),
    (
        "20.0.7.3 and prior versions",
        "versions up to and including 20.0.7.3",
    ),
    (
        "before version INWHL357.0046",
        "versions before INWHL357.0046",
    ),
    (
        ">= 1.8.0, <= 1.8.2",
        "versions from 1.8.0 up to and including 1.8.2",
    ),
    (
        ">= 1.10.0, < 1.10.4",
        "versions from 1.10.0 up to, not including, 1.10.4",
    ),
    ("All", "all versions"),
    ("Versions prior to 2022-11-01", "versions before 2022-11-01"),
    ("5.0.0, 5.0.1", "version 5.0.0; version 5.0.1"),
    ("<= 8.5.1", "versions up to and including 8.5.1"),
    ("before version 01.04.0029", "versions before 01.04.0029"),
    ("through 8.1.0", "versions up to and including 8.1.0"),
    (
        "6.0.6, 6.0.6.1, 7.0, 7.0.1, 7.0.2",
        "version 6.0.6; version 6.0.6.1; version 7.0; version 7.0.1; version 7.0.2",
    ),
    (
        "versions 1.280 and prior",
        "versions up to and including 1.280",
    ),
    ("< V1.15(ACCC.3)C0", "versions before V1.15(ACCC.3)C0"),
    ("<=2.0.2", "versions up to and including 2.0.2"),
    (
        "All versions prior to 3.1.50719.1",
        "versions before 3.1.50719.1",
    ),
    ("<G4.93", "versions before G4.93"),
    (
        "after v9.0 and before v9.2.0",
        "versions after v9.0 up to, not including, v9.2.0",
    ),
    (
        "versions prior to v5.7.4 build 6752",
        "versions before v5.7.4 build 6752",
    ),
    (
        "versions 4.32 through 5.37",
        "versions from 4.32 up to and including 5.37",
    ),
    ("all firmware versions", "all versions"),
    ("8.3.0.1 and below ", "versions up to and including 8.3.0.1"),
    ("vers:all/*", "all versions"),
    ("Prior to version 11.6.9", "versions before 11.6.9"),
    (
        "3.7.10 and earlier versions",
        "versions up to and including 3.7.10",
    ),
    (
        "version 4.32  through 5.37 Patch 1",
        "versions from 4.32 up to and including 5.37 Patch 1",
    ),
    ("< 6.29(ABYW.4)", "versions before 6.29(ABYW.4)"),
    ("< 6.70(ABVS.1)", "versions before 6.70(ABVS.1)"),
    ("< 6.70(ACHF.1)", "versions before 6.70(ACHF.1)"),
    ("< 6.70(ACGG.1)", "versions before 6.70(ACGG.1)"),
    ("2.8.3 or earlier", "versions up to and including 2.8.3"),
    (">= 7.20.2", "versions from 7.20.2 on"),
    (
        "10.2, 10.4, 10.5, 10.6",
        "version 10.2; version 10.4; version 10.5; version 10.6",
    ),
    ("11.1 ,11.5", "version 11.1; version 11.5"),
    (
        "10.5, 11.1 ,11.5",
        "version 10.5; version 11.1; version 11.5",
    ),
    (
        "9.0 LTS, 9.1 LTS, 9.2 LTS, 9.3 LTS, 9.2 CD, 9.3 CD",
        "version 9.0 LTS; version 9.1 LTS; version 9.2 LTS; version 9.3 LTS; version 9.2 CD; version 9.3 CD",
    ),
    (
        "9.2 LTS, 9.3 LTS, 9.2 CD, 9.2 LTS",
        "version 9.2 LTS; version 9.3 LTS; version 9.2 CD",
    ),
    ("before version IN0048", "versions before IN0048"),
    (
        "7.6.0.3 and all previous versions",
        "versions up to and including 7.6.0.3",
    ),
    (
        "before version mdadm-4.2-rc2",
        "versions before mdadm-4.2-rc2",
    ),
    ("before version JY0070", "versions before JY0070"),
    (
        "All versions < V222.0 Update 13",
        "versions before V222.0 Update 13",
    ),
    (
        "before version SPS_E5_06.01.04.002.0",
        "versions before SPS_E5_06.01.04.002.0",
    ),
    (
        "3.3.6, 4.0.0, 4.0.1, 4.0.2, 4.0.3, 4.0.4, 4.1.0, 4.1.1",
        "version 3.3.6; version 4.0.0; version 4.0.1; version 4.0.2; version 4.0.3; version 4.0.4; version 4.1.0; version 4.1.1",
    ),
    ("before version egs-1.09", "versions before egs-1.09"),
    ("before version 1.4 build 5", "versions before 1.4 build 5"),
    ("<2.8", "versions before 2.8"),
    ("before versions egs-1.05", "versions before egs-1.05"),
    (
        "2303(9.4.1141) and below",
        "versions up to and including 2303(9.4.1141)",
    ),
    (
        "Versions 3.3 to 3.14",
        "versions from 3.3 up to and including 3.14",
    ),
    (
        "Version 9.2.1.0 through 9.2.1.22",
        "versions from 9.2.1.0 up to and including 9.2.1.22",
    ),
    ("Versions before 1.4.0", "versions before 1.4.0"),
    (
        "before version QAT20.L.1.0.40-00004",
        "versions before QAT20.L.1.0.40-00004",
    ),
    (
        "2023.3.1 and previous versions ",
        "versions up to and including 2023.3.1",
    ),
    ("= 3.1.0beta5", "version 3.1.0beta5"),
    (
        "9.5 - 9.5.23, 10 - 10.0.10",
        "versions from 9.5 up to and including 9.5.23; versions from 10 up to and including 10.0.10",
    ),
    (
        "11.5, 11.6, 11.6 IF1, 12.0, 12.0 FP1, 12.0.1, 12.0.1 FP1",
        "version 11.5; version 11.6; version 11.6 IF1; version 12.0; version 12.0 FP1; version 12.0.1; version 12.0.1 FP1",
    ),
    (
        "firmware versions V01L001 to V01L053",
        "versions from V01L001 up to and including V01L053",
    ),
    ("V1.0,V15.03.06.44", "version V1.0; version V15.03.06.44"),
    (
        "firmware ver.01.26 and earlier",
        "versions up to and including 01.26",
    ),
    ("firmware all versions", "all versions"),
    (
        "Versions 2.3.7012.0, 2.2.4013, and 2.3.7515.0.",
        "version 2.3.7012.0; version 2.2.4013; version 2.3.7515.0",
    ),
    (
        "versions 3.4.0 to 3.4.6 and 3.5.0",
        "versions from 3.4.0 up to and including 3.4.6; version 3.5.0",
    ),
    ("Ver5.61 and earlier", "versions up to and including 5.61"),
    ("before versions 28.2", "versions before 28.2"),
    ("prior to ver. 11.5.0", "versions before 11.5.0"),
    ("< capm3-v1.4.3", "versions before capm3-v1.4.3"),
    (
        ">= 5.0 beta1, < 5.0.0.1176",
        "versions from 5.0 beta1 up to, not including, 5.0.0.1176",
    ),
    (
        "Version 1.6.11.0 and earlier",
        "versions up to and including 1.6.11.0",
    ),
    (
        "ver 2.6.0 and earlier",
        "versions up to and including 2.6.0",
    ),
    ("< 2.10.7 LTS", "versions before 2.10.7 LTS"),
    (
        "Ver. 11.62 and earlier",
        "versions up to and including 11.62",
    ),
    (
        "versions 2.0.1 and earlier",
        "versions up to and including 2.0.1",
    ),
    ("Versions 3.1.8 and 3.1.9", "version 3.1.8; version 3.1.9"),
    (
        "9.0 LTS, 9.1 LTS, 9.2 LTS, 9.3 LTS, 9.3 CD",
        "version 9.0 LTS; version 9.1 LTS; version 9.2 LTS; version 9.3 LTS; version 9.3 CD",
    ),
    (
        "firmware Ver. 3.00.03 and earlier",
        "versions up to and including 3.00.03",
    ),
    (
        "9.5 - 9.5.23, 10.0 - 10.0.10, 11.0.0 - 11.0.1",
        "versions from 9.5 up to and including 9.5.23; versions from 10.0 up to and including 10.0.10; versions from 11.0.0 up to and including 11.0.1",
    ),
    (
        ">= 2.0.0,< 2.9.4",
        "versions from 2.0.0 up to, not including, 2.9.4",
    ),
    (
        ">=10.4, < 10.6.2",
        "versions from 10.4 up to, not including, 10.6.2",
    ),
    (
        ">=4.2.0, <=4.2.10",
        "versions from 4.2.0 up to and including 4.2.10",
    ),
    (
        "Version3.0.10 and earlier",
        "versions up to and including 3.0.10",
    ),
    (
        ">= 6.0.0 < 6.7.3",
        "versions from 6.0.0 up to, not including, 6.7.3",
    ),
    (
        "All versions < V9.1 SP2 UC05",
        "versions before V9.1 SP2 UC05",
    ),
    (
        "<master.1808.p685.q13371",
        "versions before master.1808.p685.q13371",
    ),
    (">=7.1", "versions from 7.1 on"),
    (
        "All versions prior to and including 0.2.1",
        "versions up to and including 0.2.1",
    ),
    (
        "All versions up to and including v1.16.1",
        "versions up to and including v1.16.1",
    ),
    (
        "<= 6.70(ACGG.3)",
        "versions up to and including 6.70(ACGG.3)",
    ),
    (
        "<=4.0.0 Build 29",
        "versions up to and including 4.0.0 Build 29",
    ),
    (
        "Version 16.00 - 16.20.02",
        "versions from 16.00 up to and including 16.20.02",
    ),
    (
        "v5.0.0.0 – v5.3.4.4, v5.4.0.0 – v5.6.0.20",
        "versions from v5.0.0.0 up to and including v5.3.4.4; versions from v5.4.0.0 up to and including v5.6.0.20",
    ),
    ("22.02 and after", "versions from 22.02 on"),
    (
        "Firmware versions \"05\" to \"07\"",
        "versions from 05 up to and including 07",
    ),
    (
        "Versions C3414-500-S02K5_P8 and prior",
        "versions up to and including C3414-500-S02K5_P8",
    ),
    (
        "<= V5.21(AAZF.18)C0",
        "versions up to and including V5.21(AAZF.18)C0",
    ),
    (
        "<= V5.21(ABAG.15)C0",
        "versions up to and including V5.21(ABAG.15)C0",
    ),
    (
        "<= 6.70(ABVT.4)",
        "versions up to and including 6.70(ABVT.4)",
    ),
    (
        "<= 6.70(ABVS.4)",
        "versions up to and including 6.70(ABVS.4)",
    ),
    (
        "<= 7.00(ACDO.1)",
        "versions up to and including 7.00(ACDO.1)",
    ),
    (
        "<= 7.00(ACLE.1)",
        "versions up to and including 7.00(ACLE.1)",
    ),
    (
        "Version 2022 and prior",
        "versions up to and including 2022",
    ),
    ("< commit 1f55d2e", "commits before 1f55d2e"),
    ("prior to Ver1.0.4", "versions before 1.0.4"),
    (
        "versions from Ver.16.100 prior to Ver.19.2",
        "versions from 16.100 up to, not including, 19.2",
    ),
    ("All version", "all versions"),
    (
        "2.11.0 - 2.11.2, 2.10.x",
        "versions from 2.11.0 up to and including 2.11.2; all versions of the 2.10 series",
    ),
    (
        "8.10.3, 8.10.4, 8.10.5.1, 8.11, 8.11.0.1, 8.11.1, 8.12.0.1",
        "version 8.10.3; version 8.10.4; version 8.10.5.1; version 8.11; version 8.11.0.1; version 8.11.1; version 8.12.0.1",
    ),
    (
        "version 7.11.1 to 8.6.0",
        "versions from 7.11.1 up to and including 8.6.0",
    ),
    (
        "9.5 - 9.5.24, 10 - 10.0.11, 11.0.1",
        "versions from 9.5 up to and including 9.5.24; versions from 10 up to and including 10.0.11; version 11.0.1",
    ),
    ("all releases", "all versions"),
    ("Version.5.0 or later", "versions from 5.0 on"),
    (
        "< RELEASE.2024-01-31T20-20-33Z",
        "versions before RELEASE.2024-01-31T20-20-33Z",
    ),
    (
        "9.2 LTS, 9.3 LTS, 9.3 CD",
        "version 9.2 LTS; version 9.3 LTS; version 9.3 CD",
    ),
    ("9.3 LTS, 9.3 CD", "version 9.3 LTS; version 9.3 CD"),
    (
        "Versions after V2.0.0 and before V2.5.1",
        "versions after V2.0.0 up to, not including, V2.5.1",
    ),
    ("6.01 and 12.01", "version 6.01; version 12.01"),
    (
        "Ver.3.1.0 to Ver.3.1.8",
        "versions from 3.1.0 up to and including 3.1.8",
    ),
    ("versions before commit 146967f", "commits before 146967f"),
    (
        ">= 2.3.1, < 2.5.1 Rev 2",
        "versions from 2.3.1 up to, not including, 2.5.1 Rev 2",
    ),
    ("< sha-c595a1f8", "versions before sha-c595a1f8"),
    ("releases prior to 20220319", "versions before 20220319"),
    ("> 5.18", "versions after 5.18"),
    (
        "firmware v02.04 and earlier",
        "versions up to and including v02.04",
    ),
    (
        "15.4.2 HF 1 and previous versions",
        "versions up to and including 15.4.2 HF 1",
    ),
    (
        ">= 13.0.0 , <13.1.1",
        "versions from 13.0.0 up to, not including, 13.1.1",
    ),
    (
        ">=4.14.0, <4.19.0",
        "versions from 4.14.0 up to, not including, 4.19.0",
    ),
    ("<= 3.9.5 Beta", "versions up to and including 3.9.5 Beta"),
    (
        "V4.30.096build221220 and the versions prior to it",
        "versions up to and including V4.30.096build221220",
    ),
    (
        "V4.76.005 build231012 and the versions prior to it",
        "versions up to and including V4.76.005 build231012",
    ),
    ("< V5.21(AAZF.17)C0", "versions before V5.21(AAZF.17)C0"),
    ("< V5.21(ABAG.14)C0", "versions before V5.21(ABAG.14)C0"),
    ("prior to Ver.3.1.12", "versions before 3.1.12"),
    (
        "firmware version 7.4.9 and earlier",
        "versions up to and including 7.4.9",
    ),
    ("9.3 LTS and 9.3 CD", "version 9.3 LTS; version 9.3 CD"),
    (
        "9.0 LTS, 9.1 LTS, 9.2 LTS, 9.3 LTS and 9.3 CD",
        "version 9.0 LTS; version 9.1 LTS; version 9.2 LTS; version 9.3 LTS; version 9.3 CD",
    ),
    (
        ">= 0.17.0, <0.17.6",
        "versions from 0.17.0 up to, not including, 0.17.6",
    ),
    ("<= b2715", "versions up to and including b2715"),
    (
        "> 1.18.0, <= 1.27.5",
        "versions after 1.18.0 up to and including 1.27.5",
    ),
    (
        "> 0.11.0, < 2.9.17",
        "versions after 0.11.0 up to, not including, 2.9.17",
    ),
    (
        "<= 5.50(ABOM.8)C0",
        "versions up to and including 5.50(ABOM.8)C0",
    ),
    (
        ">= commit 6151, < commit 26a7",
        "commits from 6151 up to, not including, 26a7",
    ),
    (
        "before version TDX_1.5.01.00.592",
        "versions before TDX_1.5.01.00.592",
    ),
    (
        "firmware versions prior to Ver.0.3.15",
        "versions before 0.3.15",
    ),
    ("< edge-24.6.2", "versions before edge-24.6.2"),
    (
        "11.2.0, 11.2.1, 11.2.2, 11.2.3, 11.2.4, 12.0.0, 12.0.1, 12.0.2, 12.0.3",
        "version 11.2.0; version 11.2.1; version 11.2.2; version 11.2.3; version 11.2.4; version 12.0.0; version 12.0.1; version 12.0.2; version 12.0.3",
    ),
    (
        "5.9.2.14-12o and older versions",
        "versions up to and including 5.9.2.14-12o",
    ),
    ("< sha-8ea5315", "versions before sha-8ea5315"),
    (
        "=> 1.8.0, < 3.3.12",
        "versions from 1.8.0 up to, not including, 3.3.12",
    ),
    (
        ">=1.5.7, <= 1.5.8",
        "versions from 1.5.7 up to and including 1.5.8",
    ),
    ("2.3, 2.3 FP8", "version 2.3; version 2.3 FP8"),
    (
        "firmware versions 1.04 and earlier",
        "versions up to and including 1.04",
    ),
    (
        "prior to V9.1SP4 Build1653",
        "versions before V9.1SP4 Build1653",
    ),
    (
        "All versions of 3.2 series",
        "all versions of the 3.2 series",
    ),
    ("< server-2024-09-25", "versions before server-2024-09-25"),
    (
        "1.0 (including) to 2.0 (excluding)",
        "versions from 1.0 up to, not including, 2.0",
    ),
    (
        "From (including) 1.0 Up to (excluding) 2.0",
        "versions from 1.0 up to, not including, 2.0",
    ),
    ("Up to (excluding) 7.2.3", "versions before 7.2.3"),
    ("up to, but not including, 7.2.3", "versions before 7.2.3"),
    (
        "up to and including 7.2",
        "versions up to and including 7.2",
    ),
    (
        "up to 7.2",
        "versions up to and including 7.2 (up to is read as including the version it names)",
    ),
    (
        "up to (including) 7.x",
        "versions up to the end of the 7 series",
    ),
    (
        "1.0 up to 2.0",
        "versions from 1.0 up to and including 2.0 (up to is read as including the version it names)",
    ),
    ("since 3.1", "versions from 3.1 on"),
    (
        "starting with 3.1 up to and including 3.4",
        "versions from 3.1 up to and including 3.4",
    ),
    ("3.1 onwards", "versions from 3.1 on"),
    ("newer than 3.1", "versions after 3.1"),
    ("earlier than 3.1", "versions before 3.1"),
    (
        ">= 1.0 < 2.0 || >= 3.0 < 4.0",
        "versions from 1.0 up to, not including, 2.0; versions from 3.0 up to, not including, 4.0",
    ),
    ("[1.0,2.0)", "versions from 1.0 up to, not including, 2.0"),
    (
        "(,1.0],[1.2,1.5)",
        "versions up to and including 1.0; versions from 1.2 up to, not including, 1.5",
    ),
    ("[1.5]", "version 1.5"),
    (
        "vers:semver/>=1.0.0|<2.0.0|3.1.0",
        "versions from 1.0.0 up to, not including, 2.0.0; version 3.1.0",
    ),
    ("vers:rpm/<1%3A2.0", "versions before 1:2.0"),
    (
        "4.0 to 4.34.1",
        "versions from 4.0 up to and including 4.34.1",
    ),
    ("prior to 2.4", "versions before 2.4"),
    ("1.2.3 and earlier", "versions up to and including 1.2.3"),
    ("All versions after 18.24.1000", "versions after 18.24.1000"),
    ("520.2, 510.1, 520.2", "version 520.2; version 510.1"),
    (
        "< be59098abd119cda70b15bf3faac596dfd39a744",
        "commits before be59098abd119cda70b15bf3faac596dfd39a744",
    ),
    ("<= 2.x", "versions up to the end of the 2 series"),
    ("16.09.xxxx", "all versions of the 16.09 series"),
    ("< 2:4.1-3", "versions before 2:4.1-3"),
    ("≤ 4.1", "versions up to and including 4.1"),
];

/// Texts of which no reading is certain.
const REFUSALS: &[(&str, &str)] = &[
    ("< 11.1.0.6, <12.1.1", "!several-ends"),
    (">= 3.0.0, 3.5.0", "!several-ends"),
    ("<=5.008 & 5.028", "!several-ends"),
    ("before v2.3.1 and v2.3.0a", "!several-ends"),
    ("Versions v9.x and before v9.2.0", "!several-ends"),
    ("5.6 and earlier, 5.7 and earlier", "!several-ends"),
    (">= 6.0.0, <= 6.0.18, >= 7.0.0, <= 7.0.4", "!several-ends"),
    ("v33.011<", "!sign-behind"),
    ("5.1.16<=", "!sign-behind"),
    (">= 4.2.6, < 4.2.6", "!turned"),
    (">= 0.11.0, < 0.6.10", "!turned"),
    ("3.0 to 2.0", "!turned"),
    ("stable < 3.1.1", "!unknown-word"),
    ("FastDDS = 2.10.2-2", "!unknown-word"),
    ("AccessControl: >= 5.0, < 5.8", "!unknown-word"),
    (
        "All versions with maxView Storage Manager < 4.09 on Windows",
        "!unknown-word",
    ),
    (
        "The first 5 digits of serial No. \"26061\" and prior",
        "!unknown-word",
    ),
    (
        "See HP Security Bulletin reference for affected versions.",
        "!unknown-word",
    ),
    ("through at least 2012-12-15", "!unknown-word"),
    ("All Versions NL", "!unknown-word"),
    (
        "before versions 31.0.101.3790/31.0.101.2114",
        "!unknown-word",
    ),
    ("1.0, 2.0 2.1, 3.0", "!unknown-word"),
    ("before version 22.1 .1", "!unknown-word"),
    ("All versions before 16.20.02 Patch", "!unknown-word"),
    ("before BIOS 2.0", "!unknown-word"),
    ("before E81.31", "!name-or-version"),
    ("E88.10 and below", "!name-or-version"),
    ("Windows10 and earlier", "!name-or-version"),
    ("< c52f07c", "!commit-or-version"),
    (">= 2201b254, < 3.0", "!commit-or-version"),
    (
        "1.22.4 and 8dddb9ad2009705dfc3e50d59d7c56fc7314cfc3",
        "!mixed",
    ),
    ("3,2,0", "!list-or-version"),
    ("100; 0", "!list-or-version"),
    ("2kW, 1kW", "!list-or-version"),
    ("prior to v0.7.x", "!series-as-end"),
    ("> 2.x", "!series-as-end"),
    ("until 2.0", "!unclear-end"),
    ("between 1.0 and 2.0", "!unclear-end"),
    ("1.0+, 2.0+", "!unclear-end"),
    ("^1.2.0", "!operator"),
    ("~> 1.2", "!operator"),
    ("!= 1.2", "!operator"),
    ("<", "!no-version"),
    (">= 1.0, <", "!no-version"),
    ("before", "!no-version"),
    ("1.0, ", "!no-version"),
    ("1.0 to", "!no-version"),
];

#[test]
fn texts_are_read_as_a_person_reads_them() {
    for (text, sentence) in READINGS {
        assert_eq!(said(text), *sentence, "{text}");
    }
}

#[test]
fn what_is_not_certain_is_not_read() {
    for (text, reason) in REFUSALS {
        assert_eq!(said(text), *reason, "{text}");
    }
}

#[test]
fn a_version_or_a_name_is_left_alone() {
    for text in [
        "1.0",
        "v2.3.1-rc.1",
        "1.0-2",
        "12.2 SP1",
        "n/a",
        "*",
        "-",
        "",
        "unspecified",
        "10 Version 1607 for 32-bit Systems",
        "Windows 10 Version 1809",
        "R16B",
        "4.1.0-4.1.2",
        "8dddb9ad2009705dfc3e50d59d7c56fc7314cfc3",
    ] {
        assert_eq!(said(text), "single", "{text}");
    }
}

#[test]
fn a_text_may_begin_with_the_name_of_its_product() {
    let with_name = |text, name| match read(text, &[name]) {
        VersionText::Read(reading) => reading.sentence(),
        other => format!("{other:?}"),
    };
    let before = "versions before `4.5.9`";
    assert_eq!(with_name("FortiWAN before 4.5.9", "FortiWAN"), before);
    assert_eq!(
        with_name("Example Widget: < 4.5.9", "example widget"),
        before
    );
    assert!(with_name("FortiOS before 4.5.9", "FortiWAN").contains("Word"));
}

#[test]
fn a_reading_becomes_entries_a_record_may_hold() {
    let VersionText::Read(reading) = read(">= 1.3.0, < 1.3.19 || = 2.0", &[]) else {
        panic!()
    };
    assert_eq!(
        reading.entries(Status::Affected, Some("semver"), Status::Unknown),
        [
            json!({"version": "1.3.0", "status": "affected", "lessThan": "1.3.19", "versionType": "semver"}),
            json!({"version": "2.0", "status": "affected", "versionType": "semver"}),
        ]
    );
    let VersionText::Read(reading) = read("All versions", &[]) else {
        panic!()
    };
    assert_eq!(
        reading.entries(Status::Affected, None, Status::Unknown),
        [json!({"version": "0", "status": "affected", "lessThan": "*", "versionType": "custom"})]
    );
}

#[test]
fn a_lower_end_that_is_excluded_is_an_entry_before_its_range() {
    let VersionText::Read(reading) = read("> 1.0, <= 1.4", &[]) else {
        panic!()
    };
    let entries = reading.entries(Status::Affected, Some("semver"), Status::Unaffected);
    let affected = json!({"versions": entries, "defaultStatus": "unknown"});
    for (version, expected) in [
        ("1.0.0", Status::Unaffected),
        ("1.0.1", Status::Affected),
        ("1.4.0", Status::Affected),
        ("1.4.1", Status::Unknown),
    ] {
        assert_eq!(status(&affected, version).status, expected, "{version}");
    }
}

#[test]
fn a_version_with_space_at_an_end_is_not_read() {
    for text in [
        "vers:generic/%20",
        "vers:generic/>=\u{feff}1.0",
        "vers:git/1.0%0A|2.0",
    ] {
        assert_eq!(said(text), "!unknown-word", "{text:?}");
    }
}

#[test]
fn a_version_named_twice_is_one_entry() {
    for (text, entries) in [
        ("= 2.0 || = 2.0", 1),
        ("> 1.0, <= 1.4 || > 1.0, <= 1.6", 3),
        ("=2.0 || =2.1 || =2.0", 2),
    ] {
        let VersionText::Read(reading) = read(text, &[]) else {
            panic!("{text}")
        };
        let given = reading.entries(Status::Affected, None, Status::Unknown);
        assert_eq!(given.len(), entries, "{text}: {given:?}");
    }
}

/// The bounds of a reading, as the older reading of single ranges gives them.
fn bounds(range: &VersionRange) -> Vec<(Operator, String)> {
    let upper = |end: &End| match end.included {
        true => (Operator::LessOrEqual, end.version.clone()),
        false => (Operator::Less, end.version.clone()),
    };
    let lower = |end: &End| match end.included {
        true => (Operator::GreaterOrEqual, end.version.clone()),
        false => (Operator::Greater, end.version.clone()),
    };
    match range {
        VersionRange::Single(version) => vec![(Operator::Equal, version.clone())],
        VersionRange::Between {
            lower: from,
            upper: to,
        } => from.iter().map(lower).chain(to.iter().map(upper)).collect(),
    }
}

#[test]
fn the_reading_agrees_with_the_one_that_finds_faults() {
    for (text, _) in READINGS {
        let (Some(expression), VersionText::Read(reading)) =
            (Expression::read(text), read(text, &[]))
        else {
            continue;
        };
        let known: Vec<_> = expression
            .bounds
            .iter()
            .map(|b| (b.operator, b.version.clone()))
            .collect();
        // That reading keeps `2.x` and `Ver.2` as they were written.
        if text.contains(".x") || text.to_ascii_lowercase().contains("ver") {
            continue;
        }
        let quotes = |bounds: Vec<(Operator, String)>| -> Vec<_> {
            bounds
                .into_iter()
                .map(|(o, v)| (o, v.replace('"', "")))
                .collect()
        };
        assert_eq!(bounds(&reading.ranges[0]), quotes(known), "{text}");
    }
}

fn version() -> impl Strategy<Value = String> {
    "v?[0-9]{1,2}(\\.[0-9]{1,2}){1,2}(-rc[0-9])?"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_stops_the_reader(text in "([<>=]=? ?|before |and |from |up to |all |- |, |versions? |[0-9]\\.[0-9x] ?|[\\[(]|\\PC){0,8}") {
        let _ = said(&text);
        let _ = read(&text, &["before", "1.0"]);
        let _ = vers(&format!("vers:{text}"));
    }

    #[test]
    fn every_way_to_write_a_range_gives_the_same_range(a in version(), b in version()) {
        let ways = [
            format!(">= {a}, < {b}"), format!(">={a},<{b}"), format!("{a} before {b}"),
            format!("from {a} before {b}"), format!("versions {a} prior to version {b}"),
            format!("[{a}, {b})"), format!("vers:generic/>={a}|<{b}"),
            format!("From (including) {a} Up to (excluding) {b}"), format!("{a} <= version < {b}"),
        ];
        let said: Vec<_> = ways.iter().map(|way| said(way)).collect();
        for (way, one) in ways.iter().zip(&said) {
            prop_assert_eq!(one, &said[0], "{}", way);
        }
    }

    #[test]
    fn no_version_of_a_reading_was_not_in_the_text(text in "(([<>]=?|=) ?[0-9]{1,2}\\.[0-9]{1,2}(, |,| )|before |to |and earlier|, |[0-9]{1,2}\\.[0-9]{1,2} ?){1,5}") {
        if let VersionText::Read(reading) = read(&text, &[]) {
            for range in &reading.ranges {
                for (_, version) in bounds(range) {
                    prop_assert!(text.contains(&version), "{} in {}", version, text);
                }
            }
        }
    }
}
