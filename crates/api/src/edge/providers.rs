//! The commands about providers, their keys and sign-ins.

use cowork_workspace::{GivenKey, WantedProvider, view};

use super::{Answer, Api};
use crate::error::{ApiError, Code};
use crate::json;

#[expect(
    clippy::missing_errors_doc,
    reason = "every command fails with an ApiError, described at its codes"
)]
#[expect(missing_docs, reason = "the registry holds each command's one description")]
#[expect(
    clippy::unused_async,
    reason = "every command is called alike, whether it waits or not"
)]
impl Api {
    pub async fn provider_catalogue(&self) -> Answer<view::ProviderCatalogue> {
        Ok(self.workspace.provider_catalogue().await)
    }

    pub async fn provider_models(&self, request: json::ProviderReference) -> Answer<Vec<view::ModelChoice>> {
        Ok(self.workspace.provider_models(&request.provider)?)
    }

    pub async fn local_servers(&self) -> Answer<Vec<view::LocalServerRow>> {
        Ok(self.workspace.local_servers().await)
    }

    pub async fn provider_probe(&self, request: json::ProbeProvider) -> Answer<json::ProviderProbe> {
        let address = &request.base_url;
        let probe = |agreed| self.workspace.probe_provider(address, agreed);
        let probed = self.consents.with(&*self.shell, address, probe).await?;
        Ok(json::ProviderProbe {
            base_url: probed.base_url,
            models: probed.models,
            wants_key: probed.wants_key,
        })
    }

    pub async fn provider_connect(&self, request: json::ConnectProvider) -> Answer<view::ConnectedProvider> {
        let json::ConnectProvider {
            provider,
            name,
            base_url,
            models,
            inputs,
            key,
            this_run,
        } = request;
        let wanted = match (provider, base_url) {
            (Some(id), _) => WantedProvider::Known { id, inputs },
            (None, Some(base_url)) => WantedProvider::Custom {
                name: name.unwrap_or_default(),
                base_url,
            },
            (None, None) => {
                return Err(ApiError {
                    code: Code::InvalidInput,
                    message: "Choose a provider, or type an address.".to_owned(),
                });
            }
        };
        let address = match &wanted {
            WantedProvider::Known { .. } => String::new(),
            WantedProvider::Custom { base_url, .. } => base_url.clone(),
        };
        let connect = |agreed| {
            let key = key.as_ref().map(|key| GivenKey {
                key: key.duplicate(),
                this_run,
            });
            self.workspace
                .connect_provider(wanted.clone(), models.clone(), key, agreed)
        };
        Ok(self.consents.with(&*self.shell, &address, connect).await?)
    }

    pub async fn provider_remove(&self, request: json::ProviderReference) -> Answer<()> {
        Ok(self.workspace.remove_provider(&request.provider).await?)
    }

    pub async fn key_set(&self, request: json::SetKey) -> Answer<view::ConnectedProvider> {
        let given = GivenKey {
            key: request.key,
            this_run: request.this_run,
        };
        Ok(self.workspace.set_key(&request.provider, given).await?)
    }

    pub async fn key_remove(&self, request: json::ProviderReference) -> Answer<view::ProviderRow> {
        Ok(self.workspace.remove_key(&request.provider).await?)
    }

    pub async fn keys_forget_all(&self) -> Answer<()> {
        Ok(self.workspace.forget_all_keys().await?)
    }

    pub async fn keys_renew(&self) -> Answer<u32> {
        let sealed = self.workspace.renew_sealing_key().await?;
        Ok(u32::try_from(sealed).unwrap_or(u32::MAX))
    }

    pub async fn keychain(&self, request: json::AskKeychain) -> Answer<view::Keychain> {
        Ok(self.workspace.keychain(request.again).await)
    }

    pub async fn provider_test(&self, request: json::TestProvider) -> Answer<view::ConnectionTest> {
        Ok(self.workspace.test_provider(&request.provider, request.model)?)
    }

    pub async fn provider_test_stop(&self) -> Answer<()> {
        self.workspace.stop_test();
        Ok(())
    }

    pub async fn provider_usage(&self) -> Answer<Vec<view::ProviderUsage>> {
        Ok(self.workspace.provider_usage().await?)
    }

    pub async fn provider_allow_more(&self, request: json::ProviderReference) -> Answer<()> {
        Ok(self.workspace.allow_more_requests(&request.provider)?)
    }

    pub async fn sign_in_begin(&self, request: json::BeginSignIn) -> Answer<view::SignInView> {
        Ok(self
            .workspace
            .begin_sign_in(&request.provider, &request.offer, request.inputs)
            .await?)
    }

    pub async fn sign_in_paste(&self, request: json::PasteSignIn) -> Answer<()> {
        Ok(self.workspace.paste_sign_in(request.text)?)
    }

    pub async fn sign_in_stop(&self) -> Answer<()> {
        self.workspace.stop_sign_in();
        Ok(())
    }
}
