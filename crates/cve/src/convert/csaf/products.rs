//! The products of a CSAF document: the tree of their names, and the status
//! of each.

use std::collections::HashMap;

use super::document::{Branch, FullProductName, IdentificationHelper, ProductStatus, ProductTree};
use crate::check::{self, Finding};
use crate::convert::coverage::{Coverage, Piece};
use crate::convert::finding::{finding, reading};
use crate::convert::package::{Package, cpe_of};
use crate::convert::product_names::{ProductNames, Release, stable_id};
use crate::convert::publisher::Publisher;
use crate::convert::record::{Product, Record};
use crate::convert::{CsafProfile, CsafVersion, Loss, vers};
use crate::cpe::{Attribute, Cpe, Field};
use crate::versions::Status;

/// Products, their status, and the versions that bring a fix.
pub(super) struct Products {
    pub(super) tree: ProductTree,
    pub(super) status: ProductStatus,
    /// What the first fixed versions are called.
    pub(super) fixes: Vec<String>,
}

/// The lists of a product status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Group {
    Fixed,
    Affected,
    NotAffected,
    Investigated,
}

impl Group {
    /// Source: formats section 3.2.
    fn of(piece: &Piece) -> Group {
        match piece.status {
            Status::Affected => Group::Affected,
            Status::Unaffected if piece.is_fix => Group::Fixed,
            Status::Unaffected => Group::NotAffected,
            Status::Unknown => Group::Investigated,
        }
    }
}

impl Products {
    /// Collects the products of a record's CNA container.
    pub(super) fn of(
        record: &Record,
        version: CsafVersion,
        profile: CsafProfile,
        publisher: &Publisher,
        losses: &mut Vec<Loss>,
        findings: &mut Vec<Finding>,
    ) -> Products {
        let mut collected = Collected {
            version,
            profile,
            products: Products {
                tree: ProductTree {
                    branches: Vec::new(),
                },
                status: ProductStatus::default(),
                fixes: Vec::new(),
            },
            groups: HashMap::new(),
            places: HashMap::new(),
        };
        for (place, product) in record.cna().affected.iter().enumerate() {
            let pointer = format!("/containers/cna/affected/{place}");
            collected.add(product, &pointer, publisher, losses, findings);
        }
        collected.products
    }
}

/// Vendor and product.
type Names<'b> = (Option<&'b str>, String);

/// A branch of the tree, and a branch of that.
type Place = (usize, Option<usize>);

struct Collected<'b> {
    version: CsafVersion,
    profile: CsafProfile,
    products: Products,
    /// The list each product id is in.
    groups: HashMap<String, Group>,
    /// Where vendor and product stand in the tree.
    places: HashMap<Names<'b>, Place>,
}

impl<'b> Collected<'b> {
    fn add(
        &mut self,
        product: &'b Product,
        pointer: &str,
        publisher: &Publisher,
        losses: &mut Vec<Loss>,
        findings: &mut Vec<Finding>,
    ) {
        let coverage = Coverage::of(product);
        findings.extend(coverage.readings.iter().map(|(entry, read)| {
            reading(
                &format!("{pointer}/versions/{entry}/version"),
                &product.versions[*entry].version,
                read,
            )
        }));
        for (by, why) in &coverage.unused {
            losses.push(Loss::new(
                "version-entry",
                format!("{pointer}{}", by.pointer()),
                format!("the entry is left out: {why}"),
            ));
        }
        let names = ProductNames::of(product);
        if names.product == "n/a" || names.vendor.is_some_and(|vendor| vendor == "n/a") {
            findings.push(finding(
                check::Severity::Warning,
                "CONV-PRODUCT",
                pointer,
                "the record does not say which product it is about",
                "CSAF 3.2.2: product_tree",
                "name vendor and product",
            ));
        }
        let identity = Identity::of(product, publisher);
        for piece in &coverage.pieces {
            let release = Release::of(product, &coverage, piece);
            self.place(product, &names, &release, piece, &identity, pointer, losses);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call, and each is another thing"
    )]
    fn place(
        &mut self,
        product: &Product,
        names: &ProductNames<'b>,
        release: &Release,
        piece: &Piece,
        identity: &Identity,
        pointer: &str,
        losses: &mut Vec<Loss>,
    ) {
        let group = Group::of(piece);
        let id = format!("CSAFPID-{}", stable_id(product, &release.name));
        if let Some(known) = self.groups.get(&id) {
            if *known != group {
                losses.push(Loss::new(
                    "second-status",
                    format!("{pointer}{}", piece.by.pointer()),
                    format!(
                        "an entry before says otherwise of {} {}, and a product has one status",
                        names.full(),
                        release.in_words
                    ),
                ));
            }
            return;
        }
        self.groups.insert(id.clone(), group);
        let name = format!("{} {}", names.full(), release.in_words);
        if group == Group::Fixed {
            self.products.fixes.push(name.clone());
        }
        self.list(group).push(id.clone());
        let (category, label) = match is_version_name(release) {
            true => ("product_version", release.name.to_string()),
            false if release.is_single || release.is_unstated => {
                ("product_version_range", vers::of_text(&release.name))
            }
            false => ("product_version_range", release.name.to_string()),
        };
        let leaf = Branch {
            branches: Vec::new(),
            category,
            name: label,
            product: Some(FullProductName {
                name,
                product_id: id,
                product_identification_helper: identity.helper(release, self.version),
            }),
        };
        self.product_branch(names).branches.push(leaf);
    }

    fn list(&mut self, group: Group) -> &mut Vec<String> {
        let status = &mut self.products.status;
        match (group, self.version) {
            // Test 6.1.27.7 does not count `unknown` among the statuses of VEX.
            (Group::Investigated, _) if self.profile == CsafProfile::Vex => {
                &mut status.under_investigation
            }
            (Group::Fixed, _) => &mut status.fixed,
            (Group::Affected, _) => &mut status.known_affected,
            (Group::NotAffected, _) => &mut status.known_not_affected,
            (Group::Investigated, CsafVersion::V2_0) => &mut status.under_investigation,
            (Group::Investigated, CsafVersion::V2_1) => &mut status.unknown,
        }
    }

    /// The branch of a product, made when it is the first time.
    fn product_branch(&mut self, names: &ProductNames<'b>) -> &mut Branch {
        let key = (names.vendor, names.product.to_string());
        let roots = &mut self.products.tree.branches;
        let (root, child) = *self.places.entry(key).or_insert_with(|| {
            let branch = |category, name: &str| Branch {
                branches: Vec::new(),
                category,
                name: name.to_owned(),
                product: None,
            };
            let product = branch("product_name", &names.product);
            let Some(vendor) = names.vendor else {
                roots.push(product);
                return (roots.len() - 1, None);
            };
            let known = roots
                .iter()
                .position(|root| root.category == "vendor" && root.name == vendor);
            let place = known.unwrap_or_else(|| {
                roots.push(branch("vendor", vendor));
                roots.len() - 1
            });
            roots[place].branches.push(product);
            (place, Some(roots[place].branches.len() - 1))
        });
        match child {
            Some(child) => &mut roots[root].branches[child],
            None => &mut roots[root],
        }
    }
}

/// Says whether the name of a release may stand for a single version.
///
/// Source: CSAF test 6.1.31.
fn is_version_name(release: &Release) -> bool {
    const SIGNS: [char; 2] = ['<', '>'];
    const WORDS: [&str; 7] = [
        "after", "all", "before", "earlier", "later", "prior", "versions",
    ];
    if !release.is_single && !release.is_unstated {
        return false;
    }
    let lower = release.name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    !lower.contains(SIGNS) && !words.any(|word| WORDS.contains(&word))
}

/// What tools find a product by.
struct Identity {
    package: Option<Package>,
    cpe: Option<Cpe>,
}

impl Identity {
    fn of(product: &Product, publisher: &Publisher) -> Identity {
        Identity {
            package: Package::of(product, publisher),
            cpe: cpe_of(product),
        }
    }

    /// The helper of one release: the version is added where there is one, and
    /// a CPE name of one version only names that one.
    fn helper(&self, release: &Release, version: CsafVersion) -> Option<IdentificationHelper> {
        let purl = self
            .package
            .as_ref()
            .and_then(|package| package.purl.clone());
        let purl = purl.and_then(|purl| match release.is_single {
            true => purl.with_version(&release.name),
            false => Some(purl),
        });
        let cpe = self
            .cpe
            .as_ref()
            .filter(|cpe| match cpe.get(Field::Version) {
                Attribute::Any => true,
                known => release.is_single && known.plain().as_deref() == Some(&*release.name),
            });
        let purl = purl.map(|purl| purl.to_string());
        if purl.is_none() && cpe.is_none() {
            return None;
        }
        let (purl, purls) = match version {
            CsafVersion::V2_0 => (purl, Vec::new()),
            CsafVersion::V2_1 => (None, purl.into_iter().collect()),
        };
        Some(IdentificationHelper {
            cpe: cpe.map(|cpe| cpe.formatted()),
            purl,
            purls,
        })
    }
}
