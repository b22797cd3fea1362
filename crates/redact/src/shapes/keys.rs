//! Keys that are known by how they begin.

use super::Class;

/// A key that begins with a word of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// How it begins, case and all.
    pub(crate) prefix: &'static str,
    /// What follows the beginning at the least…
    pub(crate) class: Class,
    /// …and how many bytes of it. What is shorter is a word that happens to begin so.
    pub(crate) least: usize,
    /// What is taken along: the rest of the word, so that no second key can hide by standing right behind a
    /// first.
    pub(crate) along: Class,
}

impl Key {
    /// Where the key ends that begins at `start`, whose prefix ends at `after`.
    pub(crate) fn end(&self, bytes: &[u8], start: usize, after: usize) -> Option<usize> {
        let is_one = bytes[start..after] == *self.prefix.as_bytes()
            && super::begins(bytes, start)
            && self.class.runs_for(&bytes[after..], self.least);
        is_one.then(|| after + self.along.run(&bytes[after..]))
    }
}

const fn key(prefix: &'static str, class: Class, least: usize) -> Key {
    Key {
        prefix,
        class,
        least,
        along: class,
    }
}

/// A key whose alphabet is narrow, and the wider one that is taken along.
const fn narrow(prefix: &'static str, class: Class, least: usize, along: Class) -> Key {
    Key {
        prefix,
        class,
        least,
        along,
    }
}

use Class::{Base64, Capital, Dashed, Dotted, Hexadecimal, Letter, Url, Word};

/// The lengths are those of the real ones or somewhat less, since formats grow and are cut.
pub(crate) const KEYS: &[Key] = &[
    // Ours: the key proxy's throw-away token, a pairing's, and one for a server's interface.
    key("cwk_", Url, 40),
    key("ocp_", Url, 20),
    // Of the org's server: cookies, programs' tokens, invitations and owner links.
    key("ocs_", Url, 20),
    key("oct_", Url, 20),
    key("oci_", Url, 20),
    key("oco_", Url, 20),
    // Models: OpenAI (`sk-proj-`, `sk-svcacct-`), Anthropic (`sk-ant-`), OpenRouter (`sk-or-`), DeepSeek, Moonshot and
    // many more begin with `sk-`.
    key("sk-", Url, 16),
    key("sess-", Letter, 32),
    key("xai-", Letter, 20),
    key("gsk_", Letter, 20),
    key("pplx-", Letter, 20),
    key("nvapi-", Url, 20),
    key("r8_", Letter, 20),
    key("hf_", Letter, 20),
    key("api_org_", Letter, 30),
    key("csk-", Letter, 24),
    key("fw_", Letter, 22),
    key("tgp_v1_", Url, 24),
    key("fc-", Hexadecimal, 32),
    key("tvly-", Url, 20),
    key("lsv2_pt_", Word, 24),
    key("lsv2_sk_", Word, 24),
    key("jina_", Letter, 32),
    key("pcsk_", Word, 24),
    // Google.
    key("AIza", Url, 30),
    key("ya29.", Url, 16),
    key("GOCSPX-", Url, 20),
    key("1//", Url, 30),
    // Slack.
    key("xoxb-", Dashed, 10),
    key("xoxp-", Dashed, 10),
    key("xoxa-", Dashed, 10),
    key("xoxr-", Dashed, 10),
    key("xoxs-", Dashed, 10),
    key("xoxe-", Dashed, 10),
    key("xoxo-", Dashed, 10),
    key("xoxc-", Dashed, 10),
    key("xoxd-", Dashed, 10),
    key("xapp-", Dashed, 10),
    // Forges.
    key("ghp_", Letter, 20),
    key("gho_", Letter, 20),
    key("ghu_", Letter, 20),
    key("ghs_", Letter, 20),
    key("ghr_", Letter, 20),
    key("github_pat_", Word, 20),
    key("glpat-", Dotted, 16),
    key("gldt-", Dotted, 16),
    key("glrt-", Dotted, 16),
    key("glrtr-", Dotted, 16),
    key("glcbt-", Dotted, 16),
    key("glptt-", Dotted, 16),
    key("glft-", Dotted, 16),
    key("glsoat-", Dotted, 16),
    key("glimt-", Dotted, 16),
    key("glagent-", Dotted, 16),
    key("glwt-", Dotted, 16),
    key("glffct-", Dotted, 16),
    key("gloas-", Dotted, 16),
    key("ATATT3x", Base64, 20),
    key("ATBB", Letter, 28),
    key("ATCTT3x", Base64, 20),
    // Clouds.
    narrow("AKIA", Capital, 16, Letter),
    narrow("ASIA", Capital, 16, Letter),
    narrow("ABIA", Capital, 16, Letter),
    narrow("ACCA", Capital, 16, Letter),
    key("ABSK", Base64, 80),
    key("bedrock-api-key-", Base64, 20),
    narrow("dop_v1_", Hexadecimal, 20, Letter),
    narrow("doo_v1_", Hexadecimal, 20, Letter),
    narrow("dor_v1_", Hexadecimal, 20, Letter),
    key("sbp_", Letter, 36),
    key("sb_secret_", Url, 20),
    key("nfp_", Letter, 32),
    key("HRKU-", Url, 30),
    key("fo1_", Url, 30),
    key("fm2_", Base64, 30),
    key("pscale_tkn_", Dotted, 30),
    key("pscale_pw_", Dotted, 30),
    key("pscale_oauth_", Dotted, 30),
    narrow("dapi", Hexadecimal, 32, Dashed),
    key("tskey-", Dashed, 16),
    key("pul-", Hexadecimal, 40),
    key("dp.pt.", Letter, 30),
    key("dp.st.", Dotted, 30),
    key("ops_eyJ", Base64, 60),
    key("CFPAT-", Url, 40),
    // Packages.
    key("npm_", Letter, 20),
    key("pypi-", Url, 20),
    key("rubygems_", Hexadecimal, 40),
    key("dckr_pat_", Url, 20),
    key("dckr_oat_", Url, 20),
    key("AKCp", Letter, 60),
    key("oy2", Letter, 43),
    key("CCIPAT_", Word, 30),
    key("bkua_", Hexadecimal, 36),
    // Money and shops.
    key("sk_live_", Letter, 8),
    key("sk_test_", Letter, 8),
    key("rk_live_", Letter, 8),
    key("rk_test_", Letter, 8),
    key("sk_org_live_", Letter, 8),
    key("whsec_", Base64, 16),
    key("sq0atp-", Url, 20),
    key("sq0csp-", Url, 20),
    key("access_token$production$", Letter, 20),
    narrow("shpat_", Hexadecimal, 20, Letter),
    narrow("shpca_", Hexadecimal, 20, Letter),
    narrow("shppa_", Hexadecimal, 20, Letter),
    narrow("shpss_", Hexadecimal, 20, Letter),
    narrow("shpua_", Hexadecimal, 20, Letter),
    // Messages and mail.
    key("SK", Hexadecimal, 32),
    key("key-", Hexadecimal, 32),
    key("xkeysib-", Dashed, 60),
    key("xsmtpsib-", Dashed, 60),
    key("EAACEdEose0cBA", Letter, 16),
    // Work.
    key("lin_api_", Letter, 32),
    key("lin_oauth_", Letter, 32),
    key("ntn_", Letter, 40),
    key("secret_", Letter, 40),
    key("figd_", Url, 20),
    key("figo_", Url, 20),
    key("figu_", Url, 20),
    key("PMAK-", Dashed, 40),
    key("pat-na1-", Dashed, 32),
    key("pat-eu1-", Dashed, 32),
    key("tfp_", Dotted, 40),
    key("shippo_live_", Hexadecimal, 40),
    // Watching and keeping.
    key("sntrys_", Base64, 32),
    key("sntryu_", Hexadecimal, 40),
    key("glsa_", Word, 32),
    key("glc_eyJ", Base64, 32),
    key("NRAK-", Letter, 24),
    key("dt0c01.", Dotted, 40),
    key("phx_", Letter, 32),
    key("hvs.", Url, 20),
    key("hvb.", Url, 20),
    key("hvr.", Url, 20),
    key("AGE-SECRET-KEY-1", Letter, 40),
    key("AGE-SECRET-KEY-PQ-1", Letter, 40),
];
