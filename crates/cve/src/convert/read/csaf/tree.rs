//! The product tree: what each product id stands for.

use std::collections::HashMap;

use serde_json::Value;

use crate::convert::read::draft::Draft;
use crate::convert::read::object::{Object, shortened};

/// The products of a document by their ids.
pub(super) struct Tree {
    products: HashMap<String, Leaf>,
    /// The ids in the order of the document.
    order: Vec<String>,
}

/// A product of the tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaf {
    pub(super) vendor: Option<String>,
    pub(super) product: Option<String>,
    /// The version or range as text, and whether it is a range.
    pub(super) version: Option<(String, bool)>,
    pub(super) platforms: Vec<String>,
    pub(super) purl: Option<String>,
    pub(super) cpe: Option<String>,
    /// What people call it.
    pub(super) name: String,
    pub(super) pointer: String,
}

impl Tree {
    /// Reads the tree.
    pub(super) fn read(csaf: &mut Object, draft: &mut Draft) -> Tree {
        let mut tree = Tree {
            products: HashMap::new(),
            order: Vec::new(),
        };
        let mut root = csaf.object("product_tree", draft);
        for branch in root.objects("branches", draft) {
            tree.branch(branch, &Leaf::default(), draft);
        }
        for product in root.objects("full_product_names", draft) {
            tree.product(product, Leaf::default(), draft);
        }
        for relationship in root.objects("relationships", draft) {
            tree.relationship(relationship, draft);
        }
        // Groups only gather ids for remediations and threats.
        root.ignore(&["product_groups"]);
        root.finish(draft);
        tree
    }

    /// The product of an id.
    pub(super) fn get(&self, id: &str) -> Option<&Leaf> {
        self.products.get(id)
    }

    /// The place of an id in the document.
    pub(super) fn place(&self, id: &str) -> usize {
        self.order
            .iter()
            .position(|known| known == id)
            .unwrap_or(usize::MAX)
    }

    fn branch(&mut self, mut branch: Object, above: &Leaf, draft: &mut Draft) {
        let category = branch
            .text("category", draft)
            .map_or("", |category| category.text);
        let name = branch.text("name", draft);
        let mut leaf = above.clone();
        if let Some(name) = name {
            let text = name.text.to_owned();
            match category {
                "vendor" => leaf.vendor = Some(text),
                "product_name" => leaf.product = Some(text),
                "product_version" => leaf.version = Some((text, false)),
                "product_version_range" => leaf.version = Some((text, true)),
                "architecture" => leaf.platforms.push(text),
                // `2.0` and then `SP1` is one version.
                "patch_level" | "service_pack" => match &mut leaf.version {
                    Some((version, false)) => {
                        version.push(' ');
                        version.push_str(&text);
                    }
                    _ => leaf.version = Some((text, false)),
                },
                // The product below says more.
                "product_family" => {
                    leaf.product.get_or_insert(text);
                }
                other => draft.unplaced(
                    "branch",
                    name.pointer,
                    format!(
                        "a record has no place for the {other} `{}`",
                        shortened(&text)
                    ),
                ),
            }
        }
        if branch.peek("product").is_some() {
            let product = branch.object("product", draft);
            self.product(product, leaf.clone(), draft);
        }
        for child in branch.objects("branches", draft) {
            self.branch(child, &leaf, draft);
        }
        branch.finish(draft);
    }

    fn product(&mut self, mut product: Object, mut leaf: Leaf, draft: &mut Draft) {
        leaf.pointer = product.pointer().to_owned();
        let id = product.text("product_id", draft);
        if let Some(name) = product.text("name", draft) {
            leaf.name = name.text.to_owned();
        }
        let mut helper = product.object("product_identification_helper", draft);
        let purl = helper.text("purl", draft).map(|purl| purl.text.to_owned());
        let purls: Vec<String> = helper
            .texts("purls", draft)
            .iter()
            .map(|purl| purl.text.to_owned())
            .collect();
        leaf.purl = purl.or_else(|| purls.first().cloned());
        leaf.cpe = helper.text("cpe", draft).map(|cpe| cpe.text.to_owned());
        helper.finish(draft);
        product.finish(draft);
        if let Some(id) = id {
            self.insert(id.text, leaf, draft);
        }
    }

    /// A product on another: the other is its platform.
    fn relationship(&mut self, mut relationship: Object, draft: &mut Draft) {
        let category = relationship
            .text("category", draft)
            .map_or("", |category| category.text);
        let of = relationship.text("product_reference", draft);
        let on = relationship.text("relates_to_product_reference", draft);
        let mut leaf = of
            .as_ref()
            .and_then(|of| self.get(of.text))
            .cloned()
            .unwrap_or_default();
        let other = on.as_ref().and_then(|on| self.get(on.text));
        if let Some(other) = other {
            match category {
                "installed_on" | "installed_with" => leaf.platforms.push(other.name.clone()),
                _ => {
                    let pointer = relationship.pointer().to_owned();
                    draft.unplaced(
                        "relationship",
                        pointer,
                        format!("a record has no place for `{category}`"),
                    );
                }
            }
        }
        // What tools find the parts by does not find the whole.
        leaf.purl = None;
        leaf.cpe = None;
        let product = relationship.object("full_product_name", draft);
        self.product(product, leaf, draft);
        relationship.finish(draft);
    }

    fn insert(&mut self, id: &str, leaf: Leaf, draft: &mut Draft) {
        if self.products.contains_key(id) {
            draft.unplaced(
                "second-product",
                leaf.pointer,
                format!("the product id `{}` is defined already", shortened(id)),
            );
            return;
        }
        self.order.push(id.to_owned());
        self.products.insert(id.to_owned(), leaf);
    }
}

/// Says whether a text only stands for a version that is not known.
pub(super) fn is_placeholder(text: &Value) -> bool {
    matches!(
        text.as_str(),
        Some("n/a" | "N/A" | "-" | "*" | "unspecified" | "")
    )
}
