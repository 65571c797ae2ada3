//! The product status of a vulnerability, as entries of `affected`.

use serde_json::{Value, json};

use super::tree::{Leaf, Tree, is_placeholder};
use crate::convert::read::draft::Draft;
use crate::convert::read::object::{Object, shortened};
use crate::convert::read::osv::type_of_vers;
use crate::convert::read::product::{Product, show, versions_of_text};
use crate::convert::version_text::vers;
use crate::purl::Purl;
use crate::versions::Status;

/// The lists of a product status. A version that is recommended has the fix.
const GROUPS: [(&str, Status); 9] = [
    ("known_affected", Status::Affected),
    ("first_affected", Status::Affected),
    ("last_affected", Status::Affected),
    ("known_not_affected", Status::Unaffected),
    ("fixed", Status::Unaffected),
    ("first_fixed", Status::Unaffected),
    ("recommended", Status::Unaffected),
    ("under_investigation", Status::Unknown),
    ("unknown", Status::Unknown),
];

/// One product of the document and what is known of it.
struct Stated<'t> {
    leaf: &'t Leaf,
    status: Status,
    pointer: String,
}

/// Reads the product status; `vendor` makes products that no vendor is named
/// for.
///
/// Gives: the ids of the products that are affected.
pub(super) fn read(
    one: &mut Object,
    tree: &Tree,
    vendor: Option<&str>,
    draft: &mut Draft,
) -> Vec<String> {
    let mut stated: Vec<(usize, String, Stated)> = Vec::new();
    let mut object = one.object("product_status", draft);
    for (key, status) in GROUPS {
        for found in object.texts(key, draft) {
            if stated
                .iter()
                .any(|(_, id, known)| id == found.text && known.status == status)
            {
                continue;
            }
            match tree.get(found.text) {
                Some(leaf) => stated.push((
                    tree.place(found.text),
                    found.text.to_owned(),
                    Stated {
                        leaf,
                        status,
                        pointer: found.pointer,
                    },
                )),
                None => draft.unplaced(
                    "product",
                    found.pointer,
                    format!("the product tree has no id `{}`", shortened(found.text)),
                ),
            }
        }
    }
    object.finish(draft);
    stated.sort_by_key(|(place, ..)| *place);
    let affected = stated
        .iter()
        .filter(|(_, _, one)| one.status == Status::Affected);
    let affected = affected.map(|(_, id, _)| id.clone()).collect();
    products(
        stated.into_iter().map(|(_, _, one)| one).collect(),
        vendor,
        draft,
    );
    affected
}

/// Gathers the versions of each product into one entry.
fn products(stated: Vec<Stated>, vendor: Option<&str>, draft: &mut Draft) {
    let key = |leaf: &Leaf| {
        (
            leaf.vendor.clone(),
            leaf.product.clone().unwrap_or_else(|| leaf.name.clone()),
            leaf.platforms.clone(),
        )
    };
    let mut gathered: Vec<Vec<Stated>> = Vec::new();
    for one in stated {
        match gathered
            .iter_mut()
            .find(|known| key(known[0].leaf) == key(one.leaf))
        {
            Some(known) => known.push(one),
            None => gathered.push(vec![one]),
        }
    }
    for group in gathered {
        product(&group, vendor, draft);
    }
}

fn product(group: &[Stated], vendor: Option<&str>, draft: &mut Draft) {
    let first = group[0].leaf;
    let mut product = Product::default();
    let name = first.product.as_deref().unwrap_or(&first.name);
    match first.vendor.as_deref().or(vendor) {
        Some(vendor) => product.set("vendor", json!(vendor)),
        None => {
            product.set("vendor", json!("n/a"));
            draft.warn(
                "CONV-PRODUCT",
                &first.pointer,
                format!("the document names no vendor of `{}`", shortened(name)),
                "name the vendor",
            );
        }
    }
    product.set("product", json!(name));
    if !first.platforms.is_empty() {
        product.set("platforms", json!(first.platforms));
    }
    identity(group, &mut product, draft);
    let (mut singles, mut ranges) = (Vec::new(), Vec::new());
    for one in group {
        let entries = versions(one, name, &mut product, draft);
        match entries.as_slice() {
            // One version decides before the range it lies in, as in the
            // tree, where it has an id of its own.
            [entry] if entry.get("versionType").is_none() => singles.extend(entries),
            _ => ranges.extend(entries),
        }
    }
    for entry in singles.into_iter().chain(ranges) {
        product.version(entry);
    }
    product.push(draft, &group[0].pointer);
}

/// Package URL and CPE names, without versions.
fn identity(group: &[Stated], product: &mut Product, draft: &mut Draft) {
    let mut cpes: Vec<Value> = Vec::new();
    for one in group {
        if let Some(purl) = &one.leaf.purl {
            match purl.parse::<Purl>() {
                Ok(purl) => {
                    let purl = json!(purl.without_version().to_string());
                    if product
                        .text("packageURL")
                        .is_some_and(|known| purl != known)
                    {
                        draft.unplaced(
                            "purl",
                            &one.leaf.pointer,
                            "a product has one package URL, and this is another",
                        );
                    } else {
                        product.set("packageURL", purl);
                    }
                }
                Err(error) => draft.unplaced(
                    "purl",
                    &one.leaf.pointer,
                    format!("`{}`: {error}", shortened(purl)),
                ),
            }
        }
        if let Some(cpe) = &one.leaf.cpe {
            let cpe = json!(cpe);
            if !cpes.contains(&cpe) {
                cpes.push(cpe);
            }
        }
    }
    if !cpes.is_empty() {
        product.set("cpes", Value::Array(cpes));
    }
}

/// The entries of one leaf. A leaf without a version is the whole product.
fn versions(one: &Stated, name: &str, product: &mut Product, draft: &mut Draft) -> Vec<Value> {
    let status = one.status;
    let Some((text, is_range)) = &one.leaf.version else {
        product.set("defaultStatus", json!(status.as_str()));
        return Vec::new();
    };
    if is_placeholder(&json!(text)) || !(*is_range || text.starts_with("vers:")) {
        return vec![json!({"version": text, "status": status.as_str()})];
    }
    if let Some(rest) = text.strip_prefix("vers:") {
        let constraints = rest
            .split_once('/')
            .map_or("", |(_, constraints)| constraints);
        // Every version but some, which have ids of their own.
        if constraints == "*" || constraints.split('|').all(|part| part.starts_with("!=")) {
            product.set("defaultStatus", json!(status.as_str()));
            return Vec::new();
        }
        match vers(text) {
            Some(Ok((kind, reading))) => {
                show(&reading, text, &one.leaf.pointer, draft);
                return reading.entries(status, Some(type_of_vers(&kind)), Status::Unknown);
            }
            Some(Err(reason)) => {
                draft.warn(
                    "CONV-UNREAD",
                    &one.leaf.pointer,
                    format!("`{}` is kept as one version: {reason}", shortened(text)),
                    "write the range into `version` and `lessThan`",
                );
                return vec![json!({"version": text, "status": status.as_str()})];
            }
            None => {}
        }
    }
    versions_of_text(
        text,
        &[name],
        None,
        (status, Status::Unknown),
        &one.leaf.pointer,
        draft,
    )
}
