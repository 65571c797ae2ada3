//! Who was trained, and the owners of mailing lists beside the desk.

use casework::{NeedKind, PersonContact, Role};

use crate::office::{Office, on_each_engine, refusal_code, refused};

fn untrained(office: &Office, name: &str) -> Vec<String> {
    let needs = office.desk.status(&office.actor(name)).unwrap();
    let of_training = needs
        .into_iter()
        .filter(|need| need.kind == NeedKind::Training);
    of_training.map(|need| need.what).collect()
}

#[test]
fn the_day_of_a_training_is_listed_and_who_has_none_is_an_administrators_to_note() {
    on_each_engine(
        "the_day_of_a_training_is_listed_and_who_has_none_is_an_administrators_to_note",
        |office| {
            let (desk, oan) = (&office.desk, office.actor("oan"));
            let told = untrained(office, "oan");
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].contains("ana, ben"), "{told:?}");
            // A triager needs no training, and looks after nobody's.
            assert!(!told[0].contains("tri"), "{told:?}");
            assert_eq!(untrained(office, "tri"), [] as [String; 0]);
            let day = desk.note_training(&oan, "ana", Some("2026-10-01")).unwrap();
            assert_eq!(day, "2026-10-01");
            desk.note_training(&oan, "ana", Some("2026-10-02")).unwrap();
            let people = desk.people(&oan).unwrap();
            let of = |name: &str| {
                let found = people.iter().find(|person| person.name == name);
                found.unwrap().trained_on.clone()
            };
            assert_eq!(
                of("ana").as_deref(),
                Some("2026-10-02"),
                "{}",
                office.engine
            );
            assert_eq!(of("ben"), None);
            assert!(!untrained(office, "oan")[0].contains("ana"));
            // An erased person leaves no day behind.
            desk.leave(&oan, "ana").unwrap();
            desk.erase_person(&oan, "ana", "asked").unwrap();
            let people = desk.people(&oan).unwrap();
            assert!(people.iter().all(|person| person.trained_on.is_none()));
        },
    );
}

#[test]
fn a_day_that_is_none_or_has_not_come_is_refused_and_so_is_who_may_not() {
    on_each_engine("a_day_that_is_none_or_has_not_come_is_refused", |office| {
        let (desk, oan, tri) = (&office.desk, office.actor("oan"), office.actor("tri"));
        for day in ["2026-13-01", "yesterday", "9999-01-01", "", "2026-1-1"] {
            let refusal = refused(desk.note_training(&oan, "ana", Some(day)));
            assert_eq!(refusal.code(), "invalid", "{day}");
        }
        let nobody = desk.note_training(&oan, "nobody", None);
        assert_eq!(refusal_code(nobody), "not_found", "{}", office.engine);
        assert_eq!(
            refusal_code(desk.note_training(&tri, "ana", None)),
            "not_allowed"
        );
        assert_eq!(
            refusal_code(desk.compare_owners(&tri, "ana@example.org")),
            "not_allowed"
        );
    });
}

#[test]
fn a_list_is_compared_with_the_people_who_are_there() {
    on_each_engine(
        "a_list_is_compared_with_the_people_who_are_there",
        |office| {
            let (desk, oan) = (&office.desk, office.actor("oan"));
            let contact = |mail: &str| PersonContact {
                mail: mail.into(),
                zone: String::new(),
                hour: 8,
            };
            office.hire("gone", &[Role::Triager]);
            for (name, mail) in [
                ("ana", "ana@example.org"),
                ("ben", "ben@example.org"),
                ("gone", "gone@example.org"),
            ] {
                desk.set_contact(&oan, name, &contact(mail)).unwrap();
            }
            desk.leave(&oan, "gone").unwrap();
            let list = "Ana <ANA@example.org>\nGone <gone@example.org>\n";
            let roster = desk.compare_owners(&oan, list).unwrap();
            assert_eq!(roster.agree, 1, "{}", office.engine);
            let too_many: Vec<_> = roster.too_many.iter().map(|owner| &owner.address).collect();
            assert_eq!(too_many, ["gone@example.org"]);
            let missing: Vec<_> = roster.missing.iter().map(|owner| &owner.name).collect();
            assert_eq!(missing, ["ben"]);
            assert!(roster.without_address.contains(&"tri".to_owned()));
        },
    );
}
