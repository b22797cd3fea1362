//! The commands about finding threads, and what is kept of them.

use cowork_workspace::view;

use super::{Answer, Api};
use crate::json;

#[expect(missing_docs, reason = "the registry holds each command's one description")]
impl Api {
    pub async fn thread_outline(&self, request: json::OutlineThreads) -> Answer<view::ThreadOutline> {
        Ok(self.workspace.thread_outline(request.starts).await?)
    }

    pub async fn thread_page(&self, request: json::ListThreads) -> Answer<view::ThreadPage> {
        let json::ListThreads {
            folder,
            from,
            until,
            offset,
            count,
        } = request;
        let folder = folder.as_deref();
        Ok(self
            .workspace
            .thread_page(folder, from, until, offset, count)
            .await?)
    }

    pub async fn search(&self, request: json::SearchThreads) -> Answer<view::SearchAnswer> {
        let json::SearchThreads {
            query,
            facets,
            offset,
        } = request;
        Ok(self.workspace.search(query, facets, offset).await?)
    }

    pub async fn search_filters(&self) -> Answer<Vec<view::SearchFilter>> {
        Ok(self.workspace.search_filters().await?)
    }

    pub async fn search_filters_save(
        &self,
        request: json::SaveSearchFilter,
    ) -> Answer<Vec<view::SearchFilter>> {
        let json::SaveSearchFilter { name, query, facets } = request;
        Ok(self.workspace.save_search_filter(&name, query, facets).await?)
    }

    pub async fn search_filters_rename(
        &self,
        request: json::RenameSearchFilter,
    ) -> Answer<Vec<view::SearchFilter>> {
        Ok(self
            .workspace
            .rename_search_filter(request.filter, &request.name)
            .await?)
    }

    pub async fn search_filters_delete(
        &self,
        request: json::SearchFilterReference,
    ) -> Answer<Vec<view::SearchFilter>> {
        Ok(self.workspace.delete_search_filter(request.filter).await?)
    }

    pub async fn search_filters_order(
        &self,
        request: json::OrderSearchFilters,
    ) -> Answer<Vec<view::SearchFilter>> {
        Ok(self.workspace.order_search_filters(request.filters).await?)
    }

    pub async fn storage_report(&self) -> Answer<view::StorageReport> {
        Ok(self.workspace.storage_report().await?)
    }

    pub async fn session_tag(&self, request: json::TagSession) -> Answer<view::SessionRow> {
        Ok(self.workspace.set_tags(&request.session, &request.tags).await?)
    }

    pub async fn tags(&self) -> Answer<Vec<view::SearchCount>> {
        Ok(self.workspace.tags().await?)
    }

    pub async fn index_progress(&self) -> Answer<view::IndexProgress> {
        Ok(self.workspace.index_progress().await?)
    }

    pub async fn index_rebuild(&self) -> Answer<()> {
        Ok(self.workspace.rebuild_index().await?)
    }

    pub async fn usage_report(&self, request: json::UsageDays) -> Answer<view::UsageReport> {
        Ok(self.workspace.usage(request.days).await?)
    }

    pub async fn session_usage(&self, request: json::SessionReference) -> Answer<view::SessionUsage> {
        Ok(self.workspace.session_usage(&request.session).await?)
    }
}
