//! The commands of a review.

use cowork_workspace::view;

use super::{Answer, Api};
use crate::error::{ApiError, Code};
use crate::json;

#[expect(missing_docs, reason = "the registry holds each command's one description")]
impl Api {
    pub async fn review_files(&self, request: json::ListReview) -> Answer<view::ReviewList> {
        Ok(self
            .workspace
            .review_files(&request.session, request.scope)
            .await?)
    }

    pub async fn review_page(&self, request: json::ReadReview) -> Answer<view::ReviewPage> {
        let json::ReadReview {
            session,
            scope,
            path,
            look,
            page,
        } = request;
        Ok(self
            .workspace
            .review_page(&session, scope, &path, look, page)
            .await?)
    }

    pub async fn review_loss(&self, request: json::AskRevert) -> Answer<view::RevertLoss> {
        let json::AskRevert {
            session,
            scope,
            path,
            hunk,
            ignore_whitespace,
        } = request;
        Ok(self
            .workspace
            .review_loss(&session, scope, &path, hunk, ignore_whitespace)
            .await?)
    }

    pub async fn review_revert(&self, request: json::RevertChange) -> Answer<view::KeptRevert> {
        let json::RevertChange {
            session,
            scope,
            path,
            hunk,
            ignore_whitespace,
            stamp,
        } = request;
        Ok(self
            .workspace
            .review_revert(&session, scope, &path, hunk, ignore_whitespace, &stamp)
            .await?)
    }

    pub async fn review_kept(&self, request: json::SessionReference) -> Answer<Vec<view::KeptRevert>> {
        Ok(self.workspace.review_kept(&request.session).await?)
    }

    pub async fn review_undo(&self, request: json::UndoRevert) -> Answer<String> {
        Ok(self
            .workspace
            .review_undo(&request.session, &request.kept)
            .await?)
    }

    pub async fn review_patch(&self, request: json::CopyPatch) -> Answer<view::PatchText> {
        let json::CopyPatch {
            session,
            scope,
            of,
            ignore_whitespace,
        } = request;
        Ok(self
            .workspace
            .review_patch(&session, scope, of, ignore_whitespace)
            .await?)
    }

    pub async fn git_stage(&self, request: json::StageFiles) -> Answer<view::GitDone> {
        let json::StageFiles {
            session,
            paths,
            staged,
        } = request;
        Ok(self.workspace.git_stage(&session, paths, staged).await?)
    }

    pub async fn git_commit(&self, request: json::CommitStaged) -> Answer<view::GitDone> {
        Ok(self
            .workspace
            .git_commit(&request.session, &request.message)
            .await?)
    }

    pub async fn git_branch(&self, request: json::SwitchBranch) -> Answer<view::GitDone> {
        let json::SwitchBranch {
            session,
            branch,
            create,
        } = request;
        Ok(self.workspace.git_branch(&session, &branch, create).await?)
    }

    pub async fn file_open(&self, request: json::OpenFile) -> Answer<view::OpenedWhere> {
        let json::OpenFile { session, path, line } = request;
        let file = self.workspace.file_place(&session, &path).await?;
        let programs = self.workspace.person_programs();
        self.shell.open_file(&file, line, &programs).map_err(|error| {
            tracing::warn!(error = format!("{error:#}"), "opening a file");
            ApiError {
                code: Code::Internal,
                message: "The system has no program that shows this file. Copy its path instead.".to_owned(),
            }
        })
    }
}
