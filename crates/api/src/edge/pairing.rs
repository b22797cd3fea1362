//! The commands about pairings.

use cowork_workspace::{Consent, view};

use super::{Answer, Api, PickedFor, Subject};
use crate::json;

#[expect(
    clippy::missing_errors_doc,
    reason = "every command fails with an ApiError, described at its codes"
)]
#[expect(missing_docs, reason = "the registry holds each command's one description")]
impl Api {
    pub async fn pairing_list(&self) -> Answer<view::PairingBook> {
        Ok(self.workspace.pairing_book().await?)
    }

    pub async fn pairing_check_address(
        &self,
        request: json::CheckPairingAddress,
    ) -> Answer<view::PairingAddress> {
        Ok(self
            .workspace
            .check_pairing_address(&request.address, request.past_proxy)
            .await?)
    }

    pub async fn pairing_create(&self, request: json::CreatePairing) -> Answer<view::PairingToken> {
        let wanted = request.wanted();
        let create = |consent: Consent| self.workspace.create_pairing(wanted.clone(), consent);
        Ok(self
            .consents
            .ask(&*self.shell, Subject::RemoteAnswers, create)
            .await?)
    }

    pub async fn pairing_renew(&self, request: json::PairingReference) -> Answer<view::PairingToken> {
        Ok(self.workspace.renew_pairing(&request.pairing).await?)
    }

    pub async fn pairing_update(&self, request: json::UpdatePairing) -> Answer<view::PairingRow> {
        let update = |consent: Consent| {
            self.workspace.update_pairing(
                &request.pairing,
                &request.label,
                request.policy,
                &request.folders,
                request.past_proxy,
                consent,
            )
        };
        Ok(self
            .consents
            .ask(&*self.shell, Subject::RemoteAnswers, update)
            .await?)
    }

    pub async fn pairing_pause(&self, request: json::PairingReference) -> Answer<view::PairingRow> {
        Ok(self.workspace.pause_pairing(&request.pairing, true).await?)
    }

    pub async fn pairing_resume(&self, request: json::PairingReference) -> Answer<view::PairingRow> {
        Ok(self.workspace.pause_pairing(&request.pairing, false).await?)
    }

    pub async fn pairing_sync(&self, request: json::PairingReference) -> Answer<view::PairingRow> {
        Ok(self.workspace.sync_pairing(&request.pairing).await?)
    }

    pub async fn pairing_revoke(&self, request: json::PairingReference) -> Answer<()> {
        Ok(self.workspace.revoke_pairing(&request.pairing).await?)
    }

    pub async fn pairing_share(&self, request: json::ShareThread) -> Answer<view::PairingRow> {
        let json::ShareThread { pairing, session } = request;
        Ok(self.workspace.share_thread(&pairing, &session, true).await?)
    }

    pub async fn pairing_unshare(&self, request: json::ShareThread) -> Answer<view::PairingRow> {
        let json::ShareThread { pairing, session } = request;
        Ok(self.workspace.share_thread(&pairing, &session, false).await?)
    }

    pub async fn pairing_preview(&self, request: json::PreviewPairing) -> Answer<view::PairingPreview> {
        let json::PreviewPairing {
            pairing,
            policy,
            session,
            page,
        } = request;
        Ok(self
            .workspace
            .preview_pairing(pairing.as_deref(), policy, &session, page)
            .await?)
    }

    pub async fn pairing_audit(&self, request: json::ReadPairingAudit) -> Answer<view::PairingAudit> {
        Ok(self
            .workspace
            .pairing_audit(request.pairing.as_deref(), request.before)
            .await?)
    }

    pub async fn pairing_audit_export(&self) -> Answer<Option<String>> {
        match self.pick_folder(PickedFor::Audit).await? {
            Some(folder) => Ok(Some(self.workspace.export_pairing_audit(folder).await?)),
            None => Ok(None),
        }
    }

    pub async fn remote_ask_answer(&self, request: json::AnswerRemote) -> Answer<()> {
        Ok(self
            .workspace
            .answer_proposal(&request.proposal, request.accept)
            .await?)
    }
}
