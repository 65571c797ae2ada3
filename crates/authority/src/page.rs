//! Lists that come page by page.

use serde_json::{Map, Value, json};

/// Items of a page; from this many on, lists say how many pages there are.
///
/// Source: cve-services section 5 (paging).
pub(crate) const PAGE: u32 = 500;

/// How many items lie before page `page`, counted from 1.
pub(crate) fn offset(page: u32) -> u32 {
    page.saturating_sub(1).saturating_mul(PAGE)
}

/// Where a list stands; nothing while everything fits before the first page
/// would be full.
pub(crate) fn fields(total: i64, page: u32) -> Map<String, Value> {
    let mut fields = Map::new();
    if total < i64::from(PAGE) {
        return fields;
    }
    let pages = (total + i64::from(PAGE) - 1) / i64::from(PAGE);
    let page = i64::from(page);
    let only = |page: i64, exists: bool| if exists { json!(page) } else { Value::Null };
    for (name, value) in [
        ("totalCount", json!(total)),
        ("itemsPerPage", json!(PAGE)),
        ("pageCount", json!(pages)),
        ("currentPage", json!(page)),
        ("prevPage", only(page - 1, page > 1)),
        ("nextPage", only(page + 1, page < pages)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    fields
}

/// A list under `key`, with what a page says about itself.
pub(crate) fn list(key: &str, items: Vec<Value>, total: i64, page: u32) -> Value {
    let mut body = Map::new();
    body.insert(key.to_owned(), Value::Array(items));
    body.extend(fields(total, page));
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paging_fields_appear_from_500_items_on() {
        assert_eq!(fields(499, 1), Map::new());
        let full = Value::Object(fields(500, 1));
        assert_eq!(full["pageCount"], 1);
        assert_eq!(full["nextPage"], Value::Null);
        let two = Value::Object(fields(501, 2));
        assert_eq!(
            (&two["prevPage"], &two["nextPage"]),
            (&json!(1), &Value::Null)
        );
        assert_eq!(Value::Object(fields(501, 1))["nextPage"], 2);
    }

    #[test]
    fn a_page_far_past_the_end_does_not_overflow() {
        assert_eq!(offset(u32::MAX), u32::MAX);
    }
}
