//! The one list of commands.
//!
//! Each command is declared here once: its name, what it takes, what it answers, the window it is for, and a
//! sentence on what it does. The Tauri handlers, the permission files, the TypeScript client and `docs/ipc.md`
//! are written from it by the `generate-ipc` program, and a test fails when any of them is stale.

use cowork_workspace::view;

use crate::error::ApiError;
use crate::json;
pub use crate::wire::{Command, Window, WireType};

macro_rules! registry {
    ($($window:ident { $(
        $(#[doc = $description:literal])+
        $name:ident ( $($request:ty)? ) $(=> $stream:ty)? , $response:ty;
    )+ })+) => {
        /// All commands, in the order they are declared.
        #[must_use]
        pub fn commands() -> Vec<Command> {
            vec![$($(
                Command {
                    name: stringify!($name),
                    description: [$($description),+].map(str::trim).join(" "),
                    window: Window::$window,
                    request: registry!(@optional $($request)?),
                    response: WireType::of::<$response>(stringify!($response)),
                    stream: registry!(@optional $($stream)?),
                },
            )+)+]
        }
    };
    (@optional) => { None };
    (@optional $type:ty) => { Some(WireType::of::<$type>(stringify!($type))) };
}

registry! {
    Main {
        /// Gives everything a window needs for its first picture, without waiting for the engine.
        start(), view::Start;

        /// Sends every change through the channel, in batches, until the window closes.
        subscribe() => view::Update, ();

        /// Confirms that an update was drawn; the next ones wait for it.
        acknowledge(json::Acknowledge), ();

        /// Says whether the window is seen. While it is not it is sent nothing; what changed comes when it is seen again.
        window_shown(json::WindowShown), ();

        /// Lets the person choose a folder in the system's dialog and grants it. Nothing when they cancel.
        folder_pick(), Option<view::Folder>;

        /// Takes a folder off the list. Its files and sessions stay.
        folder_forget(json::FolderReference), ();

        /// Looks again which folders can be reached.
        folders_look(), Vec<view::Folder>;

        /// Begins a session in a granted folder, or in a throw-away folder the app makes.
        session_create(json::NewSession), view::SessionRow;

        /// Opens a session's conversation in this window; its changes follow by subscription.
        session_open(json::OpenSession), view::Conversation;

        /// Has this window hold other messages of the open conversation; they come by subscription.
        session_page(json::TurnPage), ();

        /// Looks for a text in a stretch of a conversation, newest first; asked again with what it reached, in all of it.
        conversation_find(json::FindInConversation), view::FoundPage;

        /// Gives the prompt before or after a message; older messages are read for it.
        conversation_prompt(json::FindPrompt), Option<String>;

        /// Gives everything that was said in a conversation or between two messages of it, for copying.
        conversation_text(json::ReadConversationText), json::ConversationText;

        /// Closes the open conversation; what runs goes on.
        session_close(), ();

        /// Renames a session.
        session_rename(json::RenameSession), view::SessionRow;

        /// Deletes a session and its messages. Files it changed stay as they are.
        session_delete(json::SessionReference), ();

        /// Makes a thread that begins as another one does, up to a message. The text of a prompt waits in its composer.
        session_fork(json::ForkSession), view::ForkedThread;

        /// Tells what going back to before a prompt would take back, in files and messages.
        revert_preview(json::MessageReference), view::RevertPreview;

        /// Goes back to before a prompt, in files and messages; what it said, and what was attached to it. The next prompt makes it final.
        session_revert(json::MessageReference), view::RevertedPrompt;

        /// Brings back what going back took out, files and messages.
        session_unrevert(json::SessionReference), ();

        /// Tells what the list of threads is made of: how many each folder has in spans of time.
        thread_outline(json::OutlineThreads), view::ThreadOutline;

        /// Gives a page of the list of threads.
        thread_page(json::ListThreads), view::ThreadPage;

        /// Finds threads by their titles and what was said in them: a page from an offset on.
        search(json::SearchThreads), view::SearchAnswer;

        /// Lists the saved searches.
        search_filters(), Vec<view::SearchFilter>;

        /// Saves a search under a name, in the place of one that has it.
        search_filters_save(json::SaveSearchFilter), Vec<view::SearchFilter>;

        /// Gives a saved search another name.
        search_filters_rename(json::RenameSearchFilter), Vec<view::SearchFilter>;

        /// Deletes a saved search.
        search_filters_delete(json::SearchFilterReference), Vec<view::SearchFilter>;

        /// Puts the saved searches into an order.
        search_filters_order(json::OrderSearchFilters), Vec<view::SearchFilter>;

        /// Puts tags on a thread, in the place of those it has.
        session_tag(json::TagSession), view::SessionRow;

        /// Lists the tags there are, with how many threads have each.
        tags(), Vec<view::SearchCount>;

        /// Tells what takes how much of the disk.
        storage_report(), view::StorageReport;

        /// Tells how far the index of messages is.
        index_progress(), view::IndexProgress;

        /// Empties the index of messages and has it filled again from what the engine holds.
        index_rebuild(), ();

        /// Deletes the log files of earlier days; the bytes that are free now.
        logs_delete_old(), u64;

        /// Deletes the damaged databases that were set aside; the bytes that are free now.
        set_aside_delete(), u64;

        /// Deletes files that were attached and that no draft and no waiting prompt needs any more; the bytes that are free now.
        attachments_delete_needless(), u64;

        /// Deletes what was kept of files before something was put back, where that cannot be undone any more; the bytes that
        /// are free now.
        reverts_delete_needless(), u64;

        /// Ends the app and deletes everything it keeps, once the person agreed in a dialog of the system's. Their folders
        /// and the engine's conversations stay.
        everything_remove(json::RemoveEverything), ();

        /// Tells what answers took on some days, by model.
        usage_report(json::UsageDays), view::UsageReport;

        /// Tells what a thread and its sub-agents took, by model.
        session_usage(json::SessionReference), view::SessionUsage;

        /// Sends a prompt. While a turn runs it joins that turn. On failure the text is kept as the draft.
        prompt_send(json::SendPrompt), json::PromptReceipt;

        /// Gives what stands in a composer beside its words; what changes follows by subscription.
        composer_open(json::ComposerReference), view::ComposerState;

        /// Lets the person choose files in the system's dialog, and attaches what can be.
        attachment_pick(json::ComposerReference), view::Attached;

        /// Attaches a file that was pasted or dropped, if it can be.
        attachment_add(json::AttachFile), view::Attached;

        /// Takes an attached file away.
        attachment_remove(json::AttachmentReference), ();

        /// Finds files of a folder, and sub-agents, by what is typed of their names.
        mention_search(json::SearchMentions), view::MentionSearch;

        /// Lists the commands of a folder.
        command_list(json::FolderReference), Vec<view::CommandRow>;

        /// Remembers that the person read a command as it is, and trusts it in a folder.
        command_trust(json::TrustCommand), ();

        /// Lists the commands that are trusted, in all folders.
        command_trusted(), Vec<view::TrustedCommandRow>;

        /// Trusts a command no longer: it has to be read again before it runs.
        command_distrust(json::TrustedCommand), ();

        /// Runs a command in a session.
        command_run(json::RunCommand), json::PromptReceipt;

        /// Has a prompt wait for the turn to end.
        queue_add(json::SendPrompt), ();

        /// Gives a prompt that waits other words.
        queue_edit(json::EditQueued), ();

        /// Holds a prompt that waits while it is edited, so that it does not go out meanwhile, or lets it go.
        queue_hold(json::HoldQueued), ();

        /// Takes a prompt out of those that wait.
        queue_remove(json::QueuedReference), ();

        /// Puts the prompts that wait into an order.
        queue_order(json::OrderQueue), ();

        /// Sends a prompt that waits, now. While a turn runs it joins that turn.
        queue_send(json::QueuedReference), json::PromptReceipt;

        /// Has what was said summed up, so that the summary takes its place in the model's context; answers when that is done.
        session_compact(json::CompactSession), ();

        /// Tells what fills the context of a session's model.
        context_fill(json::SessionReference), view::ContextFill;

        /// Keeps what is written and not sent.
        draft_save(json::SaveDraft), ();

        /// Stops the running turn; what was written so far stays.
        turn_stop(json::SessionReference), ();

        /// Answers a request for permission.
        permission_answer(json::AnswerPermission), ();

        /// Says what rules of "always" would come to for an ask, before they are saved.
        rule_check(json::CheckRules), view::RuleCheck;

        /// Gives all of something that waits for the person.
        inbox_ask(json::InboxReference), view::InboxAsk;

        /// Lists what was answered lately, by the person, by their rules and by the policy, the newest first.
        inbox_answered(), view::AnsweredList;

        /// Answers questions.
        question_answer(json::AnswerQuestion), ();

        /// Turns questions down; the turn ends.
        question_reject(json::RejectQuestion), ();

        /// Gives a message's text as it was written, for copying.
        message_source(json::MessageReference), String;

        /// Gives a page of what a tool printed, or of its arguments, error or command.
        tool_output(json::ReadOutput), view::OutputPage;

        /// Gives all of such a text, for copying.
        tool_text(json::ReadToolText), String;

        /// Gives a page of the lines of a change.
        change_page(json::ReadChange), view::DiffPage;

        /// Lists the files that a turn, a session or a person changed; for the folder's files also what git says of it.
        review_files(json::ListReview), view::ReviewList;

        /// Gives a page of a changed file's lines.
        review_page(json::ReadReview), view::ReviewPage;

        /// Tells what putting a file or a hunk back takes away.
        review_loss(json::AskRevert), view::RevertLoss;

        /// Puts a file or a hunk back as it was, unless the file changed meanwhile. What was there is kept.
        review_revert(json::RevertChange), view::KeptRevert;

        /// Lists what was put back in a session's folder and can be undone, the newest first.
        review_kept(json::SessionReference), Vec<view::KeptRevert>;

        /// Undoes putting something back, unless the file changed since; the file's path.
        review_undo(json::UndoRevert), String;

        /// Gives a hunk, a file or all of a review as a patch, for copying.
        review_patch(json::CopyPatch), view::PatchText;

        /// Takes files into the next commit, or out of it. git runs in the folder's box.
        git_stage(json::StageFiles), view::GitDone;

        /// Commits what is staged. Hooks run in the folder's box, and may refuse it.
        git_commit(json::CommitStaged), view::GitDone;

        /// Switches to a branch of the folder's repository, or makes one.
        git_branch(json::SwitchBranch), view::GitDone;

        /// Opens a file of a session's folder in an editor that is known, at a line, or else shows its folder.
        file_open(json::OpenFile), view::OpenedWhere;

        /// Tells which of the names in a conversation are files of its folder that can be opened.
        files_named(json::NamedFiles), Vec<String>;

        /// Starts the engine, or starts it anew when it runs.
        engine_start(), ();

        /// Gives the last lines the engine printed, redacted.
        engine_log(), Vec<String>;

        /// Gives the last lines of the app's own log.
        app_log(), Vec<String>;

        /// Opens the folder of the app's logs in the system's file manager.
        logs_open(), ();

        /// Tells how each part of the app stands that a window does not know all the while.
        health_rows(), Vec<view::HealthRow>;

        /// Gives what the health view shows of the engine.
        engine_health(), view::EngineHealth;

        /// Gives a report about the app and its engine, redacted, to be read before it is shared.
        diagnostics_report(), String;

        /// Lists the rules of "always allow".
        allowance_list(), Vec<view::AllowanceRow>;

        /// Takes a rule of "always allow" back.
        allowance_revoke(json::AllowanceReference), ();

        /// Gives a rule of "always allow" back that was taken back since the app was started.
        allowance_restore(json::AllowanceReference), ();

        /// Lets commands run without a box in a folder, after the person agreed in the system's dialog; or no longer.
        folder_unbox(json::UnboxFolder), ();

        /// Sets what commands of a folder may reach beside it. What opens something is asked of the person in the
        /// system's dialog.
        folder_box_set(json::SetBox), ();

        /// Lets the person choose a folder in the system's dialog, and opens it to the commands of another. Whether one
        /// was chosen.
        folder_box_grant(json::GrantToBox), bool;

        /// Attacks the box of a folder again, to see whether it holds.
        folder_box_prove(json::FolderReference), ();

        /// Lets go of connections that boxes stopped: those to a host, or all.
        stopped_forget(json::ForgetStopped), ();

        /// Shows what a command of a folder serves in its box, in a window of its own.
        preview_open(json::ServerReference), ();

        /// Lists the languages whose code blocks can run on this computer.
        snippet_languages(), Vec<view::SnippetLanguage>;

        /// Runs a code block in a box of its own; how it goes follows by subscription.
        snippet_run(json::RunSnippet), json::SnippetReceipt;

        /// Stops a code block that runs.
        snippet_stop(json::SnippetReference), ();

        /// Lists what of the person's own configuration the engine may use.
        bridge_list(), Vec<view::BridgeRow>;

        /// Opens a category of it, after the person agreed in the system's dialog, or closes it.
        bridge_set(json::SetBridge), ();

        /// Chooses the home the engine lives in; the person's own only after they agreed in the system's dialog.
        engine_home_set(json::SetEngineHome), ();

        /// Saves what the person set.
        settings_save(view::Settings), view::Settings;

        /// Takes over the words of what the desktop is told, in the window's language.
        notification_words(view::TidingWords), ();

        /// Has the desktop show a notification, to see how it looks.
        notification_try(), ();

        /// Lists the providers that can be connected.
        provider_catalogue(), view::ProviderCatalogue;

        /// Lists the models the catalogue names for a provider, or those of one that is connected.
        provider_models(json::ProviderReference), Vec<view::ModelChoice>;

        /// Looks for model servers on this machine.
        local_servers(), Vec<view::LocalServerRow>;

        /// Looks for models at an address.
        provider_probe(json::ProbeProvider), json::ProviderProbe;

        /// Connects a provider and keeps its key.
        provider_connect(json::ConnectProvider), view::ConnectedProvider;

        /// Forgets a provider, its key and its sign-in.
        provider_remove(json::ProviderReference), ();

        /// Puts a key in the place of a provider's present one.
        key_set(json::SetKey), view::ConnectedProvider;

        /// Forgets a provider's key.
        key_remove(json::ProviderReference), view::ProviderRow;

        /// Forgets all keys and the sign-ins that the app keeps, and ends all pairings.
        keys_forget_all(), ();

        /// Seals what is sealed with a new key; how many secrets that were.
        keys_renew(), u32;

        /// Says whether keys can be kept.
        keychain(json::AskKeychain), view::Keychain;

        /// Begins to test a connection, step by step; the steps follow by subscription.
        provider_test(json::TestProvider), view::ConnectionTest;

        /// Ends the test that runs.
        provider_test_stop(), ();

        /// Tells what went to each provider.
        provider_usage(), Vec<view::ProviderUsage>;

        /// Lets a run of the engine make as many requests at a provider again as it may.
        provider_allow_more(json::ProviderReference), ();

        /// Begins a sign-in; how it goes follows by subscription.
        sign_in_begin(json::BeginSignIn), view::SignInView;

        /// Hands over what the provider's page showed at the end.
        sign_in_paste(json::PasteSignIn), ();

        /// Ends the sign-in that is under way.
        sign_in_stop(), ();

        /// Tells how every pairing stands, with the head of the audit.
        pairing_list(), view::PairingBook;

        /// Judges the address of a server, and looks whether anything answers there. Nothing secret goes there.
        pairing_check_address(json::CheckPairingAddress), view::PairingAddress;

        /// Makes a pairing and its token, which is shown this once and is void after ten minutes unless it is entered at the
        /// server. Where answers from afar are to count by themselves, the person is asked in the system's dialog.
        pairing_create(json::CreatePairing), view::PairingToken;

        /// Makes another token for a pairing. The one before is void here at once.
        pairing_renew(json::PairingReference), view::PairingToken;

        /// Changes what a pairing is called, lets in and out and shares. Where answers from afar are to count by themselves,
        /// the person is asked in the system's dialog.
        pairing_update(json::UpdatePairing), view::PairingRow;

        /// Pauses a pairing: nothing leaves and nothing comes in.
        pairing_pause(json::PairingReference), view::PairingRow;

        /// Goes on with a pairing that was paused.
        pairing_resume(json::PairingReference), view::PairingRow;

        /// Asks the server now, whatever it was waited for, and delivers what waits.
        pairing_sync(json::PairingReference), view::PairingRow;

        /// Ends a pairing: nothing leaves and nothing comes in from now on, the server is told as soon as it answers, and
        /// the token is forgotten then.
        pairing_revoke(json::PairingReference), ();

        /// Shares a thread over a pairing.
        pairing_share(json::ShareThread), view::PairingRow;

        /// Shares a thread by itself no longer. What the server has of it is void there.
        pairing_unshare(json::ShareThread), view::PairingRow;

        /// Gives a page of exactly what would be sent of a thread, after redaction.
        pairing_preview(json::PreviewPairing), view::PairingPreview;

        /// Gives a page of what was done with pairings and over them.
        pairing_audit(json::ReadPairingAudit), view::PairingAudit;

        /// Writes all of it into a folder the person picks in the system's dialog. The file's name; nothing when they
        /// cancel.
        pairing_audit_export(), Option<String>;

        /// Has an answer from afar count, or not.
        remote_ask_answer(json::AnswerRemote), ();

        /// Opens an http, https or mailto address in the system's browser.
        link_open(json::OpenLink), ();
    }
}

/// The type every failed command answers with.
#[must_use]
pub fn failure() -> WireType {
    WireType::of::<ApiError>("ApiError")
}
