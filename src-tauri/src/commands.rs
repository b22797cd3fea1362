//! The commands a window can invoke.
//!
//! Written from the command registry by `cargo run -p cowork-api --bin generate-ipc`; do not edit.

use cowork_api::{Api, ApiError, json, view};
use tauri::ipc::{Channel, Invoke};
use tauri::{Runtime, State};

/// Dispatches an invocation to its command.
#[expect(clippy::too_many_lines, reason = "one line for each command")]
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        start,
        subscribe,
        acknowledge,
        window_shown,
        folder_pick,
        folder_forget,
        folders_look,
        session_create,
        session_open,
        session_page,
        conversation_find,
        conversation_prompt,
        conversation_text,
        session_close,
        session_rename,
        session_delete,
        session_fork,
        revert_preview,
        session_revert,
        session_unrevert,
        thread_outline,
        thread_page,
        search,
        search_filters,
        search_filters_save,
        search_filters_rename,
        search_filters_delete,
        search_filters_order,
        session_tag,
        tags,
        storage_report,
        index_progress,
        index_rebuild,
        logs_delete_old,
        set_aside_delete,
        attachments_delete_needless,
        reverts_delete_needless,
        everything_remove,
        usage_report,
        session_usage,
        prompt_send,
        composer_open,
        attachment_pick,
        attachment_add,
        attachment_remove,
        mention_search,
        command_list,
        command_trust,
        command_trusted,
        command_distrust,
        command_run,
        queue_add,
        queue_edit,
        queue_hold,
        queue_remove,
        queue_order,
        queue_send,
        session_compact,
        context_fill,
        draft_save,
        turn_stop,
        permission_answer,
        rule_check,
        inbox_ask,
        inbox_answered,
        question_answer,
        question_reject,
        message_source,
        tool_output,
        tool_text,
        change_page,
        review_files,
        review_page,
        review_loss,
        review_revert,
        review_kept,
        review_undo,
        review_patch,
        git_stage,
        git_commit,
        git_branch,
        file_open,
        files_named,
        engine_start,
        engine_log,
        app_log,
        logs_open,
        health_rows,
        engine_health,
        diagnostics_report,
        allowance_list,
        allowance_revoke,
        allowance_restore,
        folder_unbox,
        folder_box_set,
        folder_box_grant,
        folder_box_prove,
        stopped_forget,
        preview_open,
        snippet_languages,
        snippet_run,
        snippet_stop,
        bridge_list,
        bridge_set,
        engine_home_set,
        settings_save,
        notification_words,
        notification_try,
        provider_catalogue,
        provider_models,
        local_servers,
        provider_probe,
        provider_connect,
        provider_remove,
        key_set,
        key_remove,
        keys_forget_all,
        keys_renew,
        keychain,
        provider_test,
        provider_test_stop,
        provider_usage,
        provider_allow_more,
        sign_in_begin,
        sign_in_paste,
        sign_in_stop,
        pairing_list,
        pairing_check_address,
        pairing_create,
        pairing_renew,
        pairing_update,
        pairing_pause,
        pairing_resume,
        pairing_sync,
        pairing_revoke,
        pairing_share,
        pairing_unshare,
        pairing_preview,
        pairing_audit,
        pairing_audit_export,
        remote_ask_answer,
        link_open,
    ]
}

/// Gives everything a window needs for its first picture, without waiting for the engine.
#[tauri::command]
pub(crate) async fn start(api: State<'_, Api>) -> Result<view::Start, ApiError> {
    api.start().await
}

/// Sends every change through the channel, in batches, until the window closes.
#[tauri::command]
pub(crate) async fn subscribe(api: State<'_, Api>, channel: Channel<view::Update>) -> Result<(), ApiError> {
    api.subscribe(move |item| channel.send(item).is_ok()).await
}

/// Confirms that an update was drawn; the next ones wait for it.
#[tauri::command]
pub(crate) async fn acknowledge(api: State<'_, Api>, request: json::Acknowledge) -> Result<(), ApiError> {
    api.acknowledge(request).await
}

/// Says whether the window is seen. While it is not it is sent nothing; what changed comes when it is seen again.
#[tauri::command]
pub(crate) async fn window_shown(api: State<'_, Api>, request: json::WindowShown) -> Result<(), ApiError> {
    api.window_shown(request).await
}

/// Lets the person choose a folder in the system's dialog and grants it. Nothing when they cancel.
#[tauri::command]
pub(crate) async fn folder_pick(api: State<'_, Api>) -> Result<Option<view::Folder>, ApiError> {
    api.folder_pick().await
}

/// Takes a folder off the list. Its files and sessions stay.
#[tauri::command]
pub(crate) async fn folder_forget(api: State<'_, Api>, request: json::FolderReference) -> Result<(), ApiError> {
    api.folder_forget(request).await
}

/// Looks again which folders can be reached.
#[tauri::command]
pub(crate) async fn folders_look(api: State<'_, Api>) -> Result<Vec<view::Folder>, ApiError> {
    api.folders_look().await
}

/// Begins a session in a granted folder, or in a throw-away folder the app makes.
#[tauri::command]
pub(crate) async fn session_create(api: State<'_, Api>, request: json::NewSession) -> Result<view::SessionRow, ApiError> {
    api.session_create(request).await
}

/// Opens a session's conversation in this window; its changes follow by subscription.
#[tauri::command]
pub(crate) async fn session_open(api: State<'_, Api>, request: json::OpenSession) -> Result<view::Conversation, ApiError> {
    api.session_open(request).await
}

/// Has this window hold other messages of the open conversation; they come by subscription.
#[tauri::command]
pub(crate) async fn session_page(api: State<'_, Api>, request: json::TurnPage) -> Result<(), ApiError> {
    api.session_page(request).await
}

/// Looks for a text in a stretch of a conversation, newest first; asked again with what it reached, in all of it.
#[tauri::command]
pub(crate) async fn conversation_find(api: State<'_, Api>, request: json::FindInConversation) -> Result<view::FoundPage, ApiError> {
    api.conversation_find(request).await
}

/// Gives the prompt before or after a message; older messages are read for it.
#[tauri::command]
pub(crate) async fn conversation_prompt(api: State<'_, Api>, request: json::FindPrompt) -> Result<Option<String>, ApiError> {
    api.conversation_prompt(request).await
}

/// Gives everything that was said in a conversation or between two messages of it, for copying.
#[tauri::command]
pub(crate) async fn conversation_text(api: State<'_, Api>, request: json::ReadConversationText) -> Result<json::ConversationText, ApiError> {
    api.conversation_text(request).await
}

/// Closes the open conversation; what runs goes on.
#[tauri::command]
pub(crate) async fn session_close(api: State<'_, Api>) -> Result<(), ApiError> {
    api.session_close().await
}

/// Renames a session.
#[tauri::command]
pub(crate) async fn session_rename(api: State<'_, Api>, request: json::RenameSession) -> Result<view::SessionRow, ApiError> {
    api.session_rename(request).await
}

/// Deletes a session and its messages. Files it changed stay as they are.
#[tauri::command]
pub(crate) async fn session_delete(api: State<'_, Api>, request: json::SessionReference) -> Result<(), ApiError> {
    api.session_delete(request).await
}

/// Makes a thread that begins as another one does, up to a message. The text of a prompt waits in its composer.
#[tauri::command]
pub(crate) async fn session_fork(api: State<'_, Api>, request: json::ForkSession) -> Result<view::ForkedThread, ApiError> {
    api.session_fork(request).await
}

/// Tells what going back to before a prompt would take back, in files and messages.
#[tauri::command]
pub(crate) async fn revert_preview(api: State<'_, Api>, request: json::MessageReference) -> Result<view::RevertPreview, ApiError> {
    api.revert_preview(request).await
}

/// Goes back to before a prompt, in files and messages; what it said, and what was attached to it. The next prompt makes it final.
#[tauri::command]
pub(crate) async fn session_revert(api: State<'_, Api>, request: json::MessageReference) -> Result<view::RevertedPrompt, ApiError> {
    api.session_revert(request).await
}

/// Brings back what going back took out, files and messages.
#[tauri::command]
pub(crate) async fn session_unrevert(api: State<'_, Api>, request: json::SessionReference) -> Result<(), ApiError> {
    api.session_unrevert(request).await
}

/// Tells what the list of threads is made of: how many each folder has in spans of time.
#[tauri::command]
pub(crate) async fn thread_outline(api: State<'_, Api>, request: json::OutlineThreads) -> Result<view::ThreadOutline, ApiError> {
    api.thread_outline(request).await
}

/// Gives a page of the list of threads.
#[tauri::command]
pub(crate) async fn thread_page(api: State<'_, Api>, request: json::ListThreads) -> Result<view::ThreadPage, ApiError> {
    api.thread_page(request).await
}

/// Finds threads by their titles and what was said in them: a page from an offset on.
#[tauri::command]
pub(crate) async fn search(api: State<'_, Api>, request: json::SearchThreads) -> Result<view::SearchAnswer, ApiError> {
    api.search(request).await
}

/// Lists the saved searches.
#[tauri::command]
pub(crate) async fn search_filters(api: State<'_, Api>) -> Result<Vec<view::SearchFilter>, ApiError> {
    api.search_filters().await
}

/// Saves a search under a name, in the place of one that has it.
#[tauri::command]
pub(crate) async fn search_filters_save(api: State<'_, Api>, request: json::SaveSearchFilter) -> Result<Vec<view::SearchFilter>, ApiError> {
    api.search_filters_save(request).await
}

/// Gives a saved search another name.
#[tauri::command]
pub(crate) async fn search_filters_rename(api: State<'_, Api>, request: json::RenameSearchFilter) -> Result<Vec<view::SearchFilter>, ApiError> {
    api.search_filters_rename(request).await
}

/// Deletes a saved search.
#[tauri::command]
pub(crate) async fn search_filters_delete(api: State<'_, Api>, request: json::SearchFilterReference) -> Result<Vec<view::SearchFilter>, ApiError> {
    api.search_filters_delete(request).await
}

/// Puts the saved searches into an order.
#[tauri::command]
pub(crate) async fn search_filters_order(api: State<'_, Api>, request: json::OrderSearchFilters) -> Result<Vec<view::SearchFilter>, ApiError> {
    api.search_filters_order(request).await
}

/// Puts tags on a thread, in the place of those it has.
#[tauri::command]
pub(crate) async fn session_tag(api: State<'_, Api>, request: json::TagSession) -> Result<view::SessionRow, ApiError> {
    api.session_tag(request).await
}

/// Lists the tags there are, with how many threads have each.
#[tauri::command]
pub(crate) async fn tags(api: State<'_, Api>) -> Result<Vec<view::SearchCount>, ApiError> {
    api.tags().await
}

/// Tells what takes how much of the disk.
#[tauri::command]
pub(crate) async fn storage_report(api: State<'_, Api>) -> Result<view::StorageReport, ApiError> {
    api.storage_report().await
}

/// Tells how far the index of messages is.
#[tauri::command]
pub(crate) async fn index_progress(api: State<'_, Api>) -> Result<view::IndexProgress, ApiError> {
    api.index_progress().await
}

/// Empties the index of messages and has it filled again from what the engine holds.
#[tauri::command]
pub(crate) async fn index_rebuild(api: State<'_, Api>) -> Result<(), ApiError> {
    api.index_rebuild().await
}

/// Deletes the log files of earlier days; the bytes that are free now.
#[tauri::command]
pub(crate) async fn logs_delete_old(api: State<'_, Api>) -> Result<u64, ApiError> {
    api.logs_delete_old().await
}

/// Deletes the damaged databases that were set aside; the bytes that are free now.
#[tauri::command]
pub(crate) async fn set_aside_delete(api: State<'_, Api>) -> Result<u64, ApiError> {
    api.set_aside_delete().await
}

/// Deletes files that were attached and that no draft and no waiting prompt needs any more; the bytes that are free now.
#[tauri::command]
pub(crate) async fn attachments_delete_needless(api: State<'_, Api>) -> Result<u64, ApiError> {
    api.attachments_delete_needless().await
}

/// Deletes what was kept of files before something was put back, where that cannot be undone any more; the bytes that are free now.
#[tauri::command]
pub(crate) async fn reverts_delete_needless(api: State<'_, Api>) -> Result<u64, ApiError> {
    api.reverts_delete_needless().await
}

/// Ends the app and deletes everything it keeps, once the person agreed in a dialog of the system's. Their folders and the engine's conversations stay.
#[tauri::command]
pub(crate) async fn everything_remove(api: State<'_, Api>, request: json::RemoveEverything) -> Result<(), ApiError> {
    api.everything_remove(request).await
}

/// Tells what answers took on some days, by model.
#[tauri::command]
pub(crate) async fn usage_report(api: State<'_, Api>, request: json::UsageDays) -> Result<view::UsageReport, ApiError> {
    api.usage_report(request).await
}

/// Tells what a thread and its sub-agents took, by model.
#[tauri::command]
pub(crate) async fn session_usage(api: State<'_, Api>, request: json::SessionReference) -> Result<view::SessionUsage, ApiError> {
    api.session_usage(request).await
}

/// Sends a prompt. While a turn runs it joins that turn. On failure the text is kept as the draft.
#[tauri::command]
pub(crate) async fn prompt_send(api: State<'_, Api>, request: json::SendPrompt) -> Result<json::PromptReceipt, ApiError> {
    api.prompt_send(request).await
}

/// Gives what stands in a composer beside its words; what changes follows by subscription.
#[tauri::command]
pub(crate) async fn composer_open(api: State<'_, Api>, request: json::ComposerReference) -> Result<view::ComposerState, ApiError> {
    api.composer_open(request).await
}

/// Lets the person choose files in the system's dialog, and attaches what can be.
#[tauri::command]
pub(crate) async fn attachment_pick(api: State<'_, Api>, request: json::ComposerReference) -> Result<view::Attached, ApiError> {
    api.attachment_pick(request).await
}

/// Attaches a file that was pasted or dropped, if it can be.
#[tauri::command]
pub(crate) async fn attachment_add(api: State<'_, Api>, request: json::AttachFile) -> Result<view::Attached, ApiError> {
    api.attachment_add(request).await
}

/// Takes an attached file away.
#[tauri::command]
pub(crate) async fn attachment_remove(api: State<'_, Api>, request: json::AttachmentReference) -> Result<(), ApiError> {
    api.attachment_remove(request).await
}

/// Finds files of a folder, and sub-agents, by what is typed of their names.
#[tauri::command]
pub(crate) async fn mention_search(api: State<'_, Api>, request: json::SearchMentions) -> Result<view::MentionSearch, ApiError> {
    api.mention_search(request).await
}

/// Lists the commands of a folder.
#[tauri::command]
pub(crate) async fn command_list(api: State<'_, Api>, request: json::FolderReference) -> Result<Vec<view::CommandRow>, ApiError> {
    api.command_list(request).await
}

/// Remembers that the person read a command as it is, and trusts it in a folder.
#[tauri::command]
pub(crate) async fn command_trust(api: State<'_, Api>, request: json::TrustCommand) -> Result<(), ApiError> {
    api.command_trust(request).await
}

/// Lists the commands that are trusted, in all folders.
#[tauri::command]
pub(crate) async fn command_trusted(api: State<'_, Api>) -> Result<Vec<view::TrustedCommandRow>, ApiError> {
    api.command_trusted().await
}

/// Trusts a command no longer: it has to be read again before it runs.
#[tauri::command]
pub(crate) async fn command_distrust(api: State<'_, Api>, request: json::TrustedCommand) -> Result<(), ApiError> {
    api.command_distrust(request).await
}

/// Runs a command in a session.
#[tauri::command]
pub(crate) async fn command_run(api: State<'_, Api>, request: json::RunCommand) -> Result<json::PromptReceipt, ApiError> {
    api.command_run(request).await
}

/// Has a prompt wait for the turn to end.
#[tauri::command]
pub(crate) async fn queue_add(api: State<'_, Api>, request: json::SendPrompt) -> Result<(), ApiError> {
    api.queue_add(request).await
}

/// Gives a prompt that waits other words.
#[tauri::command]
pub(crate) async fn queue_edit(api: State<'_, Api>, request: json::EditQueued) -> Result<(), ApiError> {
    api.queue_edit(request).await
}

/// Holds a prompt that waits while it is edited, so that it does not go out meanwhile, or lets it go.
#[tauri::command]
pub(crate) async fn queue_hold(api: State<'_, Api>, request: json::HoldQueued) -> Result<(), ApiError> {
    api.queue_hold(request).await
}

/// Takes a prompt out of those that wait.
#[tauri::command]
pub(crate) async fn queue_remove(api: State<'_, Api>, request: json::QueuedReference) -> Result<(), ApiError> {
    api.queue_remove(request).await
}

/// Puts the prompts that wait into an order.
#[tauri::command]
pub(crate) async fn queue_order(api: State<'_, Api>, request: json::OrderQueue) -> Result<(), ApiError> {
    api.queue_order(request).await
}

/// Sends a prompt that waits, now. While a turn runs it joins that turn.
#[tauri::command]
pub(crate) async fn queue_send(api: State<'_, Api>, request: json::QueuedReference) -> Result<json::PromptReceipt, ApiError> {
    api.queue_send(request).await
}

/// Has what was said summed up, so that the summary takes its place in the model's context; answers when that is done.
#[tauri::command]
pub(crate) async fn session_compact(api: State<'_, Api>, request: json::CompactSession) -> Result<(), ApiError> {
    api.session_compact(request).await
}

/// Tells what fills the context of a session's model.
#[tauri::command]
pub(crate) async fn context_fill(api: State<'_, Api>, request: json::SessionReference) -> Result<view::ContextFill, ApiError> {
    api.context_fill(request).await
}

/// Keeps what is written and not sent.
#[tauri::command]
pub(crate) async fn draft_save(api: State<'_, Api>, request: json::SaveDraft) -> Result<(), ApiError> {
    api.draft_save(request).await
}

/// Stops the running turn; what was written so far stays.
#[tauri::command]
pub(crate) async fn turn_stop(api: State<'_, Api>, request: json::SessionReference) -> Result<(), ApiError> {
    api.turn_stop(request).await
}

/// Answers a request for permission.
#[tauri::command]
pub(crate) async fn permission_answer(api: State<'_, Api>, request: json::AnswerPermission) -> Result<(), ApiError> {
    api.permission_answer(request).await
}

/// Says what rules of "always" would come to for an ask, before they are saved.
#[tauri::command]
pub(crate) async fn rule_check(api: State<'_, Api>, request: json::CheckRules) -> Result<view::RuleCheck, ApiError> {
    api.rule_check(request).await
}

/// Gives all of something that waits for the person.
#[tauri::command]
pub(crate) async fn inbox_ask(api: State<'_, Api>, request: json::InboxReference) -> Result<view::InboxAsk, ApiError> {
    api.inbox_ask(request).await
}

/// Lists what was answered lately, by the person, by their rules and by the policy, the newest first.
#[tauri::command]
pub(crate) async fn inbox_answered(api: State<'_, Api>) -> Result<view::AnsweredList, ApiError> {
    api.inbox_answered().await
}

/// Answers questions.
#[tauri::command]
pub(crate) async fn question_answer(api: State<'_, Api>, request: json::AnswerQuestion) -> Result<(), ApiError> {
    api.question_answer(request).await
}

/// Turns questions down; the turn ends.
#[tauri::command]
pub(crate) async fn question_reject(api: State<'_, Api>, request: json::RejectQuestion) -> Result<(), ApiError> {
    api.question_reject(request).await
}

/// Gives a message's text as it was written, for copying.
#[tauri::command]
pub(crate) async fn message_source(api: State<'_, Api>, request: json::MessageReference) -> Result<String, ApiError> {
    api.message_source(request).await
}

/// Gives a page of what a tool printed, or of its arguments, error or command.
#[tauri::command]
pub(crate) async fn tool_output(api: State<'_, Api>, request: json::ReadOutput) -> Result<view::OutputPage, ApiError> {
    api.tool_output(request).await
}

/// Gives all of such a text, for copying.
#[tauri::command]
pub(crate) async fn tool_text(api: State<'_, Api>, request: json::ReadToolText) -> Result<String, ApiError> {
    api.tool_text(request).await
}

/// Gives a page of the lines of a change.
#[tauri::command]
pub(crate) async fn change_page(api: State<'_, Api>, request: json::ReadChange) -> Result<view::DiffPage, ApiError> {
    api.change_page(request).await
}

/// Lists the files that a turn, a session or a person changed; for the folder's files also what git says of it.
#[tauri::command]
pub(crate) async fn review_files(api: State<'_, Api>, request: json::ListReview) -> Result<view::ReviewList, ApiError> {
    api.review_files(request).await
}

/// Gives a page of a changed file's lines.
#[tauri::command]
pub(crate) async fn review_page(api: State<'_, Api>, request: json::ReadReview) -> Result<view::ReviewPage, ApiError> {
    api.review_page(request).await
}

/// Tells what putting a file or a hunk back takes away.
#[tauri::command]
pub(crate) async fn review_loss(api: State<'_, Api>, request: json::AskRevert) -> Result<view::RevertLoss, ApiError> {
    api.review_loss(request).await
}

/// Puts a file or a hunk back as it was, unless the file changed meanwhile. What was there is kept.
#[tauri::command]
pub(crate) async fn review_revert(api: State<'_, Api>, request: json::RevertChange) -> Result<view::KeptRevert, ApiError> {
    api.review_revert(request).await
}

/// Lists what was put back in a session's folder and can be undone, the newest first.
#[tauri::command]
pub(crate) async fn review_kept(api: State<'_, Api>, request: json::SessionReference) -> Result<Vec<view::KeptRevert>, ApiError> {
    api.review_kept(request).await
}

/// Undoes putting something back, unless the file changed since; the file's path.
#[tauri::command]
pub(crate) async fn review_undo(api: State<'_, Api>, request: json::UndoRevert) -> Result<String, ApiError> {
    api.review_undo(request).await
}

/// Gives a hunk, a file or all of a review as a patch, for copying.
#[tauri::command]
pub(crate) async fn review_patch(api: State<'_, Api>, request: json::CopyPatch) -> Result<view::PatchText, ApiError> {
    api.review_patch(request).await
}

/// Takes files into the next commit, or out of it. git runs in the folder's box.
#[tauri::command]
pub(crate) async fn git_stage(api: State<'_, Api>, request: json::StageFiles) -> Result<view::GitDone, ApiError> {
    api.git_stage(request).await
}

/// Commits what is staged. Hooks run in the folder's box, and may refuse it.
#[tauri::command]
pub(crate) async fn git_commit(api: State<'_, Api>, request: json::CommitStaged) -> Result<view::GitDone, ApiError> {
    api.git_commit(request).await
}

/// Switches to a branch of the folder's repository, or makes one.
#[tauri::command]
pub(crate) async fn git_branch(api: State<'_, Api>, request: json::SwitchBranch) -> Result<view::GitDone, ApiError> {
    api.git_branch(request).await
}

/// Opens a file of a session's folder in an editor that is known, at a line, or else shows its folder.
#[tauri::command]
pub(crate) async fn file_open(api: State<'_, Api>, request: json::OpenFile) -> Result<view::OpenedWhere, ApiError> {
    api.file_open(request).await
}

/// Tells which of the names in a conversation are files of its folder that can be opened.
#[tauri::command]
pub(crate) async fn files_named(api: State<'_, Api>, request: json::NamedFiles) -> Result<Vec<String>, ApiError> {
    api.files_named(request).await
}

/// Starts the engine, or starts it anew when it runs.
#[tauri::command]
pub(crate) async fn engine_start(api: State<'_, Api>) -> Result<(), ApiError> {
    api.engine_start().await
}

/// Gives the last lines the engine printed, redacted.
#[tauri::command]
pub(crate) async fn engine_log(api: State<'_, Api>) -> Result<Vec<String>, ApiError> {
    api.engine_log().await
}

/// Gives the last lines of the app's own log.
#[tauri::command]
pub(crate) async fn app_log(api: State<'_, Api>) -> Result<Vec<String>, ApiError> {
    api.app_log().await
}

/// Opens the folder of the app's logs in the system's file manager.
#[tauri::command]
pub(crate) async fn logs_open(api: State<'_, Api>) -> Result<(), ApiError> {
    api.logs_open().await
}

/// Tells how each part of the app stands that a window does not know all the while.
#[tauri::command]
pub(crate) async fn health_rows(api: State<'_, Api>) -> Result<Vec<view::HealthRow>, ApiError> {
    api.health_rows().await
}

/// Gives what the health view shows of the engine.
#[tauri::command]
pub(crate) async fn engine_health(api: State<'_, Api>) -> Result<view::EngineHealth, ApiError> {
    api.engine_health().await
}

/// Gives a report about the app and its engine, redacted, to be read before it is shared.
#[tauri::command]
pub(crate) async fn diagnostics_report(api: State<'_, Api>) -> Result<String, ApiError> {
    api.diagnostics_report().await
}

/// Lists the rules of "always allow".
#[tauri::command]
pub(crate) async fn allowance_list(api: State<'_, Api>) -> Result<Vec<view::AllowanceRow>, ApiError> {
    api.allowance_list().await
}

/// Takes a rule of "always allow" back.
#[tauri::command]
pub(crate) async fn allowance_revoke(api: State<'_, Api>, request: json::AllowanceReference) -> Result<(), ApiError> {
    api.allowance_revoke(request).await
}

/// Gives a rule of "always allow" back that was taken back since the app was started.
#[tauri::command]
pub(crate) async fn allowance_restore(api: State<'_, Api>, request: json::AllowanceReference) -> Result<(), ApiError> {
    api.allowance_restore(request).await
}

/// Lets commands run without a box in a folder, after the person agreed in the system's dialog; or no longer.
#[tauri::command]
pub(crate) async fn folder_unbox(api: State<'_, Api>, request: json::UnboxFolder) -> Result<(), ApiError> {
    api.folder_unbox(request).await
}

/// Sets what commands of a folder may reach beside it. What opens something is asked of the person in the system's dialog.
#[tauri::command]
pub(crate) async fn folder_box_set(api: State<'_, Api>, request: json::SetBox) -> Result<(), ApiError> {
    api.folder_box_set(request).await
}

/// Lets the person choose a folder in the system's dialog, and opens it to the commands of another. Whether one was chosen.
#[tauri::command]
pub(crate) async fn folder_box_grant(api: State<'_, Api>, request: json::GrantToBox) -> Result<bool, ApiError> {
    api.folder_box_grant(request).await
}

/// Attacks the box of a folder again, to see whether it holds.
#[tauri::command]
pub(crate) async fn folder_box_prove(api: State<'_, Api>, request: json::FolderReference) -> Result<(), ApiError> {
    api.folder_box_prove(request).await
}

/// Lets go of connections that boxes stopped: those to a host, or all.
#[tauri::command]
pub(crate) async fn stopped_forget(api: State<'_, Api>, request: json::ForgetStopped) -> Result<(), ApiError> {
    api.stopped_forget(request).await
}

/// Shows what a command of a folder serves in its box, in a window of its own.
#[tauri::command]
pub(crate) async fn preview_open(api: State<'_, Api>, request: json::ServerReference) -> Result<(), ApiError> {
    api.preview_open(request).await
}

/// Lists the languages whose code blocks can run on this computer.
#[tauri::command]
pub(crate) async fn snippet_languages(api: State<'_, Api>) -> Result<Vec<view::SnippetLanguage>, ApiError> {
    api.snippet_languages().await
}

/// Runs a code block in a box of its own; how it goes follows by subscription.
#[tauri::command]
pub(crate) async fn snippet_run(api: State<'_, Api>, request: json::RunSnippet) -> Result<json::SnippetReceipt, ApiError> {
    api.snippet_run(request).await
}

/// Stops a code block that runs.
#[tauri::command]
pub(crate) async fn snippet_stop(api: State<'_, Api>, request: json::SnippetReference) -> Result<(), ApiError> {
    api.snippet_stop(request).await
}

/// Lists what of the person's own configuration the engine may use.
#[tauri::command]
pub(crate) async fn bridge_list(api: State<'_, Api>) -> Result<Vec<view::BridgeRow>, ApiError> {
    api.bridge_list().await
}

/// Opens a category of it, after the person agreed in the system's dialog, or closes it.
#[tauri::command]
pub(crate) async fn bridge_set(api: State<'_, Api>, request: json::SetBridge) -> Result<(), ApiError> {
    api.bridge_set(request).await
}

/// Chooses the home the engine lives in; the person's own only after they agreed in the system's dialog.
#[tauri::command]
pub(crate) async fn engine_home_set(api: State<'_, Api>, request: json::SetEngineHome) -> Result<(), ApiError> {
    api.engine_home_set(request).await
}

/// Saves what the person set.
#[tauri::command]
pub(crate) async fn settings_save(api: State<'_, Api>, request: view::Settings) -> Result<view::Settings, ApiError> {
    api.settings_save(request).await
}

/// Takes over the words of what the desktop is told, in the window's language.
#[tauri::command]
pub(crate) async fn notification_words(api: State<'_, Api>, request: view::TidingWords) -> Result<(), ApiError> {
    api.notification_words(request).await
}

/// Has the desktop show a notification, to see how it looks.
#[tauri::command]
pub(crate) async fn notification_try(api: State<'_, Api>) -> Result<(), ApiError> {
    api.notification_try().await
}

/// Lists the providers that can be connected.
#[tauri::command]
pub(crate) async fn provider_catalogue(api: State<'_, Api>) -> Result<view::ProviderCatalogue, ApiError> {
    api.provider_catalogue().await
}

/// Lists the models the catalogue names for a provider, or those of one that is connected.
#[tauri::command]
pub(crate) async fn provider_models(api: State<'_, Api>, request: json::ProviderReference) -> Result<Vec<view::ModelChoice>, ApiError> {
    api.provider_models(request).await
}

/// Looks for model servers on this machine.
#[tauri::command]
pub(crate) async fn local_servers(api: State<'_, Api>) -> Result<Vec<view::LocalServerRow>, ApiError> {
    api.local_servers().await
}

/// Looks for models at an address.
#[tauri::command]
pub(crate) async fn provider_probe(api: State<'_, Api>, request: json::ProbeProvider) -> Result<json::ProviderProbe, ApiError> {
    api.provider_probe(request).await
}

/// Connects a provider and keeps its key.
#[tauri::command]
pub(crate) async fn provider_connect(api: State<'_, Api>, request: json::ConnectProvider) -> Result<view::ConnectedProvider, ApiError> {
    api.provider_connect(request).await
}

/// Forgets a provider, its key and its sign-in.
#[tauri::command]
pub(crate) async fn provider_remove(api: State<'_, Api>, request: json::ProviderReference) -> Result<(), ApiError> {
    api.provider_remove(request).await
}

/// Puts a key in the place of a provider's present one.
#[tauri::command]
pub(crate) async fn key_set(api: State<'_, Api>, request: json::SetKey) -> Result<view::ConnectedProvider, ApiError> {
    api.key_set(request).await
}

/// Forgets a provider's key.
#[tauri::command]
pub(crate) async fn key_remove(api: State<'_, Api>, request: json::ProviderReference) -> Result<view::ProviderRow, ApiError> {
    api.key_remove(request).await
}

/// Forgets all keys and the sign-ins that the app keeps, and ends all pairings.
#[tauri::command]
pub(crate) async fn keys_forget_all(api: State<'_, Api>) -> Result<(), ApiError> {
    api.keys_forget_all().await
}

/// Seals what is sealed with a new key; how many secrets that were.
#[tauri::command]
pub(crate) async fn keys_renew(api: State<'_, Api>) -> Result<u32, ApiError> {
    api.keys_renew().await
}

/// Says whether keys can be kept.
#[tauri::command]
pub(crate) async fn keychain(api: State<'_, Api>, request: json::AskKeychain) -> Result<view::Keychain, ApiError> {
    api.keychain(request).await
}

/// Begins to test a connection, step by step; the steps follow by subscription.
#[tauri::command]
pub(crate) async fn provider_test(api: State<'_, Api>, request: json::TestProvider) -> Result<view::ConnectionTest, ApiError> {
    api.provider_test(request).await
}

/// Ends the test that runs.
#[tauri::command]
pub(crate) async fn provider_test_stop(api: State<'_, Api>) -> Result<(), ApiError> {
    api.provider_test_stop().await
}

/// Tells what went to each provider.
#[tauri::command]
pub(crate) async fn provider_usage(api: State<'_, Api>) -> Result<Vec<view::ProviderUsage>, ApiError> {
    api.provider_usage().await
}

/// Lets a run of the engine make as many requests at a provider again as it may.
#[tauri::command]
pub(crate) async fn provider_allow_more(api: State<'_, Api>, request: json::ProviderReference) -> Result<(), ApiError> {
    api.provider_allow_more(request).await
}

/// Begins a sign-in; how it goes follows by subscription.
#[tauri::command]
pub(crate) async fn sign_in_begin(api: State<'_, Api>, request: json::BeginSignIn) -> Result<view::SignInView, ApiError> {
    api.sign_in_begin(request).await
}

/// Hands over what the provider's page showed at the end.
#[tauri::command]
pub(crate) async fn sign_in_paste(api: State<'_, Api>, request: json::PasteSignIn) -> Result<(), ApiError> {
    api.sign_in_paste(request).await
}

/// Ends the sign-in that is under way.
#[tauri::command]
pub(crate) async fn sign_in_stop(api: State<'_, Api>) -> Result<(), ApiError> {
    api.sign_in_stop().await
}

/// Tells how every pairing stands, with the head of the audit.
#[tauri::command]
pub(crate) async fn pairing_list(api: State<'_, Api>) -> Result<view::PairingBook, ApiError> {
    api.pairing_list().await
}

/// Judges the address of a server, and looks whether anything answers there. Nothing secret goes there.
#[tauri::command]
pub(crate) async fn pairing_check_address(api: State<'_, Api>, request: json::CheckPairingAddress) -> Result<view::PairingAddress, ApiError> {
    api.pairing_check_address(request).await
}

/// Makes a pairing and its token, which is shown this once and is void after ten minutes unless it is entered at the server. Where answers from afar are to count by themselves, the person is asked in the system's dialog.
#[tauri::command]
pub(crate) async fn pairing_create(api: State<'_, Api>, request: json::CreatePairing) -> Result<view::PairingToken, ApiError> {
    api.pairing_create(request).await
}

/// Makes another token for a pairing. The one before is void here at once.
#[tauri::command]
pub(crate) async fn pairing_renew(api: State<'_, Api>, request: json::PairingReference) -> Result<view::PairingToken, ApiError> {
    api.pairing_renew(request).await
}

/// Changes what a pairing is called, lets in and out and shares. Where answers from afar are to count by themselves, the person is asked in the system's dialog.
#[tauri::command]
pub(crate) async fn pairing_update(api: State<'_, Api>, request: json::UpdatePairing) -> Result<view::PairingRow, ApiError> {
    api.pairing_update(request).await
}

/// Pauses a pairing: nothing leaves and nothing comes in.
#[tauri::command]
pub(crate) async fn pairing_pause(api: State<'_, Api>, request: json::PairingReference) -> Result<view::PairingRow, ApiError> {
    api.pairing_pause(request).await
}

/// Goes on with a pairing that was paused.
#[tauri::command]
pub(crate) async fn pairing_resume(api: State<'_, Api>, request: json::PairingReference) -> Result<view::PairingRow, ApiError> {
    api.pairing_resume(request).await
}

/// Asks the server now, whatever it was waited for, and delivers what waits.
#[tauri::command]
pub(crate) async fn pairing_sync(api: State<'_, Api>, request: json::PairingReference) -> Result<view::PairingRow, ApiError> {
    api.pairing_sync(request).await
}

/// Ends a pairing: nothing leaves and nothing comes in from now on, the server is told as soon as it answers, and the token is forgotten then.
#[tauri::command]
pub(crate) async fn pairing_revoke(api: State<'_, Api>, request: json::PairingReference) -> Result<(), ApiError> {
    api.pairing_revoke(request).await
}

/// Shares a thread over a pairing.
#[tauri::command]
pub(crate) async fn pairing_share(api: State<'_, Api>, request: json::ShareThread) -> Result<view::PairingRow, ApiError> {
    api.pairing_share(request).await
}

/// Shares a thread by itself no longer. What the server has of it is void there.
#[tauri::command]
pub(crate) async fn pairing_unshare(api: State<'_, Api>, request: json::ShareThread) -> Result<view::PairingRow, ApiError> {
    api.pairing_unshare(request).await
}

/// Gives a page of exactly what would be sent of a thread, after redaction.
#[tauri::command]
pub(crate) async fn pairing_preview(api: State<'_, Api>, request: json::PreviewPairing) -> Result<view::PairingPreview, ApiError> {
    api.pairing_preview(request).await
}

/// Gives a page of what was done with pairings and over them.
#[tauri::command]
pub(crate) async fn pairing_audit(api: State<'_, Api>, request: json::ReadPairingAudit) -> Result<view::PairingAudit, ApiError> {
    api.pairing_audit(request).await
}

/// Writes all of it into a folder the person picks in the system's dialog. The file's name; nothing when they cancel.
#[tauri::command]
pub(crate) async fn pairing_audit_export(api: State<'_, Api>) -> Result<Option<String>, ApiError> {
    api.pairing_audit_export().await
}

/// Has an answer from afar count, or not.
#[tauri::command]
pub(crate) async fn remote_ask_answer(api: State<'_, Api>, request: json::AnswerRemote) -> Result<(), ApiError> {
    api.remote_ask_answer(request).await
}

/// Opens an http, https or mailto address in the system's browser.
#[tauri::command]
pub(crate) async fn link_open(api: State<'_, Api>, request: json::OpenLink) -> Result<(), ApiError> {
    api.link_open(request).await
}
