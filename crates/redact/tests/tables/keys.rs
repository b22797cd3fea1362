//! Keys by their beginning: one row for each that is known.

/// A beginning, and what follows it in a key of the usual length. None of them was ever a key.
pub(crate) const KEYS: &[(&str, &str)] = &[
    // Ours.
    ("cwk_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nO-_"),
    ("ocp_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("ocs_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("oct_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("oci_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("oco_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    // Models.
    ("sk-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV"),
    (
        "sk-proj-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD-_4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "sk-svcacct-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "sk-admin-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    ("sk-ant-api03-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0n-_AA"),
    (
        "sk-ant-oat01-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "sk-or-v1-",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    ("sess-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0n"),
    (
        "xai-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0eF2gH4iJ6kL",
    ),
    ("gsk_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz"),
    ("pplx-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV"),
    (
        "nvapi-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD-_4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    ("r8_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jK"),
    ("hf_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh"),
    ("api_org_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh"),
    ("csk-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV"),
    ("fw_", "Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("tgp_v1_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("fc-", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ("tvly-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4f"),
    ("lsv2_pt_", "0a1b2c3d4e5f60718293a4b5c6d7e8f9_0a1b2c3d4e"),
    ("lsv2_sk_", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    (
        "jina_",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "pcsk_",
        "Ab3dEf_Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    // Google.
    ("AIza", "SyAAb3dEf6hIj9lMn2pQr5tUv8xYz1BcD4f"),
    (
        "ya29.",
        "a0Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    ("GOCSPX-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1B"),
    (
        "1//",
        "0gAb3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    // Slack.
    ("xoxb-", "123456789012-123456789012-Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("xoxp-", "123456789012-0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ("xoxa-", "2-123456789012-Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("xoxr-", "123456789012-Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("xoxs-", "123456789012-Ab3dEf6hIj9lMn2pQr5tUv8x"),
    (
        "xoxe-",
        "1-Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    ("xoxo-", "123456789012-Ab3dEf6hIj"),
    ("xoxc-", "123456789012-0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    (
        "xoxd-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "xapp-",
        "1-A0123456789-123-0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    // Forges.
    ("ghp_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7j"),
    ("gho_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7j"),
    ("ghu_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7j"),
    ("ghs_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7j"),
    ("ghr_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7j"),
    (
        "github_pat_",
        "11ABCDEFG0Ab3dEf6hIj9l_Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0",
    ),
    ("glpat-", "Ab3dEf6hIj9lMn2pQr5t"),
    ("gldt-", "Ab3dEf6hIj9lMn2pQr5t"),
    ("glrt-", "Ab3dEf6hIj9lMn2pQr5t"),
    ("glrtr-", "Ab3dEf6hIj9lMn2pQr5t"),
    ("glcbt-", "64_Ab3dEf6hIj9lMn2pQr5t"),
    ("glptt-", "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d"),
    ("glft-", "Ab3dEf6hIj9lMn2pQr5t"),
    ("glsoat-", "Ab3dEf6hIj9lMn2pQr5t"),
    ("glimt-", "Ab3dEf6hIj9lMn2pQr5tUv8xY"),
    ("glagent-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4x"),
    ("glwt-", "Ab3dEf6hIj9lMn2pQr5t"),
    ("glffct-", "Ab3dEf6hIj9lMn2pQr5t"),
    (
        "gloas-",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    (
        "ATATT3x",
        "FfGF0Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e=1A2B",
    ),
    ("ATBB", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4f"),
    (
        "ATCTT3x",
        "FfGN0Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    // Clouds.
    ("AKIA", "AB2CD3EF4GH5JK6L"),
    ("ASIA", "AB2CD3EF4GH5JK6L"),
    ("ABIA", "AB2CD3EF4GH5JK6L"),
    ("ACCA", "AB2CD3EF4GH5JK6L"),
    (
        "ABSK",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0eF2gH4iJ6kL8mN0oP2qAb3dEf6hIj9lMn2pQr5tUv",
    ),
    (
        "bedrock-api-key-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "dop_v1_",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    (
        "doo_v1_",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    (
        "dor_v1_",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    ("sbp_", "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d"),
    ("sb_secret_", "Ab3dEf6hIj9lMn2pQr5tUv_Ab3dEf6h"),
    ("nfp_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7j"),
    (
        "HRKU-",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    ("fo1_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    (
        "fm2_",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    ("pscale_tkn_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("pscale_pw_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("pscale_oauth_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("dapi", "0a1b2c3d4e5f60718293a4b5c6d7e8f9-2"),
    ("tskey-", "auth-Ab3dEf6hIj9CNTRL-Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4f"),
    ("pul-", "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d"),
    ("dp.pt.", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("dp.st.", "dev.Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    (
        "ops_eyJ",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0eF2gH4iJ6kL",
    ),
    ("CFPAT-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    // Packages.
    ("npm_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7j"),
    (
        "pypi-",
        "AgEIcHlwaS5vcmcAb3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    ("rubygems_", "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071"),
    ("dckr_pat_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1"),
    ("dckr_oat_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1"),
    (
        "AKCp",
        "8Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0eF2gH4iJ6k",
    ),
    ("oy2", "ab3def6hij9lmn2pqr5tuv8xyz1bcd4fgh7jkl0nopq"),
    (
        "CCIPAT_",
        "Ab3dEf6hIj9lMn2pQr5tUv_0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d",
    ),
    ("bkua_", "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d"),
    // Money and shops.
    ("sk_live_", "Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("sk_test_", "Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("rk_live_", "Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("rk_test_", "Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("sk_org_live_", "Ab3dEf6hIj9lMn2pQr5tUv8x"),
    ("whsec_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4f+/=="),
    ("sq0atp-", "Ab3dEf6hIj9lMn2pQr5tUv"),
    ("sq0csp-", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("access_token$production$", "ab3def6hij9lmn2pa1b2"),
    ("shpat_", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ("shpca_", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ("shppa_", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ("shpss_", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ("shpua_", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    // Messages and mail.
    ("SK", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ("key-", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    (
        "xkeysib-",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9-Ab3dEf6hIj9lMn2p",
    ),
    (
        "xsmtpsib-",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9-Ab3dEf6hIj9lMn2p",
    ),
    (
        "EAACEdEose0cBA",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "SG.",
        "Ab3dEf6hIj9lMn2pQr5tUv.Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ",
    ),
    // Work.
    ("lin_api_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0n"),
    (
        "lin_oauth_",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    ("ntn_", "123456789012Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh"),
    ("secret_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    ("figd_", "Ab3dEf6hIj9lMn2pQr5t-_Ab3dEf6hIj9lMn2pQr5t"),
    ("figo_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0n"),
    ("figu_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0n"),
    (
        "PMAK-",
        "0a1b2c3d4e5f60718293a4b5-0a1b2c3d4e5f60718293a4b5c6d7e8f90a",
    ),
    ("pat-na1-", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
    ("pat-eu1-", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
    (
        "tfp_",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2_Ab3dEf6hIj9lMn",
    ),
    ("shippo_live_", "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d"),
    // Watching and keeping.
    (
        "sntrys_",
        "eyJpYXQiOjE3Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0n=_Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ",
    ),
    (
        "sntryu_",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    ("glsa_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4f_0a1b2c3d"),
    (
        "glc_eyJ",
        "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    ("NRAK-", "AB3DEF6HIJ9LMN2PQR5TUV8XYZ1"),
    (
        "dt0c01.",
        "AB2CD3EF4GH5JK6LM7NPABCD.AB3DEF6HIJ9LMN2PQR5TUV8XYZ1BCD4FGH7JKL0NOPQ2STUV4XYZ6AB8CD0EF2GH",
    ),
    ("phx_", "Ab3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ"),
    (
        "hvs.",
        "CAESIAb3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "hvb.",
        "AAAAAQAb3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "hvr.",
        "AAAAAQAb3dEf6hIj9lMn2pQr5tUv8xYz1BcD4fGh7jKl0nOpQ2sTuV4xYz6aB8cD0e",
    ),
    (
        "AGE-SECRET-KEY-1",
        "AB2CD3EF4GH5JK6LM7NPAB2CD3EF4GH5JK6LM7NPAB2CD3EF4GH5JK6LM7",
    ),
    (
        "AGE-SECRET-KEY-PQ-1",
        "AB2CD3EF4GH5JK6LM7NPAB2CD3EF4GH5JK6LM7NPAB2CD3EF4GH5JK6LM7",
    ),
];
