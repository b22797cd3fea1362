//! What is known of providers beside what the engine says: addresses its packages have inside, how keys look, where
//! they are made, and who can be signed in at.

use crate::descriptor::{SignIn, SignInKeeper, SignInWay};
use crate::need::{Need, NeedKind};
use crate::wire::Wire;

/// Shown first, in this order.
pub(crate) const POPULAR: [&str; 12] = [
    "anthropic",
    "openai",
    "google",
    "openrouter",
    "github-copilot",
    "amazon-bedrock",
    "azure",
    "xai",
    "mistral",
    "deepseek",
    "groq",
    "opencode",
];

/// Providers that cannot be connected this way, and why.
pub(crate) const HIDDEN: [(&str, &str); 16] = [
    ("atomic-chat", ON_THIS_MACHINE),
    ("lmstudio", ON_THIS_MACHINE),
    ("lynkr", ON_THIS_MACHINE),
    ("privatemode-ai", ON_THIS_MACHINE),
    ("aihubmix", NOT_INSIDE),
    ("cloudflare-ai-gateway", NOT_INSIDE),
    ("merge-gateway", NOT_INSIDE),
    ("qvac", NOT_INSIDE),
    ("salad-cloud", NOT_INSIDE),
    ("sap-ai-core", NOT_INSIDE),
    ("watsonx", NOT_INSIDE),
    // It asks Google's own libraries for credentials, whatever key it is given.
    (
        "google-vertex-anthropic",
        "it takes no key, only the credentials of Google's own tools",
    ),
    (
        "neon",
        "its whole address is a secret of the account; connect it as an address of your own",
    ),
    // The package has a protocol of its own, with a path and headers that nobody else has.
    (
        "vercel",
        "its protocol is not spoken here yet; connect its OpenAI-compatible address as one of your own",
    ),
    // Its token is traded for another at an address that the requests do not go to.
    ("gitlab", "it takes no key that could be put in on the way"),
    // The engine refuses to send anything without a token among its own credentials.
    (
        "snowflake-cortex",
        "it takes no key that could be put in on the way",
    ),
];

const ON_THIS_MACHINE: &str = "it runs on this machine; connect it by its address there";
const NOT_INSIDE: &str = "what speaks to it is not part of the engine and would have to be downloaded";

/// How the package speaks that the engine names for a model; none for one that is not inside it or not spoken here.
pub(crate) fn wire_of(package: &str) -> Option<Wire> {
    Some(match package {
        "@ai-sdk/anthropic" => Wire::Anthropic,
        "@ai-sdk/openai" | "@ai-sdk/xai" => Wire::OpenAi,
        "@ai-sdk/google" => Wire::Google,
        "@ai-sdk/google-vertex" => Wire::Vertex,
        "@ai-sdk/azure" => Wire::Azure,
        "@ai-sdk/deepinfra" => Wire::DeepInfra,
        "@ai-sdk/cohere" => Wire::Cohere,
        "@ai-sdk/amazon-bedrock" => Wire::Bedrock,
        "@ai-sdk/github-copilot" => Wire::Copilot,
        "@ai-sdk/openai-compatible"
        | "@openrouter/ai-sdk-provider"
        | "@ai-sdk/groq"
        | "@ai-sdk/mistral"
        | "@ai-sdk/togetherai"
        | "@ai-sdk/cerebras"
        | "@ai-sdk/perplexity"
        | "@ai-sdk/vercel"
        | "venice-ai-sdk-provider" => Wire::OpenAiCompatible,
        _ => return None,
    })
}

/// How a provider is spoken to whatever package is named: one is replaced by another when it is connected.
pub(crate) fn own_wire(id: &str) -> Option<Wire> {
    (id == "github-copilot").then_some(Wire::Copilot)
}

/// Addresses that stand in the engine's packages and that it does not name, read from them.
pub(crate) fn own_base(id: &str) -> Option<&'static str> {
    Some(match id {
        "amazon-bedrock" => "https://bedrock-runtime.{region}.amazonaws.com",
        "anthropic" => "https://api.anthropic.com/v1",
        "azure" => "https://{resource}.openai.azure.com/openai/v1",
        "azure-cognitive-services" => "https://{resource}.cognitiveservices.azure.com/openai/v1",
        "cerebras" => "https://api.cerebras.ai/v1",
        "cohere" => "https://api.cohere.com/v2",
        "deepinfra" => "https://api.deepinfra.com/v1",
        "google" => "https://generativelanguage.googleapis.com/v1beta",
        "google-vertex" => "https://aiplatform.googleapis.com/v1/publishers/google",
        "groq" => "https://api.groq.com/openai/v1",
        "mistral" => "https://api.mistral.ai/v1",
        "openai" => "https://api.openai.com/v1",
        "perplexity" => "https://api.perplexity.ai",
        "togetherai" => "https://api.together.xyz/v1",
        "v0" => "https://api.v0.dev/v1",
        "venice" => "https://api.venice.ai/api/v1",
        "xai" => "https://api.x.ai/v1",
        _ => return None,
    })
}

/// What the parts of an address are that hang on the person's account.
pub(crate) fn needs(id: &str) -> Vec<Need> {
    let resource = Need::label("resource", "Resource name", "my-models");
    match id {
        "amazon-bedrock" => vec![Need {
            default: Some("us-east-1"),
            // It puts the region before the ids of models that are only offered by region.
            engine_option: Some("region"),
            ..Need::label("region", "Region", "us-east-1")
        }],
        "azure" | "azure-cognitive-services" => vec![resource],
        "cloudflare-workers-ai" => vec![Need::label(
            "account",
            "Account ID",
            "1234567890abcdef1234567890abcdef",
        )],
        "databricks" => vec![Need {
            kind: NeedKind::Host,
            ..Need::label("host", "Workspace host", "dbc-12345678-90ab.cloud.databricks.com")
        }],
        "infomaniak" => vec![Need::label("product", "Product ID", "12345")],
        _ => Vec::new(),
    }
}

/// Which input a variable in one of the engine's addresses stands for.
pub(crate) const VARIABLES: [(&str, &str); 3] = [
    ("${CLOUDFLARE_ACCOUNT_ID}", "{account}"),
    ("${DATABRICKS_HOST}", "{host}"),
    ("${INFOMANIAK_PRODUCT_ID}", "{product}"),
];

/// How a provider's keys look and where they are made.
pub(crate) struct Keys {
    pub(crate) placeholder: &'static str,
    /// How every key begins; empty when that is not sure.
    pub(crate) prefix: &'static str,
    pub(crate) url: &'static str,
}

/// None where the documentation has to do.
pub(crate) fn keys(id: &str) -> Option<Keys> {
    let (placeholder, prefix, url) = match id {
        "amazon-bedrock" => (
            "ABSK…",
            "",
            "https://console.aws.amazon.com/bedrock/home#/api-keys",
        ),
        "anthropic" => (
            "sk-ant-…",
            "sk-ant-",
            "https://console.anthropic.com/settings/keys",
        ),
        "azure" | "azure-cognitive-services" => ("", "", "https://portal.azure.com/"),
        "cerebras" => ("csk-…", "csk-", "https://cloud.cerebras.ai/"),
        "cohere" => ("", "", "https://dashboard.cohere.com/api-keys"),
        "deepinfra" => ("", "", "https://deepinfra.com/dash/api_keys"),
        "deepseek" => ("sk-…", "", "https://platform.deepseek.com/api_keys"),
        "fireworks-ai" => ("fw_…", "", "https://app.fireworks.ai/settings/users/api-keys"),
        "google" => ("AIza…", "", "https://aistudio.google.com/apikey"),
        "google-vertex" => ("", "", "https://console.cloud.google.com/apis/credentials"),
        "groq" => ("gsk_…", "gsk_", "https://console.groq.com/keys"),
        "huggingface" => ("hf_…", "hf_", "https://huggingface.co/settings/tokens"),
        "mistral" => ("", "", "https://console.mistral.ai/api-keys"),
        "nvidia" => ("nvapi-…", "nvapi-", "https://build.nvidia.com/settings/api-keys"),
        "openai" => ("sk-…", "sk-", "https://platform.openai.com/api-keys"),
        "opencode" | "opencode-go" => ("sk-…", "", "https://opencode.ai/auth"),
        "openrouter" => ("sk-or-…", "sk-or-", "https://openrouter.ai/settings/keys"),
        "perplexity" | "perplexity-agent" => ("pplx-…", "pplx-", "https://www.perplexity.ai/settings/api"),
        "togetherai" => ("", "", "https://api.together.ai/settings/api-keys"),
        "xai" => ("xai-…", "xai-", "https://console.x.ai/"),
        _ => return None,
    };
    Some(Keys {
        placeholder,
        prefix,
        url,
    })
}

/// How keys begin that can be told from all others', whose they are, and the ids of those who take them.
pub(crate) const SIGNS: [(&str, &str, &[&str]); 16] = [
    ("sk-ant-", "Anthropic", &["anthropic"]),
    ("sk-or-", "OpenRouter", &["openrouter"]),
    ("sk-proj-", "OpenAI", &["openai"]),
    ("sk-svcacct-", "OpenAI", &["openai"]),
    ("AIza", "Google", &["google", "google-vertex"]),
    ("gsk_", "Groq", &["groq"]),
    ("xai-", "xAI", &["xai"]),
    ("pplx-", "Perplexity", &["perplexity", "perplexity-agent"]),
    ("csk-", "Cerebras", &["cerebras"]),
    ("hf_", "Hugging Face", &["huggingface"]),
    ("nvapi-", "NVIDIA", &["nvidia"]),
    ("ABSK", "Amazon Bedrock", &["amazon-bedrock"]),
    (
        "AKIA",
        "AWS (an access key's id, which signs requests and is no key for models)",
        &[],
    ),
    ("ghp_", "GitHub", &["github-models"]),
    ("github_pat_", "GitHub", &["github-models"]),
    ("glpat-", "GitLab", &[]),
];

/// Who can be signed in at, and how.
pub(crate) fn sign_ins(id: &str) -> &'static [SignIn] {
    const fn one(label: &'static str, way: SignInWay, keeper: SignInKeeper) -> SignIn {
        SignIn { label, way, keeper }
    }
    use SignInKeeper::{App, Engine};
    use SignInWay::{Browser, DeviceCode};
    match id {
        "digitalocean" => const { &[one("DigitalOcean account", Browser, Engine)] },
        "github-copilot" => const { &[one("GitHub Copilot", DeviceCode, App)] },
        "openai" => {
            const {
                &[
                    one("ChatGPT Plus or Pro", Browser, App),
                    one("ChatGPT Plus or Pro, on another device", DeviceCode, App),
                ]
            }
        }
        "poe" => const { &[one("Poe account", Browser, Engine)] },
        "xai" => const { &[one("SuperGrok subscription", DeviceCode, Engine)] },
        _ => &[],
    }
}

/// Whether a provider takes no key, only a sign-in.
pub(crate) fn signs_in_only(id: &str) -> bool {
    id == "github-copilot"
}
