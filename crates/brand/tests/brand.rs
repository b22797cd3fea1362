//! What the config file promises.

use cowork_brand::{Brand, BrandError};
use proptest::prelude::*;
use serde_json::{Value, json};

fn file() -> Value {
    json!({
        "contractVersion": 1,
        "branding": {
            "name": "Example Desk",
            "shortName": "Desk",
            "appId": "org.example.desk",
            "dataDirName": "example-desk"
        }
    })
}

fn with(field: &str, value: Value) -> Result<Brand, BrandError> {
    let mut file = file();
    file["branding"][field] = value;
    Brand::parse(&file.to_string())
}

#[test]
fn the_stock_file_is_good_and_holds_nothing_unread() {
    let brand = Brand::stock().unwrap();
    assert!(
        brand.unknown_fields.is_empty(),
        "{:?} is in the stock file but not in force",
        brand.unknown_fields
    );
    for link in [
        &brand.help_url,
        &brand.support_url,
        &brand.privacy_url,
        &brand.security_url,
        &brand.legal_url,
    ] {
        assert!(link.is_some(), "the stock file names every link");
    }
}

#[test]
fn what_is_left_out_follows_from_the_data_folder() {
    let brand = Brand::parse(&file().to_string()).unwrap();
    assert_eq!(brand.url_scheme, "example-desk");
    assert_eq!(brand.project_namespace, "example-desk");
    assert_eq!(brand.help_url, None);
}

#[test]
fn an_unknown_contract_is_refused_with_what_to_do() {
    let mut other = file();
    other["contractVersion"] = json!(2);
    let message = Brand::parse(&other.to_string()).unwrap_err().to_string();
    assert!(
        message.contains("version 2") && message.contains("take a build"),
        "{message}"
    );

    for version in [json!("1"), json!(1.5), json!(-1), json!(null)] {
        other["contractVersion"] = version.clone();
        let refused = Brand::parse(&other.to_string());
        assert!(
            matches!(refused, Err(BrandError::NoContractVersion)),
            "{version} is no contract version"
        );
    }
}

#[test]
fn fields_beyond_this_form_are_tolerated_and_listed() {
    let mut file = file();
    file["permissions"] = json!({ "bash": "allow" });
    file["branding"]["themes"] = json!([]);
    let brand = Brand::parse(&file.to_string()).unwrap();
    assert_eq!(brand.unknown_fields, ["permissions", "branding.themes"]);
}

#[test]
fn a_missing_field_is_named() {
    for field in ["name", "shortName", "appId", "dataDirName"] {
        let mut file = file();
        file["branding"].as_object_mut().unwrap().remove(field);
        let message = Brand::parse(&file.to_string()).unwrap_err().to_string();
        assert!(message.contains(&format!("branding.{field}")), "{message}");
    }
}

#[test]
fn values_that_would_hurt_are_refused_by_the_field() {
    let long = "x".repeat(65);
    let refused = [
        ("name", json!("")),
        ("name", json!(" padded")),
        ("name", json!("two\nlines")),
        ("name", json!("bi\u{202e}di")),
        ("name", json!("zero\u{200b}width")),
        ("name", json!(long)),
        ("name", json!(7)),
        ("shortName", json!("\u{7}")),
        ("appId", json!("desk")),
        ("appId", json!("org..desk")),
        ("appId", json!("org.1desk")),
        ("appId", json!("org.desk-")),
        ("appId", json!("org.desk/../x")),
        ("dataDirName", json!("..")),
        ("dataDirName", json!("a/b")),
        ("dataDirName", json!("a\\b")),
        ("dataDirName", json!(".hidden")),
        ("dataDirName", json!("dot.")),
        ("dataDirName", json!("nul")),
        ("dataDirName", json!("Com1.x")),
        ("urlScheme", json!("Desk")),
        ("urlScheme", json!("1desk")),
        ("urlScheme", json!("https")),
        ("urlScheme", json!("javascript")),
        ("urlScheme", json!("de sk")),
        ("helpUrl", json!("http://example.org")),
        ("helpUrl", json!("javascript:alert(1)")),
        ("supportUrl", json!("https://name:secret@example.org")),
        ("privacyUrl", json!("https://")),
        ("securityUrl", json!("/relative")),
        ("legalUrl", json!("https://exa mple.org")),
        ("projectNamespace", json!("a b")),
    ];
    for (field, value) in refused {
        let message = with(field, value.clone()).unwrap_err().to_string();
        assert!(
            message.contains(&format!("branding.{field}")),
            "{field} = {value}: {message}"
        );
    }
}

#[test]
fn ordinary_values_are_taken() {
    for (field, value) in [
        ("name", json!("Ünïcode Desk 9")),
        ("name", json!("x".repeat(64))),
        ("appId", json!("com.example-corp.desk2")),
        ("dataDirName", json!("Example_Desk.2")),
        ("urlScheme", json!("desk+2")),
        ("helpUrl", json!("https://example.org/help?from=app#top")),
    ] {
        let taken = with(field, value.clone());
        assert!(taken.is_ok(), "{field} = {value}: {taken:?}");
    }
}

proptest! {
    #[test]
    fn no_text_whatever_makes_the_reader_panic(text in any::<String>(), name in any::<String>()) {
        let _ = Brand::parse(&text);
        for field in ["name", "appId", "dataDirName", "urlScheme", "helpUrl"] {
            if let Ok(brand) = with(field, json!(name)) {
                prop_assert!(brand.name.chars().count() <= 64);
            }
        }
    }
}
