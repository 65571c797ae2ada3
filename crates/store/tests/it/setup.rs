//! What several files of this suite need.

use cve::id::{CveId, Year};
use store::{
    OrgRow, Publish, RecordBody, RecordState, Reserve, Reserved, Sequence, Stamp, Stamped, Store,
};

pub(crate) const YEAR: u16 = 2099;
pub(crate) const USER: &str = "b0000000-0000-4000-8000-000000000001";

pub(crate) fn year() -> Year {
    Year::new(YEAR).unwrap()
}

/// Creates the organisation `name` with `quota`; gives its UUID.
pub(crate) fn org(store: &Store, name: &str, quota: i64) -> String {
    let name = name.to_owned();
    store
        .write(move |tx| {
            let uuid = format!(
                "a0000000-0000-4000-8000-{:0>12}",
                name.len() + name.as_bytes()[0] as usize
            );
            tx.insert_org(&OrgRow {
                uuid: uuid.clone(),
                short_name: name.parse().unwrap(),
                name: name.clone(),
                roles: vec!["CNA".into()],
                id_quota: quota,
                reserved: 0,
                created: tx.now(),
                modified: tx.now(),
            })?;
            tx.open_year(year())?;
            Ok::<_, store::Error>(uuid)
        })
        .unwrap()
}

pub(crate) fn request(owner: &str, amount: u32, sequence: Sequence) -> Reserve {
    Reserve {
        owner: owner.into(),
        requester_org: owner.into(),
        requester_user: USER.into(),
        actor: "ann".into(),
        year: year(),
        amount,
        sequence,
    }
}

pub(crate) fn reserve_one(store: &Store, owner: &str) -> Reserved {
    store
        .reserve(request(owner, 1, Sequence::Priority))
        .unwrap()
        .unwrap()
}

pub(crate) fn publication(store: &Store, id: CveId, owner: &str) -> Publish {
    let at = store.read(|reader| reader.database_time()).unwrap();
    let body = format!("{{\"cveId\":\"{id}\"}}").into_bytes();
    Publish {
        id,
        state: RecordState::Published,
        at,
        stamp: stamp(owner, body),
        actor: "ann".into(),
        caller_org: owner.into(),
    }
}

/// Makes `body` the record of an ID of `owner`, and of no other.
pub(crate) fn stamp(owner: &str, body: Vec<u8>) -> Stamp {
    let owner = owner.to_owned();
    let digest = cve::hash::Digest::of(&body);
    Box::new(move |found| {
        let body = body.clone();
        (found.owner == owner).then_some(Stamped { body, digest })
    })
}

/// A record that says nothing.
pub(crate) fn record(id: CveId, state: RecordState) -> RecordBody {
    RecordBody {
        id,
        state,
        assigner_org: String::new(),
        assigner_name: String::new(),
        cna_modified: None,
        adps: Vec::new(),
        bytes: b"{}".to_vec(),
    }
}

/// An ID of `owner` as it is loaded, reserved long ago.
pub(crate) fn id_row(owner: &str, state: store::IdState, id: &str) -> store::IdRow {
    let at = "1970-01-01T00:00:00Z".parse().unwrap();
    store::IdRow {
        id: id.parse().unwrap(),
        state,
        owner: owner.into(),
        owner_name: None,
        requester_org: owner.into(),
        requester_org_name: None,
        requester_user: USER.into(),
        requester_user_name: None,
        requester_user_org: None,
        reserved: at,
        created: at,
        modified: at,
    }
}
