//! The config file and its first form.

use serde_json::{Map, Value};

use crate::pairing::{self, PairingCeiling};
use crate::providers::{self, BrandedProviders};
use crate::validation;

/// The only contract version this build understands.
pub const CONTRACT_VERSION: u64 = 1;

/// The file this build was made with.
const STOCK: &str = include_str!("../../../open-cowork.config.json");

/// The fields of `branding` this form reads; everything else is listed as unknown.
const BRANDING_FIELDS: [&str; 11] = [
    "name",
    "shortName",
    "appId",
    "dataDirName",
    "urlScheme",
    "helpUrl",
    "supportUrl",
    "privacyUrl",
    "securityUrl",
    "legalUrl",
    "projectNamespace",
];

/// Why a config file was refused.
#[derive(Debug, thiserror::Error)]
pub enum BrandError {
    /// It is not JSON.
    #[error("the config file is not JSON ({0}); check it at the place named")]
    NotJson(#[from] serde_json::Error),
    /// It is JSON, but no object.
    #[error("the config file must hold one JSON object")]
    NotAnObject,
    /// It does not say which contract it follows.
    #[error(
        "the config file has no whole number \"contractVersion\"; add \"contractVersion\": {CONTRACT_VERSION}"
    )]
    NoContractVersion,
    /// It follows a contract this build does not know.
    #[error(
        "the config file follows contract version {found}, and this build understands only {CONTRACT_VERSION}; \
         take a build that knows version {found}, or rewrite the file for version {CONTRACT_VERSION}"
    )]
    UnknownContract {
        /// The version it names.
        found: u64,
    },
    /// A field that is needed is not there.
    #[error("the config file has no \"{field}\"; add it")]
    Missing {
        /// The field, by its dotted path.
        field: String,
    },
    /// A field holds something it may not hold.
    #[error("\"{field}\" in the config file {reason}")]
    Invalid {
        /// The field, by its dotted path.
        field: String,
        /// What it has to be.
        reason: String,
    },
}

/// What a build is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The product's name as people read it: 1 to 64 visible characters.
    pub name: String,
    /// The name where room is short: 1 to 64 visible characters.
    pub short_name: String,
    /// The application's id in reverse-DNS form.
    pub app_id: String,
    /// The name of the app's folders, safe on every system.
    pub data_dir_name: String,
    /// The scheme of the app's own links, without `://`. Made from the data folder's name unless given.
    pub url_scheme: String,
    /// The name under which a project keeps files for this app. The data folder's name unless given.
    pub project_namespace: String,
    /// Where help is; https. A link that is absent is not shown.
    pub help_url: Option<String>,
    /// Where support is; https.
    pub support_url: Option<String>,
    /// The privacy notice; https.
    pub privacy_url: Option<String>,
    /// Where to report a vulnerability; https.
    pub security_url: Option<String>,
    /// The legal notice; https.
    pub legal_url: Option<String>,
    /// What it says of model providers.
    pub providers: BrandedProviders,
    /// What it lets pairings do at most.
    pub pairing: PairingCeiling,
    /// Dotted paths of what the file holds beyond this form. None of it is in force.
    pub unknown_fields: Vec<String>,
}

impl Brand {
    /// Reads the file this build was made with.
    ///
    /// # Errors
    /// As [`Brand::parse`]; a test holds that the stock file is a good one, so only a build made from a broken
    /// file fails here.
    pub fn stock() -> Result<Self, BrandError> {
        Self::parse(STOCK)
    }

    /// Reads a config file's text.
    ///
    /// # Errors
    /// [`BrandError`] says which field is wrong and what it has to be.
    pub fn parse(text: &str) -> Result<Self, BrandError> {
        let Value::Object(file) = serde_json::from_str(text)? else {
            return Err(BrandError::NotAnObject);
        };
        let version = file
            .get("contractVersion")
            .and_then(Value::as_u64)
            .ok_or(BrandError::NoContractVersion)?;
        if version != CONTRACT_VERSION {
            return Err(BrandError::UnknownContract { found: version });
        }
        let branding = match file.get("branding") {
            Some(Value::Object(branding)) => branding,
            Some(_) => return Err(invalid("branding", "must be an object")),
            None => {
                return Err(BrandError::Missing {
                    field: "branding".to_owned(),
                });
            }
        };

        let mut unknown_fields = unknown_fields(&file, branding);
        let providers = match file.get("providers") {
            Some(part) => providers::read(part, &mut unknown_fields)?,
            None => BrandedProviders::default(),
        };
        let data_dir_name = required(branding, "dataDirName", validation::folder_name)?;
        let url_scheme = match optional(branding, "urlScheme", validation::url_scheme)? {
            Some(scheme) => scheme,
            None => checked(
                "urlScheme",
                &data_dir_name.to_ascii_lowercase().replace('_', "-"),
                validation::url_scheme,
            )?,
        };
        let project_namespace = optional(branding, "projectNamespace", validation::folder_name)?
            .unwrap_or_else(|| data_dir_name.clone());
        Ok(Self {
            name: required(branding, "name", validation::visible_name)?,
            short_name: required(branding, "shortName", validation::visible_name)?,
            app_id: required(branding, "appId", validation::reverse_dns)?,
            data_dir_name,
            url_scheme,
            project_namespace,
            help_url: optional(branding, "helpUrl", validation::https_url)?,
            support_url: optional(branding, "supportUrl", validation::https_url)?,
            privacy_url: optional(branding, "privacyUrl", validation::https_url)?,
            security_url: optional(branding, "securityUrl", validation::https_url)?,
            legal_url: optional(branding, "legalUrl", validation::https_url)?,
            providers,
            pairing: pairing::read(file.get("pairing"))?,
            unknown_fields,
        })
    }
}

/// A rule for one field: what the value has to be, when it is not that.
type Rule = fn(&str) -> Result<(), &'static str>;

fn required(branding: &Map<String, Value>, field: &str, rule: Rule) -> Result<String, BrandError> {
    optional(branding, field, rule)?.ok_or_else(|| BrandError::Missing {
        field: format!("branding.{field}"),
    })
}

fn optional(branding: &Map<String, Value>, field: &str, rule: Rule) -> Result<Option<String>, BrandError> {
    match branding.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => checked(field, text, rule).map(Some),
        Some(_) => Err(invalid(&format!("branding.{field}"), "must be a string")),
    }
}

fn checked(field: &str, text: &str, rule: Rule) -> Result<String, BrandError> {
    match rule(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(reason) => Err(invalid(&format!("branding.{field}"), reason)),
    }
}

pub(crate) fn invalid(field: &str, reason: &str) -> BrandError {
    BrandError::Invalid {
        field: field.to_owned(),
        reason: reason.to_owned(),
    }
}

fn unknown_fields(file: &Map<String, Value>, branding: &Map<String, Value>) -> Vec<String> {
    // "$schema" is how editors are told what the file is; it promises nothing, so it is not unknown.
    let outside = file.keys().filter(|key| {
        !["$schema", "contractVersion", "branding", "pairing", "providers"].contains(&key.as_str())
    });
    let inside = branding
        .keys()
        .filter(|key| !BRANDING_FIELDS.contains(&key.as_str()));
    outside
        .cloned()
        .chain(inside.map(|key| format!("branding.{key}")))
        .collect()
}
