//! What a person keeps where: what may be opened category by category, and what no consent opens.

use std::fs;
use std::path::Path;

/// What a person may open to the engine, category by category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The SSH agent's socket: signing with keys, without reading them.
    SshAgent,
    /// The SSH directory.
    SshKeys,
    /// The GPG directory.
    Gpg,
    /// Credentials of clouds and clusters.
    Cloud,
    /// Settings and tokens of developer tools.
    Developer,
    /// The socket of docker, or of podman.
    Docker,
}

impl Category {
    /// All of them, as they are listed to a person.
    pub const ALL: [Self; 6] = [
        Self::SshAgent,
        Self::SshKeys,
        Self::Gpg,
        Self::Cloud,
        Self::Developer,
        Self::Docker,
    ];

    /// Its paths, relative to the person's home. The SSH agent is a socket, which a variable names.
    pub(super) fn paths(self) -> &'static [&'static str] {
        match self {
            Self::SshAgent => &[],
            Self::SshKeys => &[".ssh"],
            Self::Gpg => &[".gnupg"],
            Self::Cloud => CLOUD,
            Self::Developer => DEVELOPER,
            // Where one may be in what another consent opens.
            Self::Docker => crate::docker::OF_HOME,
        }
    }

    /// Whether what it opens may be changed too. Settings of clouds and developer tools name programs, which would run
    /// outside of every box at the person's next call of the tool.
    pub(super) fn is_writable(self) -> bool {
        !matches!(self, Self::Cloud | Self::Developer)
    }

    /// What the consent to it opens besides, and nothing covers.
    pub(super) fn plain_settings(self) -> &'static [&'static str] {
        if self == Self::Developer {
            PLAIN_SETTINGS
        } else {
            &[]
        }
    }

    /// Those of its paths that are there, relative to `home`.
    #[must_use]
    pub fn found(self, home: &Path) -> Vec<String> {
        let exists = |path: &&&str| fs::symlink_metadata(home.join(path)).is_ok();
        self.paths()
            .iter()
            .chain(self.plain_settings())
            .filter(exists)
            .map(|path| (*path).to_owned())
            .collect()
    }
}

const CLOUD: &[&str] = &[
    ".aws",
    ".azure",
    ".config/gcloud",
    ".config/doctl",
    ".config/hcloud",
    ".config/rclone",
    ".config/containers/auth.json",
    ".boto",
    ".docker",
    ".fly",
    ".kube",
    ".oci",
    ".s3cfg",
    ".terraform.d",
];

const DEVELOPER: &[&str] = &[
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".composer/auth.json",
    ".config/composer/auth.json",
    ".config/gh",
    ".config/git/credentials",
    ".config/glab-cli",
    ".config/hub",
    ".config/NuGet",
    ".config/pip",
    ".gem/credentials",
    ".git-credentials",
    ".gradle/gradle.properties",
    ".m2/settings.xml",
    ".netrc",
    ".npmrc",
    ".nuget",
    ".pgpass",
    ".pypirc",
    ".yarnrc.yml",
];

/// Settings that hold secrets only where somebody put them against all advice. They are not covered, because builds
/// need them, and not found by a tool either, whose home is the engine's; the consent to the category links them.
const PLAIN_SETTINGS: &[&str] = &[".gitconfig", ".config/git", ".cargo/config.toml"];

/// What no consent opens: key rings, password stores, browsers, and what other agents keep.
pub(super) const NEVER: &[&str] = &[
    ".cache/chromium",
    ".cache/google-chrome",
    ".cache/mozilla",
    ".cache/huggingface/token",
    ".claude",
    ".codex",
    // Its machines' sockets and keys are docker by other names; the one socket that is used is opened by itself.
    ".colima",
    ".config/1Password",
    ".config/Bitwarden",
    ".config/Bitwarden CLI",
    ".config/BraveSoftware",
    ".config/chromium",
    ".config/github-copilot",
    ".config/google-chrome",
    ".config/google-chrome-beta",
    ".config/google-chrome-unstable",
    ".config/keepassxc",
    ".config/microsoft-edge",
    ".config/mozilla",
    ".config/op",
    ".config/opera",
    ".config/sops",
    ".config/vivaldi",
    ".gemini",
    ".librewolf",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".mozilla",
    ".password-store",
    ".pki",
    ".thunderbird",
    ".var/app/com.brave.Browser",
    ".var/app/com.google.Chrome",
    ".var/app/com.microsoft.Edge",
    ".var/app/com.vivaldi.Vivaldi",
    ".var/app/io.gitlab.librewolf-community",
    ".var/app/org.chromium.Chromium",
    ".var/app/org.mozilla.firefox",
    ".vault-token",
    ".zen",
    "snap/brave",
    "snap/chromium",
    "snap/firefox",
];

/// Variables by which a person keeps credentials in another place.
pub(super) const MOVED: &[(Option<Category>, &str)] = &[
    (Some(Category::Cloud), "AWS_SHARED_CREDENTIALS_FILE"),
    (Some(Category::Cloud), "AWS_CONFIG_FILE"),
    (Some(Category::Cloud), "AZURE_CONFIG_DIR"),
    (Some(Category::Cloud), "CLOUDSDK_CONFIG"),
    (Some(Category::Cloud), "DOCKER_CONFIG"),
    (Some(Category::Cloud), "GOOGLE_APPLICATION_CREDENTIALS"),
    (Some(Category::Cloud), "KUBECONFIG"),
    (Some(Category::Developer), "NETRC"),
    (Some(Category::Developer), "NPM_CONFIG_USERCONFIG"),
    (Some(Category::Developer), "PGPASSFILE"),
    (Some(Category::Gpg), "GNUPGHOME"),
    (None, "PASSWORD_STORE_DIR"),
];

/// The person's own home of OpenCode. Open only when the engine is told to live in it.
pub(super) const MACHINE_HOME: &[&str] = &[
    ".local/share/opencode",
    ".config/opencode",
    ".local/state/opencode",
    ".cache/opencode",
];
