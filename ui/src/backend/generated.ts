// Written from the command registry by `cargo run -p cowork-api --bin generate-ipc`; do not edit.

/**
 * Confirms that a window has drawn an update.
 */
export type Acknowledge = { 
/**
 * The update's sequence; zero for the first picture, which no update brought.
 */
sequence: number, };

/**
 * An agent that can be chosen.
 */
export type AgentChoice = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it is for.
 */
description: string, };

/**
 * Names a rule of "always allow".
 */
export type AllowanceReference = { 
/**
 * The rule's id.
 */
allowance: number, };

/**
 * A rule of "always allow".
 */
export type AllowanceRow = { 
/**
 * Names it when it is revoked.
 */
id: number, 
/**
 * The folder it holds in, its path.
 */
folder: string, 
/**
 * The agent it holds for.
 */
agent: string, 
/**
 * What is allowed: `bash`, `edit`, the name of a tool.
 */
permission: string, 
/**
 * Which commands, paths or addresses, with `*` and `?`.
 */
pattern: string, 
/**
 * What was asked when it was given.
 */
origin: string, 
/**
 * The session that asked. It may be gone since.
 */
session: string, 
/**
 * The thread it was given in, when that is still there.
 */
thread: string | null, 
/**
 * What the thread was called then, or is called now.
 */
threadTitle: string, 
/**
 * It holds as long as that thread, instead of in its whole folder.
 */
threadOnly: boolean, 
/**
 * The person wrote the pattern, instead of taking the one that was proposed.
 */
edited: boolean, 
/**
 * When it was given, milliseconds since the epoch.
 */
created: number, 
/**
 * How often it has answered since.
 */
uses: number, 
/**
 * When it answered last.
 */
lastUsed: number | null, };

/**
 * What was said to an ask.
 */
export type AnswerGiven = "once" | "always" | "denied" | "answered" | "skipped";

/**
 * Answers a request for permission.
 */
export type AnswerPermission = { 
/**
 * The session that asks.
 */
session: string, 
/**
 * The ask's id.
 */
permission: string, 
/**
 * The answer.
 */
decision: PermissionDecision, 
/**
 * With a rejection: what to do instead. The agent reads it and goes on.
 */
feedback: string | null, 
/**
 * With "always": the rules to save. Without any, those that are proposed are saved for the folder.
 */
rules: SavedRules | null, };

/**
 * Answers questions.
 */
export type AnswerQuestion = { 
/**
 * The session that asks.
 */
session: string, 
/**
 * The ask's id.
 */
question: string, 
/**
 * For each question in order, the labels or own words chosen.
 */
answers: Array<Array<string>>, };

/**
 * A word on what somebody answered from afar.
 */
export type AnswerRemote = { 
/**
 * The answer's id.
 */
proposal: string, 
/**
 * Whether it counts.
 */
accept: boolean, };

/**
 * Tokens and cost of one answer.
 */
export type AnswerUsage = { 
/**
 * Tokens in all.
 */
tokens: number, 
/**
 * US dollars.
 */
cost: number, };

/**
 * Who said it.
 */
export type AnsweredBy = "person" | "rule" | "afar" | "policy";

/**
 * What was answered lately, the newest first.
 */
export type AnsweredList = { 
/**
 * The newest.
 */
rows: Array<AnsweredRow>, 
/**
 * How many older ones are kept.
 */
more: number, 
/**
 * Days they are kept.
 */
days: number, };

/**
 * Something that was answered lately.
 */
export type AnsweredRow = { 
/**
 * The ask's id.
 */
id: string, 
/**
 * The thread it was asked in; none when that is gone.
 */
thread: string | null, 
/**
 * The thread's title, as it is now or was when that went.
 */
title: string, 
/**
 * What its folder is called.
 */
folder: string, 
/**
 * The agent that asked.
 */
agent: string, 
/**
 * What a permission was about; none for a question.
 */
subject: PermissionSubject | null, 
/**
 * The command, file, address or tool it was about, or the question; cut to a line.
 */
about: string, 
/**
 * What was said.
 */
answer: AnswerGiven, 
/**
 * Who said it.
 */
by: AnsweredBy, 
/**
 * The rule or the reason, or what the person said along; cut to a line.
 */
because: string, 
/**
 * When, milliseconds since the epoch.
 */
at: number, };

/**
 * Why a command failed. The message says what to do next and holds no secret.
 */
export type ApiError = { 
/**
 * What a client branches on.
 */
code: Code, 
/**
 * What happened and what to do next.
 */
message: string, };

/**
 * A dangerous part of a command.
 */
export type AskDanger = { 
/**
 * What it does.
 */
kind: DangerKind, 
/**
 * The part that does it, cut to what fits in a line.
 */
part: string, 
/**
 * Where it begins in the card's command, in UTF-16 units.
 */
from: number, 
/**
 * Where it ends; where it begins when it has no place there.
 */
to: number, };

/**
 * Asks whether keys can be kept.
 */
export type AskKeychain = { 
/**
 * Look again, for one who has just unlocked or installed something.
 */
again: boolean, };

/**
 * Why the app asks.
 */
export type AskReason = "asksFirst" | "outsideFolder" | "secretFile" | "repeats" | "serverTool";

/**
 * Asks what putting a file or a hunk back takes away.
 */
export type AskRevert = { 
/**
 * The session's id.
 */
session: string, 
/**
 * Whose changes.
 */
scope: ReviewScope, 
/**
 * The file, as it was listed.
 */
path: string, 
/**
 * A hunk of it alone.
 */
hunk: HunkPlace | null, 
/**
 * Whether the hunk was found without regard to white space.
 */
ignoreWhitespace: boolean, };

/**
 * The rule that has something asked.
 */
export type AskRule = { 
/**
 * The permission it is about.
 */
permission: string, 
/**
 * What it matches.
 */
pattern: string, };

/**
 * A file that was pasted or dropped.
 */
export type AttachFile = { 
/**
 * The session's id; `home` for the composer on the home page.
 */
session: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * What is in it, in base64; up to 10 MB before that.
 */
data: string, };

/**
 * What was attached, and what was not.
 */
export type Attached = { 
/**
 * What was.
 */
attached: Array<AttachmentView>, 
/**
 * What was not.
 */
refused: Array<RefusedFile>, };

/**
 * Names an attached file.
 */
export type AttachmentReference = { 
/**
 * The session's id; `home` for the composer on the home page.
 */
session: string, 
/**
 * The file's id.
 */
attachment: string, };

/**
 * Why a file was not attached.
 */
export type AttachmentRefusal = "empty" | "tooLarge" | "textTooLarge" | "office" | "archive" | "unknown" | "badImage" | "folder" | "unreadable" | "covered" | "tooMany" | "full";

/**
 * A file that is attached.
 */
export type AttachmentView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its media type.
 */
mediaType: string, 
/**
 * Its size in bytes.
 */
bytes: number, 
/**
 * A small picture of it as a `data:` address.
 */
thumbnail: string | null, 
/**
 * It was a larger picture.
 */
scaled: boolean, };

/**
 * Who wrote a message.
 */
export type Author = "person" | "agent";

/**
 * A sign-in to begin.
 */
export type BeginSignIn = { 
/**
 * The catalogue's id of the provider.
 */
provider: string, 
/**
 * The offer's id.
 */
offer: string, 
/**
 * What the offer wants to know, by id.
 */
inputs: { [key in string]: string }, };

/**
 * One thing a message holds.
 */
export type Block = { 
/**
 * Its id, unique within the session.
 */
id: string, 
/**
 * What it is.
 */
content: BlockContent, };

/**
 * What a block is.
 */
export type BlockContent = { "kind": "text", 
/**
 * The source, for a person's message; empty for an agent's, whose source is fetched when copied.
 */
plain: string, 
/**
 * Rendered markdown; empty for a person's message.
 */
html: Array<HtmlBlock>, 
/**
 * More is coming.
 */
open: boolean, } | { "kind": "reasoning", 
/**
 * Rendered markdown.
 */
html: Array<HtmlBlock>, 
/**
 * Its first line, for when it is folded.
 */
firstLine: string, 
/**
 * When it began, milliseconds since the epoch.
 */
started: number | null, 
/**
 * When it ended.
 */
ended: number | null, 
/**
 * More is coming.
 */
open: boolean, } | { "kind": "tool", 
/**
 * The call.
 */
tool: ToolView, } | { "kind": "lane", 
/**
 * The sub-agent.
 */
lane: Lane, } | { "kind": "file", 
/**
 * The file.
 */
file: FilePart, } | { "kind": "compaction" };

/**
 * A new or changed block.
 */
export type BlockPatch = { 
/**
 * Its message.
 */
message: string, 
/**
 * Where it stands in the message.
 */
index: number, 
/**
 * The block.
 */
block: Block, };

/**
 * Names a block.
 */
export type BlockReference = { 
/**
 * Its message.
 */
message: string, 
/**
 * The block.
 */
block: string, };

/**
 * Whether a box was seen to hold, by attacking it from within.
 */
export type BoxProof = { "kind": "unknown" } | { "kind": "proving" } | { "kind": "proven", 
/**
 * What this kind of box holds less than the strongest one; none when it is that.
 */
reduced: string | null, } | { "kind": "failed", 
/**
 * Why, and what would help.
 */
reason: string, };

/**
 * A port that a command of a folder serves at, in its box.
 */
export type BoxServer = { 
/**
 * The folder's reference.
 */
folder: string, 
/**
 * The folder's name.
 */
label: string, 
/**
 * The port.
 */
port: number, 
/**
 * Since when, milliseconds since the epoch.
 */
since: number, };

/**
 * What commands of a folder may reach beside the folder.
 */
export type BoxSettingsView = { 
/**
 * Where they may connect to.
 */
network: NetworkMode, 
/**
 * Hosts the person named; one that begins with a dot stands for all below it.
 */
hosts: Array<string>, 
/**
 * Other folders.
 */
granted: Array<GrantView>, 
/**
 * How much they may use, where it differs from what is usual: bytes, seconds, or how many.
 */
limits: { [key in LimitName]?: number }, };

/**
 * What stands between the engine and the rest of the computer.
 */
export type BoxState = { "kind": "unknown" } | { "kind": "boxed" } | { "kind": "unboxed", 
/**
 * Why not, and what would help.
 */
reason: string, };

/**
 * The product's names and links.
 */
export type BrandView = { 
/**
 * The product's name.
 */
name: string, 
/**
 * Its short name.
 */
shortName: string, 
/**
 * Where help is.
 */
helpUrl: string, 
/**
 * Where support is.
 */
supportUrl: string, 
/**
 * Where a vulnerability is reported.
 */
securityUrl: string, };

/**
 * Whether the engine is started again by itself.
 */
export type BreakerView = "closed" | "open" | "halfOpen";

/**
 * What the person's own configuration the engine may use, category by category.
 */
export type Bridge = "sshAgent" | "sshKeys" | "gpg" | "cloud" | "developer" | "docker";

/**
 * A category and whether the person opened it.
 */
export type BridgeRow = { 
/**
 * Which category.
 */
bridge: Bridge, 
/**
 * The person opened it.
 */
allowed: boolean, 
/**
 * Paths of it that are there, below the person's home.
 */
found: Array<string>, };

/**
 * Where a change is kept.
 */
export type ChangeSource = { "kind": "tool", 
/**
 * The message's id.
 */
message: string, 
/**
 * The block's id.
 */
block: string, } | { "kind": "ask", 
/**
 * The permission's id.
 */
permission: string, };

/**
 * An address to be looked at before anything secret goes there.
 */
export type CheckPairingAddress = { 
/**
 * As a person wrote it.
 */
address: string, 
/**
 * Whether to go past the proxy.
 */
pastProxy: boolean, };

/**
 * Asks what rules would come to.
 */
export type CheckRules = { 
/**
 * The session that asks.
 */
session: string, 
/**
 * The ask's id.
 */
permission: string, 
/**
 * What each rule would allow.
 */
patterns: Array<string>, };

/**
 * A stable name of what went wrong, for a client to branch on.
 */
export type Code = "invalidInput" | "notFound" | "engineNotReady" | "engineRefused" | "outcomeUnknown" | "folderUnavailable" | "notAllowed" | "consentNeeded" | "notSaved" | "unreachable" | "internal";

/**
 * Where a command comes from.
 */
export type CommandOrigin = "engine" | "server" | "skill" | "folder";

/**
 * A command.
 */
export type CommandRow = { 
/**
 * Names it among commands of the same name.
 */
key: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What it does.
 */
description: string, 
/**
 * What its author says its arguments are.
 */
hint: string, 
/**
 * How many numbered arguments it has.
 */
arguments: number, 
/**
 * It takes whatever is written behind it.
 */
takesRest: boolean, 
/**
 * Where it comes from.
 */
origin: CommandOrigin, 
/**
 * Whether it may be used.
 */
trust: CommandTrust, 
/**
 * What it says, where one has to have read it.
 */
template: string | null, 
/**
 * What of that is shell.
 */
shell: Array<string>, 
/**
 * The file it is in, from the folder on.
 */
path: string | null, 
/**
 * Tells apart what it says.
 */
hash: string, };

/**
 * Whether a command may be used.
 */
export type CommandTrust = "notNeeded" | "given" | "needed" | "changed";

/**
 * Commits what is staged.
 */
export type CommitStaged = { 
/**
 * The session's id, whose folder it is about.
 */
session: string, 
/**
 * The commit's message.
 */
message: string, };

/**
 * What to sum up.
 */
export type CompactSession = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The model that does it, `provider/model`; the session's own when absent.
 */
model: string | null, };

/**
 * Names a composer.
 */
export type ComposerReference = { 
/**
 * The session's id; `home` for the one on the home page.
 */
session: string, };

/**
 * What stands in a composer beside its words.
 */
export type ComposerState = { 
/**
 * Its session; `home` on the home page.
 */
session: string, 
/**
 * What is attached, in the order it was.
 */
attachments: Array<AttachmentView>, 
/**
 * What waits, the next one first.
 */
queue: Array<QueuedView>, 
/**
 * What waits does so for the person: no turn runs whose end would send it.
 */
held: boolean, 
/**
 * The next one would have gone out, and does when it is no longer edited.
 */
waitsForEdit: boolean, 
/**
 * What was said is being summed up.
 */
compacting: boolean, 
/**
 * Why the next prompt could not be sent.
 */
failed: string | null, };

/**
 * A provider to connect: one of the catalogue, or an address.
 */
export type ConnectProvider = { 
/**
 * The catalogue's id of it; without one it is an address.
 */
provider: string | null, 
/**
 * What to call an address, 1 to 60 characters.
 */
name: string | null, 
/**
 * The address, http or https.
 */
baseUrl: string | null, 
/**
 * The models to offer; empty for all of them.
 */
models: Array<string>, 
/**
 * What the catalogue says it wants to know besides, by id.
 */
inputs: { [key in string]: string }, 
/**
 * Its key. No answer and no other command ever holds it.
 */
key: string | null, 
/**
 * Keep the key in memory, until the app ends.
 */
thisRun: boolean, };

/**
 * What connecting a provider or replacing its key brought.
 */
export type ConnectedProvider = { 
/**
 * The provider.
 */
provider: ProviderRow, 
/**
 * What looks odd about the key; empty when nothing does.
 */
warning: string, };

/**
 * A connection test, running or ended.
 */
export type ConnectionTest = { 
/**
 * The provider's id.
 */
provider: string, 
/**
 * The model that is asked, `provider/model`.
 */
model: string, 
/**
 * The steps, in order.
 */
steps: Array<TestStepRow>, 
/**
 * It runs.
 */
running: boolean, 
/**
 * It ended and the provider can be worked with.
 */
usable: boolean, };

/**
 * What fills a model's context, as its provider counted it at the last answer.
 */
export type ContextFill = { 
/**
 * Tokens it holds; 0 when unknown.
 */
size: number, 
/**
 * Tokens of the last answer in all.
 */
used: number, 
/**
 * Read anew.
 */
input: number, 
/**
 * Read from the provider's cache.
 */
cached: number, 
/**
 * Written.
 */
output: number, 
/**
 * Spent on reasoning.
 */
reasoning: number, 
/**
 * The model that answered, `provider/model`.
 */
model: string | null, };

/**
 * A session's conversation as it stands now.
 */
export type Conversation = { 
/**
 * Its session.
 */
session: string, 
/**
 * Grows with each patch; a patch that is not newer is already contained.
 */
revision: number, 
/**
 * How many older messages are known and not included.
 */
before: number, 
/**
 * There are older ones than those, that were not read.
 */
moreBefore: boolean, 
/**
 * How many newer messages are not included.
 */
after: number, 
/**
 * The messages, oldest first, without a gap.
 */
messages: Array<Message>, 
/**
 * What it is doing.
 */
status: ConversationStatus, 
/**
 * Permissions that wait, those of its sub-agents included.
 */
permissions: Array<PermissionCard>, 
/**
 * Questions that wait, those of its sub-agents included.
 */
questions: Array<QuestionCard>, 
/**
 * The plan.
 */
todos: Array<TodoItem>, 
/**
 * What was written to send and has not been taken by the engine yet, or could not be delivered.
 */
draft: string, 
/**
 * It went back to where it ends now. Whoever shows it fetches it anew when that changes.
 */
reverted: Reverted | null, };

/**
 * Other messages that a window wants to hold. Those farthest from them go, so that it never holds many.
 */
export type ConversationPage = { "kind": "older" } | { "kind": "newer" } | { "kind": "latest" } | { "kind": "around", 
/**
 * The message's id. One that is not there changes nothing.
 */
message: string, };

/**
 * Changes to the open conversation; what is absent did not change. Applied in the order of the fields.
 */
export type ConversationPatch = { 
/**
 * Its session.
 */
session: string, 
/**
 * The revision after this patch.
 */
revision: number, 
/**
 * The revision this patch builds on. A window that is behind it asks for the conversation anew.
 */
base: number, 
/**
 * How many older messages the window does not hold, when that changed.
 */
before: number | null, 
/**
 * Whether there are older ones than those, that were not read, when that or `before` changed.
 */
moreBefore: boolean | null, 
/**
 * How many newer messages the window does not hold, when that changed.
 */
after: number | null, 
/**
 * Messages that are gone, or that the window is not to hold any more.
 */
removedMessages: Array<string>, 
/**
 * Messages that are new or whose own fields changed, with the index they stand at. `blocks` is filled only
 * for a message that is new to the window; otherwise it is empty and the blocks in the window stay.
 */
messages: Array<MessagePatch>, 
/**
 * Blocks that are gone.
 */
removedBlocks: Array<BlockReference>, 
/**
 * Blocks that are new or changed as a whole.
 */
blocks: Array<BlockPatch>, 
/**
 * Text and reasoning blocks that grew or were rendered anew in part.
 */
texts: Array<TextPatch>, 
/**
 * What it is doing.
 */
status: ConversationStatus | null, 
/**
 * Permissions that wait.
 */
permissions: Array<PermissionCard> | null, 
/**
 * Questions that wait.
 */
questions: Array<QuestionCard> | null, 
/**
 * The plan.
 */
todos: Array<TodoItem> | null, 
/**
 * A prompt that was taken and then thrown away by the engine, to be put back into an empty composer.
 */
draft: string | null, };

/**
 * What a conversation is doing.
 */
export type ConversationStatus = { 
/**
 * What.
 */
state: WorkState, 
/**
 * Since when the turn runs, milliseconds since the epoch.
 */
since: number | null, 
/**
 * Tokens and cost of the session so far.
 */
usage: AnswerUsage, 
/**
 * Tokens in the model's context after the last answer.
 */
contextUsed: number, 
/**
 * Tokens the model's context holds; 0 when unknown.
 */
contextSize: number, 
/**
 * Why the last turn failed, until the next one starts.
 */
failure: TurnFailure | null, 
/**
 * The same call that the running turn makes again and again, until it ends.
 */
repeated: RepeatedCall | null, };

/**
 * What was said in a conversation, or in a stretch of it.
 */
export type ConversationText = { 
/**
 * As it was written.
 */
text: string, 
/**
 * There is more of it.
 */
cut: boolean, };

/**
 * Asks for a patch to be copied.
 */
export type CopyPatch = { 
/**
 * The session's id.
 */
session: string, 
/**
 * Whose changes.
 */
scope: ReviewScope, 
/**
 * What of them.
 */
of: PatchOf, 
/**
 * Whether lines that differ in white space alone count as the same.
 */
ignoreWhitespace: boolean, };

/**
 * How often something was counted.
 */
export type Count = { 
/**
 * What.
 */
name: string, 
/**
 * How often.
 */
count: number, };

/**
 * A new pairing.
 */
export type CreatePairing = { 
/**
 * The server's address.
 */
address: string, 
/**
 * What this desktop is called there, 1 to 80 characters.
 */
label: string, 
/**
 * What it lets in and out.
 */
policy: PairingPolicy, 
/**
 * The ids of folders all of whose threads are shared.
 */
folders: Array<string>, 
/**
 * The sessions of threads that are shared by themselves.
 */
threads: Array<string>, 
/**
 * Whether to go past the proxy.
 */
pastProxy: boolean, };

/**
 * What a dangerous part of a command does.
 */
export type DangerKind = "overwritesFile" | "raisesPrivilege" | "obscured" | "unreadable" | "killsProcesses" | "changesPermissions" | "publishes" | "runsDownload" | "discardsWork" | "rewritesRemote" | "removesInfrastructure" | "stopsMachine" | "dropsData" | "deletesFiles" | "overwritesData";

/**
 * How close things stand.
 */
export type Density = "compact" | "cozy" | "roomy";

/**
 * One line of a diff.
 */
export type DiffLine = { 
/**
 * What it is.
 */
kind: DiffLineKind, 
/**
 * Its number before the change.
 */
old: number | null, 
/**
 * Its number after the change; for a gap, how many lines are left out, when known.
 */
new: number | null, 
/**
 * The line, highlighted.
 */
html: Html, 
/**
 * The line is longer than it is shown here, and goes on in the next one, which has no numbers.
 */
goesOn: boolean, };

/**
 * What a line of a diff is.
 */
export type DiffLineKind = "same" | "added" | "removed" | "gap";

/**
 * A page of the lines of a change.
 */
export type DiffPage = { 
/**
 * Its lines.
 */
lines: Array<DiffLine>, 
/**
 * How many pages there are.
 */
pages: number, };

/**
 * Other words for a prompt that waits.
 */
export type EditQueued = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The prompt's id.
 */
prompt: string, 
/**
 * The words, up to 1 MiB.
 */
text: string, };

/**
 * Everything the health view shows beside the engine's state.
 */
export type EngineHealth = { 
/**
 * What the engine is doing.
 */
state: EngineState, 
/**
 * What must be seen when it is not as promised.
 */
safety: Safety, 
/**
 * The process, while there is one.
 */
processId: number | null, 
/**
 * Since when it runs, milliseconds since the epoch.
 */
runningSince: number | null, 
/**
 * Memory of it and all its children, bytes.
 */
memory: number | null, 
/**
 * Above this, bytes, a restart is offered when nothing runs.
 */
memoryLimit: number, 
/**
 * Who holds the memory of all commands together.
 */
memoryKeeper: MemoryKeeperView, 
/**
 * Whether it is started again by itself.
 */
breaker: BreakerView, 
/**
 * Starts by itself since the app began.
 */
automaticStarts: number, 
/**
 * Starts by the person since the app began.
 */
startsByPerson: number, 
/**
 * The last failures, newest first.
 */
failures: Array<FailureRow>, 
/**
 * What came on the event stream.
 */
events: Array<Count>, 
/**
 * Bytes of answers kept that the engine never finished.
 */
journal: number, 
/**
 * How long what it wrote takes to the screen; none before anything was drawn.
 */
screenDelay: ScreenDelay | null, };

/**
 * Which home the engine lives in.
 */
export type EngineHome = "private" | "machine";

/**
 * What the engine is doing.
 */
export type EngineState = { "kind": "absent", 
/**
 * A stable name of the reason.
 */
code: string, 
/**
 * What is missing and what to do next.
 */
message: string, } | { "kind": "starting", 
/**
 * How far.
 */
step: EngineStep, 
/**
 * Since when, milliseconds since the epoch.
 */
since: number, } | { "kind": "ready", 
/**
 * Its version.
 */
version: string, } | { "kind": "degraded", 
/**
 * What is wrong.
 */
trouble: EngineTrouble, 
/**
 * What that means and what is done about it.
 */
message: string, 
/**
 * Since when, milliseconds since the epoch.
 */
since: number, } | { "kind": "backingOff", 
/**
 * How many times in a row it failed.
 */
attempt: number, 
/**
 * When the next start is due, milliseconds since the epoch.
 */
until: number, 
/**
 * A stable name of the last failure's reason.
 */
code: string, 
/**
 * What happened.
 */
message: string, } | { "kind": "broken", 
/**
 * A stable name of the last failure's reason.
 */
code: string, 
/**
 * What happened and what to do next.
 */
message: string, 
/**
 * When one start is tried by itself, milliseconds since the epoch; none where trying again cannot help.
 */
probeAt: number | null, 
/**
 * The last lines it printed, redacted.
 */
log: Array<string>, } | { "kind": "stopping" } | { "kind": "stopped" };

/**
 * A step of the engine's start.
 */
export type EngineStep = "preparing" | "launching" | "connecting";

/**
 * What is wrong with an engine that runs.
 */
export type EngineTrouble = "streamStalled" | "streamLost" | "notAnswering" | "memoryHigh";

/**
 * Something that failed.
 */
export type FailureRow = { 
/**
 * When, milliseconds since the epoch.
 */
at: number, 
/**
 * A stable name of the reason.
 */
code: string, 
/**
 * What happened, redacted.
 */
message: string, 
/**
 * What the engine was doing: its state and how many turns ran.
 */
context: string, 
/**
 * The last lines it printed, redacted.
 */
log: Array<string>, };

/**
 * A change to one file, as far as it travels by itself.
 */
export type FileDiff = { 
/**
 * The path, relative to the session's folder when inside it.
 */
path: string, 
/**
 * Lines added.
 */
additions: number, 
/**
 * Lines removed.
 */
deletions: number, 
/**
 * The first page of its lines.
 */
lines: Array<DiffLine>, 
/**
 * How many pages of lines there are; at least one.
 */
pages: number, 
/**
 * How many lines the other pages have.
 */
more: number, 
/**
 * Size of the whole change in bytes.
 */
bytes: number, };

/**
 * An attached file.
 */
export type FilePart = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its media type.
 */
mediaType: string, };

/**
 * What became of a file.
 */
export type FileStatus = "added" | "modified" | "deleted" | "renamed" | "conflicted";

/**
 * What to look for in one conversation.
 */
export type FindInConversation = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The text.
 */
query: string, 
/**
 * What an answer reached, to go on before it; from the newest message on when absent.
 */
before: string | null, };

/**
 * Which prompt to find.
 */
export type FindPrompt = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The message from which on it is looked for.
 */
from: string, 
/**
 * Whether the one before is wanted, not the one after.
 */
back: boolean, };

/**
 * A folder sessions work in.
 */
export type Folder = { 
/**
 * A reference to hand back in commands; means nothing outside this app.
 */
id: string, 
/**
 * Its last component.
 */
label: string, 
/**
 * Its path, for reading only.
 */
path: string, 
/**
 * What kind it is.
 */
kind: FolderKind, 
/**
 * It is there and can be read.
 */
available: boolean, 
/**
 * Agents, commands, plugins and configuration the folder brings, which are not loaded; names for people.
 */
ignored: Array<string>, 
/**
 * The person chose that commands may run here without a box around them, where none can be had.
 */
unboxedAllowed: boolean, 
/**
 * What commands may reach from here beside the folder.
 */
box: BoxSettingsView, };

/**
 * What kind of folder a session works in.
 */
export type FolderKind = "project" | "sandbox";

/**
 * The box of a folder.
 */
export type FolderProof = { 
/**
 * The folder's reference.
 */
folder: string, 
/**
 * The folder's name.
 */
label: string, 
/**
 * Whether its box holds.
 */
proof: BoxProof, };

/**
 * Names a folder by the reference the app gave out.
 */
export type FolderReference = { 
/**
 * The folder's id.
 */
folder: string, };

/**
 * Lets go of connections that boxes stopped.
 */
export type ForgetStopped = { 
/**
 * Those of a folder to a host; all when absent.
 */
which: StoppedReference | null, };

/**
 * What to make a thread of.
 */
export type ForkSession = { 
/**
 * The session's id.
 */
session: string, 
/**
 * Where it parts: from a prompt on, what stands before it is taken along; from an answer on, all up to the end of
 * its turn; everything when absent.
 */
message: string | null, 
/**
 * What the new one is called.
 */
title: string, };

/**
 * A thread that begins as another one does.
 */
export type ForkedThread = { 
/**
 * It, with the prompt that was forked from in its composer.
 */
thread: SessionRow, 
/**
 * The names of files that were attached to that prompt and did not come along.
 */
missing: Array<string>, };

/**
 * Something that was looked for stands here.
 */
export type FoundBlock = { 
/**
 * Where.
 */
place: BlockReference, 
/**
 * How often.
 */
count: number, };

/**
 * A file or folder that can be named.
 */
export type FoundFile = { 
/**
 * Its path from the folder on; a folder's ends with a slash.
 */
path: string, 
/**
 * Which of its characters were typed.
 */
matched: Array<number>, };

/**
 * What was found in a stretch of a conversation.
 */
export type FoundPage = { 
/**
 * Where, oldest first. In what tools printed it is not looked for.
 */
found: Array<FoundBlock>, 
/**
 * How many messages were looked through.
 */
messages: number, 
/**
 * The oldest of them, to go on before it; none when nothing is before it.
 */
reached: string | null, 
/**
 * When that was made, milliseconds since the epoch.
 */
since: number | null, };

/**
 * What became of something that git was asked to do.
 */
export type GitDone = { 
/**
 * It did it.
 */
done: boolean, 
/**
 * What git, or a hook of the repository, said.
 */
said: string, };

/**
 * What git says of a folder.
 */
export type GitState = { "kind": "none" } | { "kind": "elsewhere", 
/**
 * What would have to be opened.
 */
path: string, } | { "kind": "noBox", 
/**
 * Why, and what helps.
 */
reason: string, } | { "kind": "failed", 
/**
 * What it said.
 */
reason: string, } | { "kind": "repository", 
/**
 * The branch; none when no branch is checked out.
 */
branch: string | null, 
/**
 * The commit that is checked out, shortened; none before the first.
 */
head: string | null, 
/**
 * The branch of another repository that it follows.
 */
upstream: string | null, 
/**
 * Commits that the upstream lacks.
 */
ahead: number, 
/**
 * Commits that it lacks of the upstream.
 */
behind: number, 
/**
 * Files of the next commit.
 */
staged: number, 
/**
 * Changed files that are not in it.
 */
unstaged: number, 
/**
 * Files that git does not know.
 */
untracked: number, 
/**
 * Files that two sides of a merge changed.
 */
conflicts: number, 
/**
 * Branches, the newest first.
 */
branches: Array<string>, 
/**
 * Whether there are more branches than are listed.
 */
moreBranches: boolean, };

/**
 * Opens a folder that the person picks to the commands of another.
 */
export type GrantToBox = { 
/**
 * The id of the folder whose commands it is opened to.
 */
folder: string, 
/**
 * Whether they may change it.
 */
writable: boolean, };

/**
 * A folder beside its own that commands of a folder may use.
 */
export type GrantView = { 
/**
 * Its path.
 */
path: string, 
/**
 * Whether it may be changed.
 */
writable: boolean, };

/**
 * How a part stands, the worst first.
 */
export type HealthMark = "needsYou" | "degraded" | "working" | "off" | "unknown";

/**
 * A part, with what is known of it.
 */
export type HealthPart = { "kind": "keychain", 
/**
 * How many keys are in it.
 */
keys: number, 
/**
 * Why a key that is in it cannot be read.
 */
unreadable: string | null, } | { "kind": "keyProxy", 
/**
 * Its port on this machine.
 */
port: number, 
/**
 * Requests since the app was started.
 */
requests: number, 
/**
 * Requests with no valid token: of another program of this machine.
 */
strangers: number, 
/**
 * Why it does not answer.
 */
silent: string | null, } | { "kind": "provider", 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Where its key is.
 */
key: KeyState, 
/**
 * Why it is left out just now.
 */
leftOut: string | null, 
/**
 * Requests since the app was started.
 */
requests: number, 
/**
 * Of them, those that failed.
 */
failures: number, 
/**
 * The status of its last answer.
 */
lastStatus: number | null, 
/**
 * All requests that the engine's run may make are made.
 */
capped: boolean, } | { "kind": "gateway", 
/**
 * Connections that are open now.
 */
open: number, 
/**
 * Connections since the app was started.
 */
connections: number, 
/**
 * Those that rules were against.
 */
refused: number, 
/**
 * Why it does not answer.
 */
silent: string | null, } | { "kind": "database", 
/**
 * Its bytes.
 */
bytes: number, 
/**
 * The bytes it may have.
 */
limit: number, 
/**
 * Damaged ones that were set aside.
 */
setAside: number, 
/**
 * Why nothing can be saved.
 */
notSaving: string | null, } | { "kind": "disk", 
/**
 * Bytes that are free.
 */
free: number, 
/**
 * All its bytes.
 */
total: number, } | { "kind": "window", 
/**
 * How long they take; none before anything was drawn.
 */
delay: ScreenDelay | null, } | { "kind": "pairing", 
/**
 * How many there are.
 */
paired: number, 
/**
 * Of them, those whose server answers.
 */
online: number, 
/**
 * Of them, those that wait for the person.
 */
stuck: number, 
/**
 * Events that wait to be delivered.
 */
waiting: number, 
/**
 * What one of them lacks, in a sentence.
 */
trouble: string | null, } | { "kind": "folders", 
/**
 * How many there are.
 */
count: number, 
/**
 * The labels of those that cannot be reached.
 */
missing: Array<string>, };

/**
 * A row of the health view.
 */
export type HealthRow = { 
/**
 * How it stands.
 */
mark: HealthMark, 
/**
 * What it is.
 */
part: HealthPart, };

/**
 * Whether a prompt that waits is being edited.
 */
export type HoldQueued = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The prompt's id.
 */
prompt: string, 
/**
 * It is; it does not go out before it is not.
 */
held: boolean, };

/**
 * HTML made safe by the `markdown` room. The one kind of string that a client may put into its document.
 */
export type Html = string & { readonly __safe: unique symbol };

/**
 * One rendered block of markdown.
 */
export type HtmlBlock = { 
/**
 * How it is framed.
 */
frame: HtmlBlockKind, 
/**
 * Its pieces in order; a piece that did not change is the same string.
 */
pieces: Array<Html>, };

/**
 * One changed block of rendered markdown.
 */
export type HtmlBlockChange = { 
/**
 * Which block.
 */
index: number, 
/**
 * How it is framed now.
 */
frame: HtmlBlockKind, 
/**
 * How many of its first pieces stay.
 */
keep: number, 
/**
 * The pieces after those.
 */
pieces: Array<Html>, };

/**
 * How a rendered block is framed.
 */
export type HtmlBlockKind = { "kind": "html" } | { "kind": "code", 
/**
 * The language named on the fence.
 */
language: string | null, } | { "kind": "table" };

/**
 * What changed in rendered markdown.
 */
export type HtmlPatch = { 
/**
 * How many blocks there are now.
 */
blocks: number, 
/**
 * Changed blocks, in order.
 */
changes: Array<HtmlBlockChange>, };

/**
 * Where a hunk is: enough to name it again.
 */
export type HunkPlace = { 
/**
 * The number of its first line before, from 1.
 */
oldStart: number, 
/**
 * How many lines it had.
 */
oldLines: number, 
/**
 * The number of its first line now, from 1.
 */
newStart: number, 
/**
 * How many lines it has.
 */
newLines: number, 
/**
 * The row it begins in.
 */
row: number, 
/**
 * The page that row is on.
 */
page: number, };

/**
 * What waits for the person, over all threads.
 */
export type Inbox = { 
/**
 * What waits, permissions first, what waits longest first.
 */
rows: Array<InboxRow>, 
/**
 * How many more there are.
 */
more: number, };

/**
 * All of an ask; neither when it is gone.
 */
export type InboxAsk = { 
/**
 * The permission it asks for.
 */
permission: PermissionCard | null, 
/**
 * What it wants to know.
 */
question: QuestionCard | null, };

/**
 * Names something that waits for the person.
 */
export type InboxReference = { 
/**
 * The thread it is answered in.
 */
thread: string, 
/**
 * The ask's id.
 */
ask: string, };

/**
 * Something that waits for the person.
 */
export type InboxRow = { 
/**
 * The ask's id.
 */
id: string, 
/**
 * The session that asks; a sub-agent's differs from the thread.
 */
session: string, 
/**
 * The thread it is answered in.
 */
thread: string, 
/**
 * The thread's title.
 */
title: string, 
/**
 * The thread's folder, its id.
 */
folder: string, 
/**
 * The agent that asks.
 */
agent: string, 
/**
 * Since when it waits, milliseconds since the epoch.
 */
asked: number, 
/**
 * What a permission is about; none for a question.
 */
subject: PermissionSubject | null, 
/**
 * The programs that a command runs.
 */
runs: Array<string>, 
/**
 * The file, address or tool it is about, or the question; cut to a line.
 */
about: string, 
/**
 * It deletes, overwrites or cannot be read.
 */
destructive: boolean, 
/**
 * What was answered from afar and counts when the person here says so, what came first first.
 */
proposals: Array<RemoteProposal>, };

/**
 * How far the index is.
 */
export type IndexProgress = { 
/**
 * Threads there are, those of sub-agents among them.
 */
threads: number, 
/**
 * Of them, those whose messages are not in the index yet.
 */
unread: number, 
/**
 * Threads that were read from the engine since the app started.
 */
read: number, 
/**
 * What it is doing.
 */
state: IndexState, };

/**
 * What the reading of messages into the index is doing.
 */
export type IndexState = "done" | "reading" | "givesWay" | "noEngine";

/**
 * Something that was put back, and what was there before is kept.
 */
export type KeptRevert = { 
/**
 * Its id.
 */
id: string, 
/**
 * The file.
 */
path: string, 
/**
 * Whether a hunk alone was put back.
 */
hunk: boolean, 
/**
 * When, in milliseconds since the epoch.
 */
at: number, };

/**
 * Where a key is.
 */
export type KeyState = { "kind": "notNeeded" } | { "kind": "missing" } | { "kind": "kept", 
/**
 * Enough of it to recognise it by: `sk-…abcd`.
 */
hint: string, 
/**
 * When it was put there, milliseconds since the epoch.
 */
changed: number, } | { "kind": "thisRun", 
/**
 * Enough of it to recognise it by.
 */
hint: string, } | { "kind": "plain", 
/**
 * Enough of it to recognise it by.
 */
hint: string, } | { "kind": "cannotBeRead", 
/**
 * Why, and what to do.
 */
why: string, } | { "kind": "signedIn" } | { "kind": "signedInByEngine" };

/**
 * Whether keys can be kept.
 */
export type Keychain = { "kind": "encrypted" } | { "kind": "unavailable", 
/**
 * Why.
 */
reason: string, 
/**
 * What to do.
 */
advice: string, } | { "kind": "plain" };

/**
 * A sub-agent's work inside a conversation.
 */
export type Lane = { 
/**
 * The sub-agent's session, once it has one; opens as a thread.
 */
session: string | null, 
/**
 * The sub-agent's name.
 */
agent: string, 
/**
 * What it was asked to do.
 */
task: string, 
/**
 * How far it is.
 */
mark: ToolMark, 
/**
 * What it is doing now, or its last words: a tool's name and target, or text.
 */
activity: string, 
/**
 * Tokens so far.
 */
tokens: number, 
/**
 * Why it failed.
 */
error: string | null, 
/**
 * When it began, milliseconds since the epoch.
 */
started: number | null, 
/**
 * When it ended.
 */
ended: number | null, 
/**
 * The sub-agents it started itself, the first ones first.
 */
lanes: Array<Lane>, };

/**
 * A limit that a person may set for a folder.
 */
export type LimitName = "memory" | "processes" | "openFiles" | "fileSize" | "processor" | "backgroundProcessor";

/**
 * Asks which files changed.
 */
export type ListReview = { 
/**
 * The session's id.
 */
session: string, 
/**
 * Whose changes.
 */
scope: ReviewScope, };

/**
 * A page of the list of threads.
 */
export type ListThreads = { 
/**
 * The folder's id; none for all throw-away folders.
 */
folder: string | null, 
/**
 * Threads that changed last from then on; none for the oldest. Milliseconds since the epoch.
 */
from: number | null, 
/**
 * Threads that changed last before then; none for the newest.
 */
until: number | null, 
/**
 * Threads of that span before the page.
 */
offset: number, 
/**
 * How many of them; at most 200.
 */
count: number, };

/**
 * A model server on this machine.
 */
export type LocalServerRow = { 
/**
 * The program's name.
 */
name: string, 
/**
 * Its address.
 */
baseUrl: string, 
/**
 * It answers.
 */
running: boolean, 
/**
 * Its models' ids.
 */
models: Array<string>, 
/**
 * It is connected already.
 */
connected: boolean, };

/**
 * How the log is written.
 */
export type LogFormat = "text" | "json";

/**
 * What is written into the log.
 */
export type LogLevel = "error" | "warn" | "info" | "debug";

/**
 * Who holds the memory of the engine and all commands together.
 */
export type MemoryKeeperView = { "kind": "unknown" } | { "kind": "controlGroup", 
/**
 * Bytes they may use together.
 */
most: number, } | { "kind": "watchdog", 
/**
 * Why there is no control group.
 */
reason: string, };

/**
 * What can be named with what was typed.
 */
export type MentionSearch = { 
/**
 * Sub-agents.
 */
agents: Array<AgentChoice>, 
/**
 * Files and folders, the best first.
 */
files: Array<FoundFile>, 
/**
 * How many more files fit.
 */
more: number, 
/**
 * The folder has more files than are looked through.
 */
cut: boolean, };

/**
 * One message.
 */
export type Message = { 
/**
 * Its id.
 */
id: string, 
/**
 * Who wrote it.
 */
author: Author, 
/**
 * The prompt an answer answers.
 */
prompt: string | null, 
/**
 * The agent asked or answering.
 */
agent: string | null, 
/**
 * The model asked or answering, `provider/model`.
 */
model: string | null, 
/**
 * Whether the model is the scripted demo model.
 */
scripted: boolean, 
/**
 * When it was made, milliseconds since the epoch.
 */
created: number, 
/**
 * When it was finished.
 */
completed: number | null, 
/**
 * Tokens and cost.
 */
usage: AnswerUsage, 
/**
 * Why it ended early.
 */
failure: TurnFailure | null, 
/**
 * It was cut off because the engine ended.
 */
interrupted: boolean, 
/**
 * What it holds, in order.
 */
blocks: Array<Block>, };

/**
 * A new or changed message.
 */
export type MessagePatch = { 
/**
 * Where it stands among the window's messages.
 */
index: number, 
/**
 * It is new to the window, and `message.blocks` is all it holds.
 */
fresh: boolean, 
/**
 * The message.
 */
message: Message, };

/**
 * Names a message.
 */
export type MessageReference = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The message's id.
 */
message: string, };

/**
 * A model that can be chosen.
 */
export type ModelChoice = { 
/**
 * `provider/model`.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its provider's name.
 */
provider: string, 
/**
 * Whether it is the scripted demo model.
 */
scripted: boolean, 
/**
 * Tokens its context holds; 0 when unknown.
 */
context: number, 
/**
 * How hard it can be told to think, by name; one is chosen as `provider/model#variant`.
 */
variants: Array<string>, 
/**
 * It can call tools; without them an agent only talks.
 */
tools: boolean, 
/**
 * It reads pictures; nothing where nobody says.
 */
images: boolean | null, };

/**
 * What the answers of one model took.
 */
export type ModelUsage = { 
/**
 * The model, `provider/model`; none where the engine did not say it.
 */
model: string | null, 
/**
 * It is the scripted demo model: nothing of it was sent anywhere, and nothing cost anything.
 */
scripted: boolean, 
/**
 * Answers.
 */
answers: number, 
/**
 * Tokens read, without those that came from a cache.
 */
input: number, 
/**
 * Tokens written, those spent on reasoning among them.
 */
output: number, 
/**
 * Of `output`, tokens spent on reasoning.
 */
reasoning: number, 
/**
 * Tokens read from the provider's cache.
 */
cacheRead: number, 
/**
 * Tokens written to the provider's cache.
 */
cacheWrite: number, 
/**
 * Cost in US dollars, as the engine reckons it from the provider's prices.
 */
cost: number, };

/**
 * Asks which names are files.
 */
export type NamedFiles = { 
/**
 * The session's id, whose folder they would lie in.
 */
session: string, 
/**
 * The names, relative to the folder or in full.
 */
names: Array<string>, };

/**
 * Where commands of a folder may connect to.
 */
export type NetworkMode = "off" | "listed" | "open";

/**
 * Where to begin a session.
 */
export type NewSession = { 
/**
 * The folder's id; without one the app makes a throw-away folder.
 */
folder: string | null, };

/**
 * News that is not about one conversation.
 */
export type Notice = { 
/**
 * What kind.
 */
kind: NoticeKind, 
/**
 * Particulars, redacted.
 */
detail: string, 
/**
 * When, milliseconds since the epoch.
 */
at: number, };

/**
 * What kind of news a notice is.
 */
export type NoticeKind = "storeRebuilt" | "notSaved" | "notRemoved" | "settingIgnored" | "streamResumed" | "engineEnded" | "engineRestarted" | "engineUnresponsive" | "streamStalled" | "computerWoke" | "memoryHigh" | "providerLeftOut" | "keyUnavailable" | "signOutOwed" | "requestsNearCap" | "requestsCapped" | "unknownPermissionDenied";

/**
 * Opens a file in a program of the person's.
 */
export type OpenFile = { 
/**
 * The session's id, whose folder it lies in.
 */
session: string, 
/**
 * The file, relative to the folder or in full.
 */
path: string, 
/**
 * The line to go to, from 1.
 */
line: number | null, };

/**
 * An address to open in the system's browser.
 */
export type OpenLink = { 
/**
 * http, https or mailto.
 */
url: string, };

/**
 * Which part of a conversation to open.
 */
export type OpenSession = { 
/**
 * The session's id.
 */
session: string, 
/**
 * A message to show it around; its newest messages when absent.
 */
around: string | null, };

/**
 * Unchanged lines that are shown besides those around a change.
 */
export type OpenedGap = { 
/**
 * Which run of unchanged lines, from 0.
 */
gap: number, 
/**
 * How many of its first lines.
 */
first: number, 
/**
 * How many of its last.
 */
last: number, };

/**
 * Where a file was opened.
 */
export type OpenedWhere = { "kind": "editor", 
/**
 * The editor's name.
 */
name: string, } | { "kind": "folder" };

/**
 * An order for what waits.
 */
export type OrderQueue = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The prompts' ids, the next one first.
 */
prompts: Array<string>, };

/**
 * An order of saved searches.
 */
export type OrderSearchFilters = { 
/**
 * Their numbers.
 */
filters: Array<number>, };

/**
 * How the list of threads is laid out.
 */
export type OutlineThreads = { 
/**
 * When days, months and years begin where the window is, the latest first. Milliseconds since the epoch.
 */
starts: Array<number>, };

/**
 * A page of a text of a tool call.
 */
export type OutputPage = { 
/**
 * What is in it.
 */
spans: Array<OutputSpan>, 
/**
 * How many pages there are.
 */
pages: number, 
/**
 * The whole size in bytes.
 */
bytes: number, 
/**
 * The whole number of lines.
 */
lines: number, 
/**
 * Lines after the last page, which only a copy has.
 */
leftOut: number, 
/**
 * The engine gave a part of it only, and the rest is not kept.
 */
shortened: boolean, };

/**
 * A piece of an output with one look.
 */
export type OutputSpan = { 
/**
 * The text; it has line ends and tabs, but no other control character.
 */
text: string, 
/**
 * Names of classes, separated by spaces, out of a closed set: `ink-` and `ground-` with a colour, `bold`, `dim`,
 * `italic`, `underlined`, `inverse`, `struck`; or `goes-on` alone, for a line end that only cuts a long line.
 */
look: string, };

/**
 * A text of a tool call as far as it travels with the conversation.
 */
export type OutputView = { 
/**
 * The end of it while the call runs, the beginning of it afterwards; what a terminal would obey is carried out or
 * taken out.
 */
spans: Array<OutputSpan>, 
/**
 * Its real size in bytes.
 */
bytes: number, 
/**
 * Its real number of lines.
 */
lines: number, 
/**
 * `spans` is not all of it.
 */
cut: boolean, };

/**
 * What was found out of an address before anything secret goes there.
 */
export type PairingAddress = { "kind": "refused", 
/**
 * Why, in a sentence.
 */
reason: string, } | { "kind": "answers", 
/**
 * As it is kept.
 */
address: string, 
/**
 * Its host.
 */
host: string, 
/**
 * Where it leads.
 */
reach: PairingReach, 
/**
 * It is encrypted.
 */
secure: boolean, 
/**
 * A proxy stands between, so that where it leads is judged by its name alone.
 */
behindProxy: boolean, 
/**
 * What answers is a server of ours, and not any other.
 */
known: boolean, } | { "kind": "silent", 
/**
 * As it is kept.
 */
address: string, 
/**
 * Its host.
 */
host: string, 
/**
 * A proxy stands between.
 */
behindProxy: boolean, 
/**
 * What was met, in a sentence.
 */
reason: string, };

/**
 * A page of the audit, the newest first.
 */
export type PairingAudit = { 
/**
 * The rows.
 */
rows: Array<PairingAuditRow>, 
/**
 * How many there are in all.
 */
count: number, 
/**
 * There are older ones than these.
 */
more: boolean, };

/**
 * Something that was done with a pairing, or over it.
 */
export type PairingAuditRow = { 
/**
 * Counts up; a page is asked for before one of them.
 */
number: number, 
/**
 * The pairing.
 */
pairing: string, 
/**
 * What the desktop was called there then.
 */
label: string, 
/**
 * What happened, as the protocol spells it.
 */
action: string, 
/**
 * Who did it, where it came from afar.
 */
who: string | null, 
/**
 * More of it, in English and without secrets.
 */
detail: string, 
/**
 * When, milliseconds since the epoch.
 */
at: number, };

/**
 * The whole picture.
 */
export type PairingBook = { 
/**
 * The pairings.
 */
pairings: Pairings, 
/**
 * The head of the audit.
 */
audit: PairingAudit, };

/**
 * The last command that came over a pairing.
 */
export type PairingCommand = { 
/**
 * What it asked for, as the protocol spells it.
 */
kind: string, 
/**
 * Who gave it, as the server says.
 */
who: string | null, 
/**
 * How it ended, as the protocol spells it; none while it is carried out.
 */
status: string | null, 
/**
 * When, milliseconds since the epoch.
 */
at: number, };

/**
 * What a pairing lets in and out.
 */
export type PairingPolicy = { 
/**
 * Prompts and new threads.
 */
prompts: boolean, 
/**
 * Stopping what runs.
 */
abort: boolean, 
/**
 * Answers to requests for permission.
 */
approvals: RemoteAnswers, 
/**
 * Answers to questions.
 */
questions: RemoteAnswers, 
/**
 * What tools printed and the lines they changed, not only that they ran.
 */
artifactBodies: boolean, 
/**
 * Paths of this computer.
 */
localPaths: boolean, 
/**
 * How tool servers are started.
 */
toolServers: boolean, 
/**
 * Files that come with a prompt.
 */
attachments: boolean, };

/**
 * What would be sent of a thread, exactly.
 */
export type PairingPreview = { 
/**
 * The events of this page as JSON, in their order.
 */
events: Array<string>, 
/**
 * Which page it is, from 0.
 */
page: number, 
/**
 * How many pages there are.
 */
pages: number, 
/**
 * How many events there are in all.
 */
count: number, 
/**
 * Bytes of all of them.
 */
bytes: number, 
/**
 * How often something was left out or made unreadable in them.
 */
redactions: number, 
/**
 * The thread is shared with the pairing now; else it is what would be sent if it were.
 */
shared: boolean, 
/**
 * There are older messages, which are not sent.
 */
cut: boolean, };

/**
 * Where an address of a server leads.
 */
export type PairingReach = "public" | "loopback";

/**
 * Names a pairing.
 */
export type PairingReference = { 
/**
 * Its id.
 */
pairing: string, };

/**
 * A pairing.
 */
export type PairingRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * What this desktop is called there.
 */
label: string, 
/**
 * The server's address.
 */
broker: string, 
/**
 * The server's host, by which it is named where room is short.
 */
host: string, 
/**
 * How it stands.
 */
state: PairingState, 
/**
 * Since when, milliseconds since the epoch.
 */
since: number, 
/**
 * Why it is not online.
 */
trouble: PairingTrouble | null, 
/**
 * The same in a sentence, as it was met; empty where there is none.
 */
detail: string, 
/**
 * When the server answered last, milliseconds since the epoch.
 */
lastAnswer: number | null, 
/**
 * When the server is tried again, milliseconds since the epoch; none while nothing is waited for.
 */
nextTry: number | null, 
/**
 * When its token is void unless it was entered, milliseconds since the epoch.
 */
expires: number | null, 
/**
 * What it lets in and out.
 */
policy: PairingPolicy, 
/**
 * Folders all of whose threads are shared.
 */
folders: Array<SharedFolder>, 
/**
 * Threads that are shared by themselves, those shared last first.
 */
threads: Array<SharedThread>, 
/**
 * How many more of them there are.
 */
moreThreads: number, 
/**
 * A proxy stands between, so that it can only be judged by its name where it leads.
 */
behindProxy: boolean, 
/**
 * It goes past the proxy.
 */
pastProxy: boolean, 
/**
 * Events that wait to be delivered.
 */
waiting: number, 
/**
 * The last command that came.
 */
lastCommand: PairingCommand | null, 
/**
 * When it was made, milliseconds since the epoch.
 */
created: number, };

/**
 * How a pairing stands.
 */
export type PairingState = "waiting" | "expired" | "connecting" | "online" | "offline" | "paused" | "needsYou" | "revoking" | "revoked";

/**
 * A token, once. Nothing shows it again.
 */
export type PairingToken = { 
/**
 * The pairing it belongs to.
 */
pairing: PairingRow, 
/**
 * The pairing's device id, entered beside the token.
 */
device: string, 
/**
 * The token.
 */
token: string, 
/**
 * The address at which all of it is entered; what is secret stands behind its `#`, which no request carries.
 */
url: string, 
/**
 * The address as a QR code: a row of `0` and `1` for each of its rows, without the quiet zone around it.
 */
code: Array<string>, 
/**
 * Until when it can be entered, milliseconds since the epoch.
 */
expires: number, };

/**
 * Why a pairing is not online.
 */
export type PairingTrouble = "unreachable" | "addressRefused" | "refused" | "noToken" | "serverFailed" | "revokedThere" | "protocol" | "forbidden" | "notSaved";

/**
 * All pairings, as every window knows them.
 */
export type Pairings = { 
/**
 * The pairings, the oldest first.
 */
rows: Array<PairingRow>, 
/**
 * How many there may be.
 */
limit: number, 
/**
 * This build's policy allows no pairing.
 */
forbidden: boolean, 
/**
 * This build's policy lets no answer from afar count without a word here.
 */
remoteAnswersForbidden: boolean, };

/**
 * What the provider's page showed at the end of a sign-in.
 */
export type PasteSignIn = { 
/**
 * The code, or the address of the page.
 */
text: string, };

/**
 * What of a review is copied.
 */
export type PatchOf = { "kind": "all" } | { "kind": "file", 
/**
 * Its path, as it was listed.
 */
path: string, } | { "kind": "hunk", 
/**
 * Its path, as it was listed.
 */
path: string, 
/**
 * The hunk.
 */
hunk: HunkPlace, };

/**
 * A patch to be copied.
 */
export type PatchText = { 
/**
 * The patch.
 */
text: string, 
/**
 * Files that are not in it: they hold no text, or it would be too long.
 */
leftOut: number, };

/**
 * A permission that waits for an answer.
 */
export type PermissionCard = { 
/**
 * Its id.
 */
id: string, 
/**
 * The session that waits; a sub-agent's differs from the conversation's.
 */
session: string, 
/**
 * The sub-agent that asks.
 */
subagent: string | null, 
/**
 * The call of the conversation that waits for it, or the one whose sub-agent does.
 */
place: BlockReference | null, 
/**
 * What it is about.
 */
subject: PermissionSubject, 
/**
 * The tool's name, for [`PermissionSubject::Tool`].
 */
tool: string | null, 
/**
 * The whole command.
 */
command: string | null, 
/**
 * The file or folder, relative to the session's folder when inside it.
 */
path: string | null, 
/**
 * Where that leads when it is another place, such as by a link out of the folder.
 */
leadsTo: string | null, 
/**
 * The change it would make.
 */
change: FileDiff | null, 
/**
 * What exactly is asked for.
 */
patterns: Array<string>, 
/**
 * The agent that asks.
 */
agent: string, 
/**
 * The programs that the command runs, with their verbs, each once; of very many the first.
 */
runs: Array<string>, 
/**
 * What is dangerous about the command, in the order it stands there.
 */
dangers: Array<AskDanger>, 
/**
 * The permission's name in rules.
 */
permission: string, 
/**
 * The rules that "always" would save for this agent; empty when "always" is not offered.
 */
always: Array<ProposedRule>, 
/**
 * Why it asks.
 */
reason: AskReason, 
/**
 * The built-in rule that has it asked, where one is known.
 */
rule: AskRule | null, 
/**
 * It deletes, overwrites or cannot be read; "always" is not offered.
 */
destructive: boolean, 
/**
 * A rule of the person's would allow it, if it were not dangerous.
 */
overruled: boolean, };

/**
 * A person's answer to a request for permission.
 */
export type PermissionDecision = "once" | "always" | "reject";

/**
 * What a permission is about.
 */
export type PermissionSubject = "shell" | "edit" | "read" | "fetch" | "webSearch" | "task" | "externalFolder" | "repeatedCall" | "skill" | "tool";

/**
 * What of a thread would be sent.
 */
export type PreviewPairing = { 
/**
 * The pairing's id; none before there is one.
 */
pairing: string | null, 
/**
 * The policy to look at, in the place of the pairing's.
 */
policy: PairingPolicy | null, 
/**
 * The thread's session.
 */
session: string, 
/**
 * Which page, from 0.
 */
page: number, };

/**
 * An address to look for models at.
 */
export type ProbeProvider = { 
/**
 * The address, http or https.
 */
baseUrl: string, };

/**
 * Says that the engine took a prompt.
 */
export type PromptReceipt = { 
/**
 * The id of the message it became.
 */
message: string, };

/**
 * A rule that "always" would save.
 */
export type ProposedRule = { 
/**
 * What it would allow, with `*` and `?`.
 */
pattern: string, 
/**
 * What could be allowed instead, the narrowest first, the pattern itself among them.
 */
choices: Array<string>, };

/**
 * What can be connected.
 */
export type ProviderCatalogue = { 
/**
 * The providers, those shown first in front.
 */
offers: Array<ProviderOffer>, 
/**
 * Addresses that are not in it can be given.
 */
custom: boolean, };

/**
 * What a provider wants to know besides a key, to find its address.
 */
export type ProviderInput = { 
/**
 * Its id, as `providerConnect` takes it.
 */
id: string, 
/**
 * What it is called.
 */
label: string, 
/**
 * An example.
 */
placeholder: string, 
/**
 * It may be left empty.
 */
optional: boolean, };

/**
 * What a provider is.
 */
export type ProviderKind = "known" | "custom";

/**
 * A provider that can be connected.
 */
export type ProviderOffer = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What it is, in a sentence; may be empty.
 */
description: string, 
/**
 * Among those shown first.
 */
popular: boolean, 
/**
 * It takes a key.
 */
takesKey: boolean, 
/**
 * What its keys look like: `sk-ant-…`; may be empty.
 */
keyPlaceholder: string, 
/**
 * Where its keys are made; empty when that is not known.
 */
keyUrl: string, 
/**
 * What it wants to know besides.
 */
inputs: Array<ProviderInput>, 
/**
 * How one can sign in instead.
 */
signIns: Array<SignInOffer>, 
/**
 * How many models the catalogue names.
 */
modelCount: number, };

/**
 * What was found at an address.
 */
export type ProviderProbe = { 
/**
 * The address as it will be used.
 */
baseUrl: string, 
/**
 * The models it lists.
 */
models: Array<string>, 
/**
 * It lists them only to who has a key.
 */
wantsKey: boolean, };

/**
 * Names a provider.
 */
export type ProviderReference = { 
/**
 * The provider's id.
 */
provider: string, };

/**
 * A provider a person connected.
 */
export type ProviderRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What it is.
 */
kind: ProviderKind, 
/**
 * Where it answers.
 */
baseUrl: string, 
/**
 * The ids of the models that were chosen; empty for all it has.
 */
models: Array<string>, 
/**
 * Where its key is.
 */
key: KeyState, 
/**
 * Why it is left out just now; none when it is not.
 */
leftOut: string | null, };

/**
 * What went to a provider, as counted where it left this machine.
 */
export type ProviderUsage = { 
/**
 * The provider's id.
 */
provider: string, 
/**
 * Requests since the app was started.
 */
requests: number, 
/**
 * Of them, those that failed.
 */
failures: number, 
/**
 * Bytes sent.
 */
bytesUp: number, 
/**
 * Bytes that came back.
 */
bytesDown: number, 
/**
 * Requests of this run of the engine.
 */
runRequests: number, 
/**
 * Requests a run may make.
 */
runCap: number, 
/**
 * Requests of all days that are remembered.
 */
allRequests: number, };

/**
 * Questions that wait for an answer.
 */
export type QuestionCard = { 
/**
 * Its id.
 */
id: string, 
/**
 * The session that waits.
 */
session: string, 
/**
 * The sub-agent that asks.
 */
subagent: string | null, 
/**
 * The call of the conversation that waits for it, or the one whose sub-agent does.
 */
place: BlockReference | null, 
/**
 * The questions, answered all at once.
 */
questions: Array<QuestionItem>, };

/**
 * One of the answers that are offered.
 */
export type QuestionChoice = { 
/**
 * The answer.
 */
label: string, 
/**
 * What it means.
 */
description: string, };

/**
 * One question.
 */
export type QuestionItem = { 
/**
 * A word or two that name it.
 */
header: string, 
/**
 * The question.
 */
text: string, 
/**
 * The answers that are offered.
 */
choices: Array<QuestionChoice>, 
/**
 * More than one may be chosen.
 */
multiple: boolean, 
/**
 * An answer in one's own words is taken.
 */
custom: boolean, };

/**
 * Names a prompt that waits.
 */
export type QueuedReference = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The prompt's id.
 */
prompt: string, };

/**
 * A prompt that waits for the turn to end.
 */
export type QueuedView = { 
/**
 * Its id.
 */
id: string, 
/**
 * What the person wrote.
 */
text: string, 
/**
 * The agent it is for.
 */
agent: string | null, 
/**
 * The model it is for.
 */
model: string | null, 
/**
 * What goes with it.
 */
attachments: Array<AttachmentView>, };

/**
 * A page of a change to read.
 */
export type ReadChange = { 
/**
 * The session's id.
 */
session: string, 
/**
 * Where the change is kept.
 */
source: ChangeSource, 
/**
 * Which page, from 0.
 */
page: number, };

/**
 * What of a conversation to give for copying.
 */
export type ReadConversationText = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The message after which it begins; with the first one when absent.
 */
after: string | null, 
/**
 * The message before which it ends; with the newest one when absent.
 */
before: string | null, };

/**
 * Asks for a page of a tool's output.
 */
export type ReadOutput = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The message's id.
 */
message: string, 
/**
 * The block's id.
 */
block: string, 
/**
 * Which of its texts.
 */
text: ToolText, 
/**
 * Which page, from 0.
 */
page: number, };

/**
 * A page of the audit to read.
 */
export type ReadPairingAudit = { 
/**
 * The pairing's id; all of them when absent.
 */
pairing: string | null, 
/**
 * The number of the row before which it begins; the newest when absent.
 */
before: number | null, };

/**
 * Asks for a page of a file's lines.
 */
export type ReadReview = { 
/**
 * The session's id.
 */
session: string, 
/**
 * Whose changes.
 */
scope: ReviewScope, 
/**
 * The file, as it was listed.
 */
path: string, 
/**
 * How its lines are to be shown.
 */
look: ReviewLook, 
/**
 * Which page, from 0.
 */
page: number, };

/**
 * A whole text of a tool call to read.
 */
export type ReadToolText = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The message's id.
 */
message: string, 
/**
 * The block's id.
 */
block: string, 
/**
 * Which of its texts.
 */
text: ToolText, };

/**
 * A file that was not attached.
 */
export type RefusedFile = { 
/**
 * Its name.
 */
name: string, 
/**
 * Why.
 */
reason: AttachmentRefusal, };

/**
 * Turns questions down.
 */
export type RejectQuestion = { 
/**
 * The session that asks.
 */
session: string, 
/**
 * The ask's id.
 */
question: string, };

/**
 * What somebody answered from afar.
 */
export type RemoteAnswer = { "kind": "allow" } | { "kind": "deny" } | { "kind": "answers", 
/**
 * The labels or own words.
 */
answers: Array<Array<string>>, } | { "kind": "turnDown" };

/**
 * How answers from afar to what an agent asks are taken.
 */
export type RemoteAnswers = "disabled" | "localConfirmation" | "remoteAllowed";

/**
 * What somebody answered from afar to something that waits. It counts when the person here says so.
 */
export type RemoteProposal = { 
/**
 * Its id.
 */
id: string, 
/**
 * Who, as the server says; nobody knows where it does not.
 */
who: string | null, 
/**
 * The host of the server it came over.
 */
host: string, 
/**
 * What this desktop is called there.
 */
label: string, 
/**
 * What they answered.
 */
answer: RemoteAnswer, 
/**
 * When, milliseconds since the epoch.
 */
at: number, };

/**
 * How everything is removed.
 */
export type RemoveEverything = { 
/**
 * All keys and sign-ins, too.
 */
keys: boolean, };

/**
 * A saved search's new name.
 */
export type RenameSearchFilter = { 
/**
 * Its number.
 */
filter: number, 
/**
 * The name.
 */
name: string, };

/**
 * A new title.
 */
export type RenameSession = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The title, 1 to 200 characters.
 */
title: string, };

/**
 * A call that was made several times within seconds, with the same arguments.
 */
export type RepeatedCall = { 
/**
 * The newest of them.
 */
place: BlockReference, 
/**
 * The tool.
 */
tool: string, 
/**
 * What it works on.
 */
target: string | null, 
/**
 * How many there were so far.
 */
times: number, 
/**
 * Within how many seconds three of them came.
 */
seconds: number, };

/**
 * Puts a file or a hunk back as it was.
 */
export type RevertChange = { 
/**
 * The session's id.
 */
session: string, 
/**
 * Whose changes.
 */
scope: ReviewScope, 
/**
 * The file, as it was listed.
 */
path: string, 
/**
 * A hunk of it alone.
 */
hunk: HunkPlace | null, 
/**
 * Whether the hunk was found without regard to white space.
 */
ignoreWhitespace: boolean, 
/**
 * What the file was when the person decided.
 */
stamp: string, };

/**
 * What putting back takes away.
 */
export type RevertLoss = { 
/**
 * The file.
 */
path: string, 
/**
 * What it is called afterwards, when that is another name.
 */
oldPath: string | null, 
/**
 * Lines that go; none are counted in what is no text.
 */
linesLost: number, 
/**
 * Lines that come back.
 */
linesBack: number, 
/**
 * The file goes.
 */
removesFile: boolean, 
/**
 * The file comes back.
 */
restoresFile: boolean, 
/**
 * Bytes that the file has now.
 */
bytes: number, 
/**
 * Stands for what the file is now.
 */
stamp: string, 
/**
 * It can be undone: what goes is small enough to be kept.
 */
kept: boolean, };

/**
 * What going back to before a prompt would take back.
 */
export type RevertPreview = { 
/**
 * How many prompts are taken out, that one included, with what answered them.
 */
prompts: number, 
/**
 * Files that are put back as they were, with what of them goes.
 */
files: Array<TakenBack>, 
/**
 * Files that were changed and stay as they are now.
 */
left: Array<TakenBack>, 
/**
 * The engine keeps the history of the folder's files. Without it none is put back.
 */
history: boolean, 
/**
 * Further prompts were not looked at, and may have changed more.
 */
more: boolean, 
/**
 * Files were attached to the prompt; they come back with its text.
 */
attachments: boolean, };

/**
 * A conversation that went back. What was taken out of it is kept until the next message is sent.
 */
export type Reverted = { 
/**
 * How many prompts were taken out, with what answered them; of a long conversation those that were read.
 */
prompts: number, 
/**
 * Files were put back, and are brought again when it is undone.
 */
files: boolean, };

/**
 * A prompt that was gone back to.
 */
export type RevertedPrompt = { 
/**
 * What it said.
 */
text: string, 
/**
 * The ids of what was attached to it, which is attached in the composer now.
 */
attachments: Array<string>, 
/**
 * The names of files that were attached to it and did not come back.
 */
missing: Array<string>, };

/**
 * What can be shown of a file.
 */
export type ReviewBody = "whole" | "parts" | "binary" | "tooLarge" | "noLines";

/**
 * One changed file.
 */
export type ReviewFile = { 
/**
 * Its path, relative to the folder when it lies in it.
 */
path: string, 
/**
 * What it was called before, when it was renamed.
 */
oldPath: string | null, 
/**
 * How much of a renamed file stayed the same, in percent, when that is known.
 */
similarity: number | null, 
/**
 * What became of it.
 */
status: FileStatus, 
/**
 * Lines added; unknown of files that are not text or were not counted.
 */
additions: number | null, 
/**
 * Lines removed; unknown likewise.
 */
deletions: number | null, 
/**
 * It holds no text.
 */
binary: boolean, 
/**
 * Its mode before and now, as `100644 → 100755`, when it changed.
 */
mode: string | null, 
/**
 * What of it the next commit has; only in the review of the folder's files.
 */
staged: Staged, 
/**
 * git does not know it yet.
 */
untracked: boolean, };

/**
 * The changed files.
 */
export type ReviewList = { 
/**
 * The files, as many as are listed.
 */
files: Array<ReviewFile>, 
/**
 * How many there are in all.
 */
total: number, 
/**
 * Lines added in all of those whose lines were counted.
 */
additions: number, 
/**
 * Lines removed likewise.
 */
deletions: number, 
/**
 * Who told.
 */
origin: ReviewOrigin, 
/**
 * Older messages of the session are not counted, so files may have been changed before; no whole file is put back.
 */
more: boolean, 
/**
 * What git says of the folder; only in the review of its files.
 */
git: GitState | null, };

/**
 * How lines are to be shown.
 */
export type ReviewLook = { 
/**
 * Both sides beside each other.
 */
split: boolean, 
/**
 * Lines that differ in white space alone count as the same.
 */
ignoreWhitespace: boolean, 
/**
 * Unchanged lines that are to be shown besides.
 */
opened: Array<OpenedGap>, };

/**
 * Who told what changed.
 */
export type ReviewOrigin = "history" | "tools" | "git";

/**
 * A page of the rows of a file.
 */
export type ReviewPage = { 
/**
 * What can be shown.
 */
body: ReviewBody, 
/**
 * The rows of this page.
 */
rows: Array<ReviewRow>, 
/**
 * How many pages there are; at least one.
 */
pages: number, 
/**
 * How many rows all pages have.
 */
total: number, 
/**
 * Where each hunk is, of the first thousands.
 */
hunks: Array<HunkPlace>, 
/**
 * Stands for what was compared: when it is another one, the file changed meanwhile.
 */
stamp: string, 
/**
 * Bytes before, when the file was there.
 */
oldBytes: number | null, 
/**
 * Bytes now, when it is there.
 */
newBytes: number | null, 
/**
 * Whether all of its changes can be put back.
 */
canRevert: boolean, };

/**
 * One row of a review.
 */
export type ReviewRow = { 
/**
 * What it is.
 */
kind: ReviewRowKind, 
/**
 * The line's number before, when it was there.
 */
old: number | null, 
/**
 * Its number now, when it is there.
 */
new: number | null, 
/**
 * The line as it was, highlighted; of a line that is the same only `right` is given.
 */
left: Html | null, 
/**
 * The line as it is, highlighted.
 */
right: Html | null, 
/**
 * Which hunk it is part of, from 0.
 */
hunk: number | null, 
/**
 * Of a gap: which one; `None` when its lines are not known and cannot be shown.
 */
gap: number | null, 
/**
 * Of a gap: how many lines are left out, when known.
 */
count: number | null, 
/**
 * The line is longer than what is shown of it.
 */
cut: boolean, 
/**
 * The line ends the file without a line end.
 */
noNewline: boolean, };

/**
 * What a row of a review is.
 */
export type ReviewRowKind = "same" | "changed" | "gap";

/**
 * Whose changes are reviewed.
 */
export type ReviewScope = { "kind": "turn", 
/**
 * The id of the message that began it.
 */
message: string, } | { "kind": "session" } | { "kind": "tree" };

/**
 * What rules would come to.
 */
export type RuleCheck = { 
/**
 * For each rule in order, why it would not be saved.
 */
refused: Array<RuleRefusal | null>, 
/**
 * Together they cover what is asked.
 */
covers: boolean, };

/**
 * Why a rule would not be saved.
 */
export type RuleRefusal = "empty" | "tooLong" | "hidden" | "dangerous" | "secret" | "tooWide";

/**
 * For how long a rule holds.
 */
export type RuleScope = "thread" | "folder";

/**
 * A command to run.
 */
export type RunCommand = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The command's key.
 */
key: string, 
/**
 * What is written behind it, up to 64 KiB.
 */
arguments: string, 
/**
 * The agent to ask, unless the command names one; the session's own when absent.
 */
agent: string | null, 
/**
 * The model to ask, unless the command names one; the session's own when absent.
 */
model: string | null, 
/**
 * The ids of what is attached; nothing when absent.
 */
attachments?: Array<string>, };

/**
 * Runs a code block.
 */
export type RunSnippet = { 
/**
 * The word after its code fence.
 */
language: string, 
/**
 * The code.
 */
source: string, };

/**
 * What a person must be able to see at any time when it is not as promised.
 */
export type Safety = { 
/**
 * What stands between the engine and the computer.
 */
boxed: BoxState, 
/**
 * Which home the engine lives in.
 */
home: EngineHome, 
/**
 * Why what is on screen is not being saved; none while it is.
 */
notSaving: string | null, 
/**
 * Labels of folders in which changed settings wait until nothing runs there.
 */
pending: Array<string>, 
/**
 * What the engine may use of the person's own, or the home it lives in, was changed, and it has to be started
 * anew for that.
 */
restartNeeded: boolean, 
/**
 * Whether boxes for commands hold on this computer, as tried at the engine's start.
 */
tools: BoxProof, 
/**
 * Whether they hold in each folder that something ran in since.
 */
folders: Array<FolderProof>, 
/**
 * Connections that boxes stopped lately, newest first, until the person dealt with them.
 */
stopped: Array<StoppedConnection>, 
/**
 * Files that boxes seem to have kept from commands lately, newest first, until the person dealt with them.
 */
stoppedFiles: Array<StoppedFile>, 
/**
 * What commands serve in their boxes, oldest first.
 */
servers: Array<BoxServer>, };

/**
 * What is written and not sent.
 */
export type SaveDraft = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The text; empty to forget it.
 */
text: string, 
/**
 * Whether it is what came back of a prompt, and the composer holds that from now on.
 */
took?: boolean, };

/**
 * A search to keep.
 */
export type SaveSearchFilter = { 
/**
 * Its name.
 */
name: string, 
/**
 * What is searched for.
 */
query: string, 
/**
 * What it is narrowed to.
 */
facets: SearchFacets, };

/**
 * Rules of "always", as a person saw them before they were saved.
 */
export type SavedRules = { 
/**
 * For how long they hold.
 */
scope: RuleScope, 
/**
 * What each allows.
 */
patterns: Array<string>, };

/**
 * How long what the engine wrote takes to the screen: from the read of its connection to the window's word that the
 * frame with it was begun, the way of that word included. Milliseconds, since the app began.
 */
export type ScreenDelay = { 
/**
 * Reads that were counted.
 */
reads: number, 
/**
 * Half of them took no longer.
 */
median: number, 
/**
 * 95 of a hundred took no longer.
 */
most: number, 
/**
 * 99 of a hundred took no longer.
 */
nearlyAll: number, 
/**
 * Between two batches just now: 16 while the window keeps up, up to 200 while it falls behind.
 */
gap: number, };

/**
 * How many of the threads are at most so old.
 */
export type SearchAge = { 
/**
 * Days.
 */
days: number, 
/**
 * Threads.
 */
count: number, };

/**
 * What was found.
 */
export type SearchAnswer = { 
/**
 * The page, the best first.
 */
hits: Array<SearchHit>, 
/**
 * Threads that were found.
 */
found: number, 
/**
 * There are more matches than were considered; older ones are not among them.
 */
capped: boolean, 
/**
 * Only words to be left out were given.
 */
wantsWord: boolean, 
/**
 * By folder, the most first.
 */
folders: Array<SearchCount>, 
/**
 * By agent, the most first.
 */
agents: Array<SearchCount>, 
/**
 * By model, the most first.
 */
models: Array<SearchCount>, 
/**
 * By age, each with what is newer.
 */
ages: Array<SearchAge>, 
/**
 * Those that changed files.
 */
hasChanges: number, 
/**
 * Those that wait for the person.
 */
needsYou: number, 
/**
 * By tag, the most first.
 */
tags: Array<SearchCount>, 
/**
 * Threads whose messages are still to be read from the engine, and are found by their titles alone.
 */
unread: number, };

/**
 * How many of the threads have a facet.
 */
export type SearchCount = { 
/**
 * A folder's id, an agent, a model or a tag.
 */
value: string, 
/**
 * Threads.
 */
count: number, };

/**
 * What a search is narrowed to.
 */
export type SearchFacets = { 
/**
 * A folder's id.
 */
folder: string | null, 
/**
 * The agent that was asked or answered.
 */
agent: string | null, 
/**
 * The model that was asked or answered, `provider/model`.
 */
model: string | null, 
/**
 * What is at most so many days old.
 */
withinDays: number | null, 
/**
 * Threads that changed files.
 */
hasChanges: boolean, 
/**
 * Threads that wait for the person.
 */
needsYou: boolean, 
/**
 * Threads with a tag, in whatever letters.
 */
tag: string | null, };

/**
 * A search that was saved under a name.
 */
export type SearchFilter = { 
/**
 * Its number.
 */
id: number, 
/**
 * Its name.
 */
name: string, 
/**
 * What is searched for.
 */
query: string, 
/**
 * What it is narrowed to. A folder that is no longer granted is still named.
 */
facets: SearchFacets, };

/**
 * Names a saved search.
 */
export type SearchFilterReference = { 
/**
 * Its number.
 */
filter: number, };

/**
 * A thread that was found.
 */
export type SearchHit = { 
/**
 * The thread.
 */
session: SessionRow, 
/**
 * Messages of it that are in the index.
 */
messages: number, 
/**
 * Files it changed.
 */
changedFiles: number, 
/**
 * Tokens it took.
 */
tokens: number, 
/**
 * Where the words of the search stand in its title, in UTF-16 units.
 */
titleMarks: Array<[number, number]>, 
/**
 * The best message; none when only the title was found.
 */
place: SearchPlace | null, 
/**
 * The best piece of that message.
 */
snippet: SearchSnippet | null, };

/**
 * What is typed of something's name.
 */
export type SearchMentions = { 
/**
 * The folder's id.
 */
folder: string, 
/**
 * What is typed.
 */
typed: string, };

/**
 * Where in a thread something was found.
 */
export type SearchPlace = { 
/**
 * The session: the thread's, or that of one of its sub-agents.
 */
session: string, 
/**
 * The message.
 */
message: string, 
/**
 * It is the person's, not the agent's.
 */
prompt: boolean, 
/**
 * When it was made, milliseconds since the epoch.
 */
created: number, };

/**
 * A piece of text with marks.
 */
export type SearchSnippet = { 
/**
 * The piece, on one line.
 */
text: string, 
/**
 * Something stands before it.
 */
cutBefore: boolean, 
/**
 * Something stands behind it.
 */
cutAfter: boolean, 
/**
 * Where the words of the search stand: from and to, in UTF-16 units, in order and apart.
 */
marks: Array<[number, number]>, };

/**
 * What to look for.
 */
export type SearchThreads = { 
/**
 * What the person typed.
 */
query: string, 
/**
 * What it is narrowed to.
 */
facets: SearchFacets, 
/**
 * Threads before the page.
 */
offset: number, };

/**
 * A prompt.
 */
export type SendPrompt = { 
/**
 * The session's id.
 */
session: string, 
/**
 * What the person wrote, up to 1 MiB.
 */
text: string, 
/**
 * The agent to ask; the session's own when absent.
 */
agent: string | null, 
/**
 * The model to ask, `provider/model`; the session's own when absent.
 */
model: string | null, 
/**
 * The ids of what is attached; nothing when absent.
 */
attachments?: Array<string>, };

/**
 * Names a server in a folder's boxes.
 */
export type ServerReference = { 
/**
 * The folder's id.
 */
folder: string, 
/**
 * The port it serves at.
 */
port: number, };

/**
 * What a session's row shows.
 */
export type SessionMark = "idle" | "working" | "asksPermission" | "asksQuestion" | "retrying" | "done" | "failed" | "interrupted";

/**
 * Names a session.
 */
export type SessionReference = { 
/**
 * The session's id.
 */
session: string, };

/**
 * A session in the list.
 */
export type SessionRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * The session it is a sub-agent of.
 */
parent: string | null, 
/**
 * Its title; empty until the first prompt.
 */
title: string, 
/**
 * Its folder's id.
 */
folder: string, 
/**
 * What its row shows.
 */
mark: SessionMark, 
/**
 * When it last changed, milliseconds since the epoch.
 */
updated: number, 
/**
 * Its agent.
 */
agent: string | null, 
/**
 * Its model, `provider/model`.
 */
model: string | null, 
/**
 * Whether its model is the scripted demo model.
 */
scripted: boolean, 
/**
 * Cost so far in US dollars.
 */
cost: number, 
/**
 * The person's tags.
 */
tags: Array<string>, };

/**
 * What a thread and its sub-agents took.
 */
export type SessionUsage = { 
/**
 * By model, the dearest first.
 */
models: Array<ModelUsage>, };

/**
 * Sets what commands of a folder may reach beside it.
 */
export type SetBox = { 
/**
 * The folder's id.
 */
folder: string, 
/**
 * All of what they may reach.
 */
box: BoxSettingsView, };

/**
 * Opens or closes a category of the person's own configuration.
 */
export type SetBridge = { 
/**
 * Which category.
 */
bridge: Bridge, 
/**
 * Whether it is open.
 */
allowed: boolean, };

/**
 * Chooses the home the engine lives in.
 */
export type SetEngineHome = { 
/**
 * Which one.
 */
home: EngineHome, };

/**
 * A key to put in the place of a provider's present one.
 */
export type SetKey = { 
/**
 * The provider's id.
 */
provider: string, 
/**
 * The key. No answer and no other command ever holds it.
 */
key: string, 
/**
 * Keep it in memory, until the app ends.
 */
thisRun: boolean, };

/**
 * What a person set. What it is where nothing was set stands in `settings/defaults.json`, what numbers may be in
 * `settings::RANGES`.
 */
export type Settings = { 
/**
 * Light or dark.
 */
theme: Theme, 
/**
 * Stronger borders and text, also where the system does not ask for it.
 */
moreContrast: boolean, 
/**
 * How close things stand.
 */
density: Density, 
/**
 * Percent of the usual size of the interface's text.
 */
interfaceSize: number, 
/**
 * Percent of the usual size of what is read: prompts and answers.
 */
readingSize: number, 
/**
 * Percent of the usual size of code, changes and output.
 */
codeSize: number, 
/**
 * Percent of its size that everything in the window has.
 */
zoom: number, 
/**
 * Nothing fades, also where the system does not ask for it.
 */
reduceMotion: boolean, 
/**
 * The language of the window's texts, a tag such as `de`; the system's when none is set. One that
 * the window has no texts for is kept, and the window speaks English.
 */
language: string | null, 
/**
 * The model new sessions begin with, `provider/model` or `provider/model#variant`; the first
 * connected provider's when none is set, and the demo's when there is none.
 */
defaultModel: string | null, 
/**
 * The model for titles and summaries, `provider/model`; the default model when none is set.
 */
smallModel: string | null, 
/**
 * The agent new sessions begin with.
 */
defaultAgent: string | null, 
/**
 * The review panel is open.
 */
reviewOpen: boolean, 
/**
 * The sidebar is hidden.
 */
sidebarHidden: boolean, 
/**
 * Tell through the desktop that a turn ended, while the window is not looked at.
 */
notifyEnded: boolean, 
/**
 * Tell so that something asks.
 */
notifyAsks: boolean, 
/**
 * Tell so that a turn failed.
 */
notifyFailed: boolean, 
/**
 * Name the thread and what it is about in what the desktop shows; it may show it on a locked screen.
 */
notifyContent: boolean, 
/**
 * This many failures of the engine within `restart_window` stop its restarts.
 */
restartFailures: number, 
/**
 * Seconds.
 */
restartWindow: number, 
/**
 * Megabytes of memory of the engine and its children above which a restart is offered. An engine at work holds
 * 0.5 to 1.1 GB; its children come on top.
 */
memoryLimit: number, 
/**
 * Model requests a run of the engine may make at each provider. A busy day of one person is a few hundred; a loop
 * that nobody watches makes thousands.
 */
requestCap: number, 
/**
 * Days an unfinished answer is kept that nobody came back for.
 */
journalDays: number, 
/**
 * Days a log file is kept.
 */
logDays: number, 
/**
 * Days it is kept what was answered and by whom.
 */
answeredDays: number, 
/**
 * Days it is kept what answers took.
 */
usageDays: number, 
/**
 * What is written into the log.
 */
logLevel: LogLevel, 
/**
 * How the log is written; changes take hold at the app's next start.
 */
logFormat: LogFormat, };

/**
 * A thread to share over a pairing, or to share no longer.
 */
export type ShareThread = { 
/**
 * The pairing's id.
 */
pairing: string, 
/**
 * The thread's session.
 */
session: string, };

/**
 * A folder all of whose threads are shared.
 */
export type SharedFolder = { 
/**
 * The folder's id.
 */
folder: string, 
/**
 * What it is called.
 */
label: string, };

/**
 * A thread that is shared by itself.
 */
export type SharedThread = { 
/**
 * Its session.
 */
session: string, 
/**
 * Its title.
 */
title: string, 
/**
 * It was begun from afar.
 */
fromAfar: boolean, };

/**
 * Who keeps what a sign-in brings.
 */
export type SignInKeeper = "app" | "engine";

/**
 * One way to sign in at a provider.
 */
export type SignInOffer = { 
/**
 * Its id, as `signInBegin` takes it.
 */
id: string, 
/**
 * What it is called.
 */
label: string, 
/**
 * How it goes.
 */
way: SignInWay, 
/**
 * Who keeps what it brings.
 */
keeper: SignInKeeper, 
/**
 * What it wants to know before it begins.
 */
inputs: Array<ProviderInput>, };

/**
 * How far a sign-in is.
 */
export type SignInState = { "kind": "waiting" } | { "kind": "done" } | { "kind": "failed", 
/**
 * Why, and what to do.
 */
message: string, };

/**
 * A sign-in, under way or ended.
 */
export type SignInView = { 
/**
 * The provider's id.
 */
provider: string, 
/**
 * The page to open.
 */
url: string, 
/**
 * The code to type there; empty when there is none.
 */
code: string, 
/**
 * What else the provider says; may be empty.
 */
instructions: string, 
/**
 * What the page shows at the end can be pasted here.
 */
pasteBack: boolean, 
/**
 * When it ends by itself, milliseconds since the epoch; 0 when that is not known.
 */
expires: number, 
/**
 * Who keeps what it brings.
 */
keeper: SignInKeeper, 
/**
 * How far it is.
 */
state: SignInState, };

/**
 * How a person signs in.
 */
export type SignInWay = "deviceCode" | "browser" | "pasteBack";

/**
 * A piece of output.
 */
export type SnippetChunk = { 
/**
 * It went to standard error.
 */
isError: boolean, 
/**
 * It is the compiler's.
 */
isCompiler: boolean, 
/**
 * What was written; bytes that are no text are replaced, control sequences are taken out.
 */
text: string, };

/**
 * How a run ended.
 */
export type SnippetEnd = { "kind": "finished", 
/**
 * Its exit code.
 */
code: number, } | { "kind": "notCompiled" } | { "kind": "signalled", 
/**
 * Its number.
 */
signal: number, } | { "kind": "timedOut", 
/**
 * Seconds it was given.
 */
seconds: number, } | { "kind": "stopped" } | { "kind": "outputLimit", 
/**
 * Bytes it was given.
 */
bytes: number, } | { "kind": "memoryLimit", 
/**
 * Bytes it was given.
 */
bytes: number, } | { "kind": "diskLimit", 
/**
 * Bytes it was given.
 */
bytes: number, } | { "kind": "processLimit", 
/**
 * How many it was given.
 */
processes: number, } | { "kind": "notStarted", 
/**
 * What went wrong and what helps, in words.
 */
advice: string, };

/**
 * A language that can run on this computer.
 */
export type SnippetLanguage = { 
/**
 * Its name for people.
 */
label: string, 
/**
 * The words after a code fence that name it.
 */
fences: Array<string>, };

/**
 * Says how a run is called.
 */
export type SnippetReceipt = { 
/**
 * The run, as updates name it.
 */
run: string, };

/**
 * Names a run.
 */
export type SnippetReference = { 
/**
 * The run.
 */
run: string, };

/**
 * What a run is at.
 */
export type SnippetState = { "kind": "waiting", 
/**
 * How many wait before it.
 */
before: number, } | { "kind": "compiling" } | { "kind": "running" } | { "kind": "ended", 
/**
 * How.
 */
how: SnippetEnd, 
/**
 * Milliseconds the last phase took.
 */
elapsed: number, 
/**
 * It had been compiled before.
 */
fromCache: boolean, };

/**
 * What of a run is new. A window adds the output to what it has, and takes the state as it is.
 */
export type SnippetUpdate = { 
/**
 * The run.
 */
run: string, 
/**
 * What it wrote since the last update, in order.
 */
output: Array<SnippetChunk>, 
/**
 * What it is at.
 */
state: SnippetState, };

/**
 * Takes files into the next commit, or out of it.
 */
export type StageFiles = { 
/**
 * The session's id, whose folder it is about.
 */
session: string, 
/**
 * The files, relative to the folder.
 */
paths: Array<string>, 
/**
 * Into it.
 */
staged: boolean, };

/**
 * How much of a file's change the next commit has.
 */
export type Staged = "none" | "part" | "all";

/**
 * Everything a window needs for its first picture.
 */
export type Start = { 
/**
 * The product's names and links.
 */
brand: BrandView, 
/**
 * The app's version.
 */
version: string, 
/**
 * `linux`, `macos` or `windows`.
 */
platform: string, 
/**
 * What the person set.
 */
settings: Settings, 
/**
 * The folders.
 */
folders: Array<Folder>, 
/**
 * The newest sessions and those that something runs in, most recent first; sub-agents' sessions are not listed.
 */
sessions: Array<SessionRow>, 
/**
 * There are more than those; the list of threads has them all.
 */
moreSessions: boolean, 
/**
 * What the engine is doing.
 */
engine: EngineState, 
/**
 * What must be seen when it is not as promised.
 */
safety: Safety, 
/**
 * Models known so far; more may come with the engine.
 */
models: Array<ModelChoice>, 
/**
 * Agents known so far.
 */
agents: Array<AgentChoice>, 
/**
 * Providers the person connected.
 */
providers: Array<ProviderRow>, 
/**
 * The connection test that runs or ran last.
 */
test: ConnectionTest | null, 
/**
 * The sign-in that is under way or ended last.
 */
signIn: SignInView | null, 
/**
 * What waits for the person over all threads.
 */
inbox: Inbox, 
/**
 * The pairings.
 */
pairings: Pairings, 
/**
 * News since the app started, oldest first.
 */
notices: Array<Notice>, 
/**
 * A folder handed over on the command line, to begin in.
 */
initialFolder: string | null, };

/**
 * A connection that the box of a folder stopped.
 */
export type StoppedConnection = { 
/**
 * The folder's reference.
 */
folder: string, 
/**
 * The folder's name.
 */
label: string, 
/**
 * Where to.
 */
host: string, 
/**
 * The port.
 */
port: number, 
/**
 * What would let it through.
 */
widening: Widening, 
/**
 * When, milliseconds since the epoch.
 */
at: number, };

/**
 * A file that the box of a folder seems to have kept from a command, as its output says.
 */
export type StoppedFile = { 
/**
 * The folder's reference.
 */
folder: string, 
/**
 * The folder's name.
 */
label: string, 
/**
 * The file, where links lead.
 */
path: string, 
/**
 * What would let commands at it: the smallest folder around it. None where a consent to a category is what it takes.
 */
offered: GrantView | null, 
/**
 * The category of secrets that it belongs to.
 */
bridge: Bridge | null, 
/**
 * When, milliseconds since the epoch.
 */
at: number, };

/**
 * Names connections that the box of a folder stopped.
 */
export type StoppedReference = { 
/**
 * The folder's id.
 */
folder: string, 
/**
 * The host, or the path of a file.
 */
host: string, };

/**
 * What takes how much of the disk, in bytes.
 */
export type StorageReport = { 
/**
 * The app's database, with its log.
 */
database: number, 
/**
 * Of it, what is there to search in.
 */
index: number, 
/**
 * Of it, unfinished answers.
 */
journal: number, 
/**
 * Bytes at which the oldest unfinished answers go.
 */
journalLimit: number, 
/**
 * Days an unfinished answer is kept that nobody came back for.
 */
journalDays: number, 
/**
 * Of it, what answers took.
 */
usage: number, 
/**
 * Of it, what was answered and by whom.
 */
answered: number, 
/**
 * Of it, pairings, with what waits to leave over them and the audit.
 */
pairing: number, 
/**
 * Of it, room that will be used again.
 */
free: number, 
/**
 * Log files.
 */
logs: number, 
/**
 * Of them, those of earlier days, which can be deleted.
 */
oldLogs: number, 
/**
 * The engine's home, with its conversations.
 */
engineHome: number, 
/**
 * The homes of commands' boxes.
 */
boxHomes: number, 
/**
 * Throw-away folders.
 */
sandboxes: number, 
/**
 * Damaged databases that were set aside.
 */
setAside: number, 
/**
 * How many they are.
 */
setAsideCount: number, 
/**
 * Files that are attached to drafts and to waiting prompts.
 */
attachments: number, 
/**
 * Of them, those that nothing needs any more.
 */
needlessAttachments: number, 
/**
 * Files as they were before something was put back.
 */
keptReverts: number, 
/**
 * Of them, those that cannot be undone any more.
 */
needlessReverts: number, 
/**
 * There were too many files to count them all: the figures are at least this.
 */
cut: boolean, 
/**
 * Threads there are, and of them those whose messages are not in the index yet.
 */
threads: number, 
/**
 * See `threads`.
 */
unread: number, };

/**
 * Switches to a branch.
 */
export type SwitchBranch = { 
/**
 * The session's id, whose folder it is about.
 */
session: string, 
/**
 * The branch.
 */
branch: string, 
/**
 * It is a new one.
 */
create: boolean, };

/**
 * A thread's tags.
 */
export type TagSession = { 
/**
 * The session's id.
 */
session: string, 
/**
 * The tags: at most 20, each of 1 to 40 characters that can be seen.
 */
tags: Array<string>, };

/**
 * A file that prompts changed.
 */
export type TakenBack = { 
/**
 * Its path, relative to the session's folder when inside it.
 */
path: string, 
/**
 * Lines that were added.
 */
additions: number, 
/**
 * Lines that were removed.
 */
deletions: number, };

/**
 * How far a step is.
 */
export type TestMark = { "kind": "waiting" } | { "kind": "running", 
/**
 * Milliseconds since the epoch.
 */
since: number, } | { "kind": "passed", 
/**
 * Milliseconds it took.
 */
took: number, 
/**
 * What was seen; may be empty.
 */
note: string, } | { "kind": "skipped", 
/**
 * Why.
 */
why: string, } | { "kind": "failed", 
/**
 * What is wrong.
 */
message: string, 
/**
 * What to do.
 */
advice: string, };

/**
 * What to test.
 */
export type TestProvider = { 
/**
 * The provider's id.
 */
provider: string, 
/**
 * The model to ask, by its id at the provider; a usual one when absent.
 */
model: string | null, };

/**
 * One step of a connection test.
 */
export type TestStep = "resolve" | "connect" | "secure" | "keyAccepted" | "modelListed" | "modelAnswers" | "toolCall";

/**
 * A step and how far it is.
 */
export type TestStepRow = { 
/**
 * The step.
 */
step: TestStep, 
/**
 * How far it is.
 */
mark: TestMark, };

/**
 * A text or reasoning block that grew.
 */
export type TextPatch = { 
/**
 * Its message.
 */
message: string, 
/**
 * The block.
 */
block: string, 
/**
 * What changed in the rendered markdown.
 */
html: HtmlPatch, };

/**
 * Light or dark.
 */
export type Theme = "system" | "light" | "dark";

/**
 * The threads of a folder, or of all throw-away folders.
 */
export type ThreadGroup = { 
/**
 * The folder's id; none for all throw-away folders.
 */
folder: string | null, 
/**
 * What the folder is called, also when it was forgotten.
 */
label: string, 
/**
 * When its newest thread changed, milliseconds since the epoch.
 */
newest: number, 
/**
 * How many threads changed last in each span of time that was asked for, and last how many before all of them.
 */
counts: Array<number>, };

/**
 * What the list of threads is made of: a window lays it out by this, and asks for the rows it shows.
 */
export type ThreadOutline = { 
/**
 * The groups: the folder that was worked in last comes first, that of all throw-away folders last.
 */
groups: Array<ThreadGroup>, 
/**
 * The threads that changed last, whatever their folder, newest first.
 */
recent: Array<SessionRow>, };

/**
 * A page of one span of a group.
 */
export type ThreadPage = { 
/**
 * The threads, newest first.
 */
rows: Array<SessionRow>, 
/**
 * How many there are in the span, as of the same moment.
 */
count: number, };

/**
 * What the desktop is told, in the window's language.
 */
export type TidingWords = { 
/**
 * A turn ended.
 */
ended: string, 
/**
 * A permission is waited for.
 */
asksPermission: string, 
/**
 * An answer is waited for.
 */
asksQuestion: string, 
/**
 * Somebody answered from afar, and a word here is waited for.
 */
answeredAfar: string, 
/**
 * A turn failed.
 */
failed: string, 
/**
 * Stands for a thread whose name is not to be shown.
 */
thread: string, 
/**
 * What is shown where the person tries it.
 */
tried: string, };

/**
 * One step of the plan.
 */
export type TodoItem = { 
/**
 * What is to be done.
 */
text: string, 
/**
 * How far it is.
 */
mark: TodoMark, };

/**
 * How far a step of the plan is.
 */
export type TodoMark = "todo" | "now" | "done" | "dropped";

/**
 * How far a tool call is.
 */
export type ToolMark = "queued" | "waiting" | "running" | "done" | "failed" | "denied" | "interrupted";

/**
 * What kind of work a tool does; decides verb and icon.
 */
export type ToolShape = "shell" | "read" | "write" | "edit" | "search" | "list" | "fetch" | "task" | "question" | "plan" | "skill" | "other";

/**
 * Which text of a tool call is meant.
 */
export type ToolText = "output" | "error" | "arguments" | "command";

/**
 * One tool call.
 */
export type ToolView = { 
/**
 * What kind of work it does.
 */
shape: ToolShape, 
/**
 * The tool's name.
 */
name: string, 
/**
 * How far it is.
 */
mark: ToolMark, 
/**
 * What it works on: a command, a path relative to the folder, a pattern, an address.
 */
target: string | null, 
/**
 * The command, when it is longer than `target` has it.
 */
command: OutputView | null, 
/**
 * The model's own words on what it is for.
 */
description: string | null, 
/**
 * The arguments as indented JSON, for tools without a better picture.
 */
arguments: OutputView | null, 
/**
 * What it printed.
 */
output: OutputView, 
/**
 * The engine gave a part of its output only.
 */
shortened: boolean, 
/**
 * Why it failed.
 */
error: OutputView | null, 
/**
 * The change it made.
 */
change: FileDiff | null, 
/**
 * Exit status of a command.
 */
exit: number | null, 
/**
 * When it began to run, milliseconds since the epoch.
 */
started: number | null, 
/**
 * When it ended.
 */
ended: number | null, };

/**
 * A command that the person read and trusts.
 */
export type TrustCommand = { 
/**
 * The folder's id.
 */
folder: string, 
/**
 * The command's key.
 */
key: string, 
/**
 * What it said when they read it.
 */
hash: string, };

/**
 * Names a command that is trusted.
 */
export type TrustedCommand = { 
/**
 * The folder's path, as it is listed.
 */
folder: string, 
/**
 * The command's key.
 */
command: string, };

/**
 * A command that a person read and trusts.
 */
export type TrustedCommandRow = { 
/**
 * The folder it is trusted in, its path.
 */
folder: string, 
/**
 * Names it among commands of the same name.
 */
key: string, 
/**
 * Its name.
 */
name: string, 
/**
 * When it was trusted, in milliseconds since the epoch.
 */
trusted: number, };

/**
 * Why a turn failed.
 */
export type TurnFailure = { 
/**
 * What the next step depends on.
 */
kind: TurnFailureKind, 
/**
 * The provider's or engine's words, redacted.
 */
message: string, 
/**
 * The HTTP status of the provider's answer.
 */
status: number | null, };

/**
 * Why a turn failed, as far as the next step depends on it.
 */
export type TurnFailureKind = "stopped" | "unauthorized" | "notSent" | "unknownModel" | "unknownAgent" | "limited" | "contextOverflow" | "provider" | "outputLength" | "other";

/**
 * Which messages of the open conversation a window wants to hold.
 */
export type TurnPage = { 
/**
 * The session's id.
 */
session: string, 
/**
 * Which.
 */
page: ConversationPage, };

/**
 * Lets commands run without a box in a folder, or no longer.
 */
export type UnboxFolder = { 
/**
 * The folder's id.
 */
folder: string, 
/**
 * Whether they may.
 */
allowed: boolean, };

/**
 * Undoes putting something back.
 */
export type UndoRevert = { 
/**
 * The session's id.
 */
session: string, 
/**
 * What was kept, by its id.
 */
kept: string, };

/**
 * A batch of changes. A window acknowledges each by its sequence; while several are unacknowledged the next
 * ones wait and grow together, so that a slow window is never flooded and never loses the last state.
 */
export type Update = { 
/**
 * Counts up from 1 within a subscription.
 */
sequence: number, 
/**
 * Sessions that are new or changed, whole rows.
 */
sessions: Array<SessionRow>, 
/**
 * Sessions that are gone.
 */
removedSessions: Array<string>, 
/**
 * Threads came or changed that are not among `sessions`, so that the list is to be asked for anew.
 */
threads: boolean, 
/**
 * The folders, all of them, when any changed.
 */
folders: Array<Folder> | null, 
/**
 * The engine's state, when it changed.
 */
engine: EngineState | null, 
/**
 * What must be seen when it is not as promised, when it changed.
 */
safety: Safety | null, 
/**
 * The models, when they changed.
 */
models: Array<ModelChoice> | null, 
/**
 * The agents, when they changed.
 */
agents: Array<AgentChoice> | null, 
/**
 * The providers, when they changed.
 */
providers: Array<ProviderRow> | null, 
/**
 * The connection test, when it changed.
 */
test: ConnectionTest | null, 
/**
 * The sign-in, when it changed.
 */
signIn: SignInView | null, 
/**
 * What stands in composers beside their words, of those where it changed.
 */
composers: Array<ComposerState>, 
/**
 * What is new of code blocks that run.
 */
snippets: Array<SnippetUpdate>, 
/**
 * News; of much that came while nobody looked the newest.
 */
notices: Array<Notice>, 
/**
 * How many older news were left out before these. The log has them.
 */
noticesLeftOut: number, 
/**
 * What waits for the person over all threads, when that changed.
 */
inbox: Inbox | null, 
/**
 * All pairings, when any changed.
 */
pairings: Pairings | null, 
/**
 * A thread the person chose outside of the window, to be opened.
 */
wantedSession: string | null, 
/**
 * Changes to the open conversation.
 */
conversation: ConversationPatch | null, };

/**
 * What of a pairing is to be otherwise: all of it, as it is to be.
 */
export type UpdatePairing = { 
/**
 * Its id.
 */
pairing: string, 
/**
 * What this desktop is called there, 1 to 80 characters.
 */
label: string, 
/**
 * What it lets in and out.
 */
policy: PairingPolicy, 
/**
 * The ids of folders all of whose threads are shared.
 */
folders: Array<string>, 
/**
 * Whether to go past the proxy.
 */
pastProxy: boolean, };

/**
 * What answers took on a day.
 */
export type UsageDay = { 
/**
 * Its first millisecond, as it was asked for.
 */
begins: number, 
/**
 * By model.
 */
models: Array<ModelUsage>, };

/**
 * Days to look back on.
 */
export type UsageDays = { 
/**
 * Each by its first millisecond, as the clock of whoever looks has it; in order, and at most 400.
 */
days: Array<number>, };

/**
 * What answers took on some days.
 */
export type UsageReport = { 
/**
 * The days on which there were answers, in order.
 */
days: Array<UsageDay>, 
/**
 * Threads whose messages are still to be read from the engine; what they took is not among this.
 */
unread: number, };

/**
 * What it would take to let a stopped connection through.
 */
export type Widening = "registries" | "host" | "open" | "none";

/**
 * Whether the window is seen.
 */
export type WindowShown = { 
/**
 * It is; false when it is minimised or hidden.
 */
shown: boolean, };

/**
 * What a conversation is doing.
 */
export type WorkState = { "kind": "idle" } | { "kind": "working" } | { "kind": "stopping" } | { "kind": "retrying", 
/**
 * Which repetition, from 1.
 */
attempt: number, 
/**
 * Why the last one failed.
 */
message: string, 
/**
 * When the next one starts, milliseconds since the epoch.
 */
next: number, } | { "kind": "interrupted" };

/** Every command: what it takes and what it answers. */
export interface Commands {
  /** Gives everything a window needs for its first picture, without waiting for the engine. */
  start(): Promise<Start>;
  /** Confirms that an update was drawn; the next ones wait for it. */
  acknowledge(request: Acknowledge): Promise<void>;
  /** Says whether the window is seen. While it is not it is sent nothing; what changed comes when it is seen again. */
  windowShown(request: WindowShown): Promise<void>;
  /** Lets the person choose a folder in the system's dialog and grants it. Nothing when they cancel. */
  folderPick(): Promise<Folder | null>;
  /** Takes a folder off the list. Its files and sessions stay. */
  folderForget(request: FolderReference): Promise<void>;
  /** Looks again which folders can be reached. */
  foldersLook(): Promise<Array<Folder>>;
  /** Begins a session in a granted folder, or in a throw-away folder the app makes. */
  sessionCreate(request: NewSession): Promise<SessionRow>;
  /** Opens a session's conversation in this window; its changes follow by subscription. */
  sessionOpen(request: OpenSession): Promise<Conversation>;
  /** Has this window hold other messages of the open conversation; they come by subscription. */
  sessionPage(request: TurnPage): Promise<void>;
  /** Looks for a text in a stretch of a conversation, newest first; asked again with what it reached, in all of it. */
  conversationFind(request: FindInConversation): Promise<FoundPage>;
  /** Gives the prompt before or after a message; older messages are read for it. */
  conversationPrompt(request: FindPrompt): Promise<string | null>;
  /** Gives everything that was said in a conversation or between two messages of it, for copying. */
  conversationText(request: ReadConversationText): Promise<ConversationText>;
  /** Closes the open conversation; what runs goes on. */
  sessionClose(): Promise<void>;
  /** Renames a session. */
  sessionRename(request: RenameSession): Promise<SessionRow>;
  /** Deletes a session and its messages. Files it changed stay as they are. */
  sessionDelete(request: SessionReference): Promise<void>;
  /** Makes a thread that begins as another one does, up to a message. The text of a prompt waits in its composer. */
  sessionFork(request: ForkSession): Promise<ForkedThread>;
  /** Tells what going back to before a prompt would take back, in files and messages. */
  revertPreview(request: MessageReference): Promise<RevertPreview>;
  /** Goes back to before a prompt, in files and messages; what it said, and what was attached to it. The next prompt makes it final. */
  sessionRevert(request: MessageReference): Promise<RevertedPrompt>;
  /** Brings back what going back took out, files and messages. */
  sessionUnrevert(request: SessionReference): Promise<void>;
  /** Tells what the list of threads is made of: how many each folder has in spans of time. */
  threadOutline(request: OutlineThreads): Promise<ThreadOutline>;
  /** Gives a page of the list of threads. */
  threadPage(request: ListThreads): Promise<ThreadPage>;
  /** Finds threads by their titles and what was said in them: a page from an offset on. */
  search(request: SearchThreads): Promise<SearchAnswer>;
  /** Lists the saved searches. */
  searchFilters(): Promise<Array<SearchFilter>>;
  /** Saves a search under a name, in the place of one that has it. */
  searchFiltersSave(request: SaveSearchFilter): Promise<Array<SearchFilter>>;
  /** Gives a saved search another name. */
  searchFiltersRename(request: RenameSearchFilter): Promise<Array<SearchFilter>>;
  /** Deletes a saved search. */
  searchFiltersDelete(request: SearchFilterReference): Promise<Array<SearchFilter>>;
  /** Puts the saved searches into an order. */
  searchFiltersOrder(request: OrderSearchFilters): Promise<Array<SearchFilter>>;
  /** Puts tags on a thread, in the place of those it has. */
  sessionTag(request: TagSession): Promise<SessionRow>;
  /** Lists the tags there are, with how many threads have each. */
  tags(): Promise<Array<SearchCount>>;
  /** Tells what takes how much of the disk. */
  storageReport(): Promise<StorageReport>;
  /** Tells how far the index of messages is. */
  indexProgress(): Promise<IndexProgress>;
  /** Empties the index of messages and has it filled again from what the engine holds. */
  indexRebuild(): Promise<void>;
  /** Deletes the log files of earlier days; the bytes that are free now. */
  logsDeleteOld(): Promise<number>;
  /** Deletes the damaged databases that were set aside; the bytes that are free now. */
  setAsideDelete(): Promise<number>;
  /** Deletes files that were attached and that no draft and no waiting prompt needs any more; the bytes that are free now. */
  attachmentsDeleteNeedless(): Promise<number>;
  /** Deletes what was kept of files before something was put back, where that cannot be undone any more; the bytes that are free now. */
  revertsDeleteNeedless(): Promise<number>;
  /** Ends the app and deletes everything it keeps, once the person agreed in a dialog of the system's. Their folders and the engine's conversations stay. */
  everythingRemove(request: RemoveEverything): Promise<void>;
  /** Tells what answers took on some days, by model. */
  usageReport(request: UsageDays): Promise<UsageReport>;
  /** Tells what a thread and its sub-agents took, by model. */
  sessionUsage(request: SessionReference): Promise<SessionUsage>;
  /** Sends a prompt. While a turn runs it joins that turn. On failure the text is kept as the draft. */
  promptSend(request: SendPrompt): Promise<PromptReceipt>;
  /** Gives what stands in a composer beside its words; what changes follows by subscription. */
  composerOpen(request: ComposerReference): Promise<ComposerState>;
  /** Lets the person choose files in the system's dialog, and attaches what can be. */
  attachmentPick(request: ComposerReference): Promise<Attached>;
  /** Attaches a file that was pasted or dropped, if it can be. */
  attachmentAdd(request: AttachFile): Promise<Attached>;
  /** Takes an attached file away. */
  attachmentRemove(request: AttachmentReference): Promise<void>;
  /** Finds files of a folder, and sub-agents, by what is typed of their names. */
  mentionSearch(request: SearchMentions): Promise<MentionSearch>;
  /** Lists the commands of a folder. */
  commandList(request: FolderReference): Promise<Array<CommandRow>>;
  /** Remembers that the person read a command as it is, and trusts it in a folder. */
  commandTrust(request: TrustCommand): Promise<void>;
  /** Lists the commands that are trusted, in all folders. */
  commandTrusted(): Promise<Array<TrustedCommandRow>>;
  /** Trusts a command no longer: it has to be read again before it runs. */
  commandDistrust(request: TrustedCommand): Promise<void>;
  /** Runs a command in a session. */
  commandRun(request: RunCommand): Promise<PromptReceipt>;
  /** Has a prompt wait for the turn to end. */
  queueAdd(request: SendPrompt): Promise<void>;
  /** Gives a prompt that waits other words. */
  queueEdit(request: EditQueued): Promise<void>;
  /** Holds a prompt that waits while it is edited, so that it does not go out meanwhile, or lets it go. */
  queueHold(request: HoldQueued): Promise<void>;
  /** Takes a prompt out of those that wait. */
  queueRemove(request: QueuedReference): Promise<void>;
  /** Puts the prompts that wait into an order. */
  queueOrder(request: OrderQueue): Promise<void>;
  /** Sends a prompt that waits, now. While a turn runs it joins that turn. */
  queueSend(request: QueuedReference): Promise<PromptReceipt>;
  /** Has what was said summed up, so that the summary takes its place in the model's context; answers when that is done. */
  sessionCompact(request: CompactSession): Promise<void>;
  /** Tells what fills the context of a session's model. */
  contextFill(request: SessionReference): Promise<ContextFill>;
  /** Keeps what is written and not sent. */
  draftSave(request: SaveDraft): Promise<void>;
  /** Stops the running turn; what was written so far stays. */
  turnStop(request: SessionReference): Promise<void>;
  /** Answers a request for permission. */
  permissionAnswer(request: AnswerPermission): Promise<void>;
  /** Says what rules of "always" would come to for an ask, before they are saved. */
  ruleCheck(request: CheckRules): Promise<RuleCheck>;
  /** Gives all of something that waits for the person. */
  inboxAsk(request: InboxReference): Promise<InboxAsk>;
  /** Lists what was answered lately, by the person, by their rules and by the policy, the newest first. */
  inboxAnswered(): Promise<AnsweredList>;
  /** Answers questions. */
  questionAnswer(request: AnswerQuestion): Promise<void>;
  /** Turns questions down; the turn ends. */
  questionReject(request: RejectQuestion): Promise<void>;
  /** Gives a message's text as it was written, for copying. */
  messageSource(request: MessageReference): Promise<string>;
  /** Gives a page of what a tool printed, or of its arguments, error or command. */
  toolOutput(request: ReadOutput): Promise<OutputPage>;
  /** Gives all of such a text, for copying. */
  toolText(request: ReadToolText): Promise<string>;
  /** Gives a page of the lines of a change. */
  changePage(request: ReadChange): Promise<DiffPage>;
  /** Lists the files that a turn, a session or a person changed; for the folder's files also what git says of it. */
  reviewFiles(request: ListReview): Promise<ReviewList>;
  /** Gives a page of a changed file's lines. */
  reviewPage(request: ReadReview): Promise<ReviewPage>;
  /** Tells what putting a file or a hunk back takes away. */
  reviewLoss(request: AskRevert): Promise<RevertLoss>;
  /** Puts a file or a hunk back as it was, unless the file changed meanwhile. What was there is kept. */
  reviewRevert(request: RevertChange): Promise<KeptRevert>;
  /** Lists what was put back in a session's folder and can be undone, the newest first. */
  reviewKept(request: SessionReference): Promise<Array<KeptRevert>>;
  /** Undoes putting something back, unless the file changed since; the file's path. */
  reviewUndo(request: UndoRevert): Promise<string>;
  /** Gives a hunk, a file or all of a review as a patch, for copying. */
  reviewPatch(request: CopyPatch): Promise<PatchText>;
  /** Takes files into the next commit, or out of it. git runs in the folder's box. */
  gitStage(request: StageFiles): Promise<GitDone>;
  /** Commits what is staged. Hooks run in the folder's box, and may refuse it. */
  gitCommit(request: CommitStaged): Promise<GitDone>;
  /** Switches to a branch of the folder's repository, or makes one. */
  gitBranch(request: SwitchBranch): Promise<GitDone>;
  /** Opens a file of a session's folder in an editor that is known, at a line, or else shows its folder. */
  fileOpen(request: OpenFile): Promise<OpenedWhere>;
  /** Tells which of the names in a conversation are files of its folder that can be opened. */
  filesNamed(request: NamedFiles): Promise<Array<string>>;
  /** Starts the engine, or starts it anew when it runs. */
  engineStart(): Promise<void>;
  /** Gives the last lines the engine printed, redacted. */
  engineLog(): Promise<Array<string>>;
  /** Gives the last lines of the app's own log. */
  appLog(): Promise<Array<string>>;
  /** Opens the folder of the app's logs in the system's file manager. */
  logsOpen(): Promise<void>;
  /** Tells how each part of the app stands that a window does not know all the while. */
  healthRows(): Promise<Array<HealthRow>>;
  /** Gives what the health view shows of the engine. */
  engineHealth(): Promise<EngineHealth>;
  /** Gives a report about the app and its engine, redacted, to be read before it is shared. */
  diagnosticsReport(): Promise<string>;
  /** Lists the rules of "always allow". */
  allowanceList(): Promise<Array<AllowanceRow>>;
  /** Takes a rule of "always allow" back. */
  allowanceRevoke(request: AllowanceReference): Promise<void>;
  /** Gives a rule of "always allow" back that was taken back since the app was started. */
  allowanceRestore(request: AllowanceReference): Promise<void>;
  /** Lets commands run without a box in a folder, after the person agreed in the system's dialog; or no longer. */
  folderUnbox(request: UnboxFolder): Promise<void>;
  /** Sets what commands of a folder may reach beside it. What opens something is asked of the person in the system's dialog. */
  folderBoxSet(request: SetBox): Promise<void>;
  /** Lets the person choose a folder in the system's dialog, and opens it to the commands of another. Whether one was chosen. */
  folderBoxGrant(request: GrantToBox): Promise<boolean>;
  /** Attacks the box of a folder again, to see whether it holds. */
  folderBoxProve(request: FolderReference): Promise<void>;
  /** Lets go of connections that boxes stopped: those to a host, or all. */
  stoppedForget(request: ForgetStopped): Promise<void>;
  /** Shows what a command of a folder serves in its box, in a window of its own. */
  previewOpen(request: ServerReference): Promise<void>;
  /** Lists the languages whose code blocks can run on this computer. */
  snippetLanguages(): Promise<Array<SnippetLanguage>>;
  /** Runs a code block in a box of its own; how it goes follows by subscription. */
  snippetRun(request: RunSnippet): Promise<SnippetReceipt>;
  /** Stops a code block that runs. */
  snippetStop(request: SnippetReference): Promise<void>;
  /** Lists what of the person's own configuration the engine may use. */
  bridgeList(): Promise<Array<BridgeRow>>;
  /** Opens a category of it, after the person agreed in the system's dialog, or closes it. */
  bridgeSet(request: SetBridge): Promise<void>;
  /** Chooses the home the engine lives in; the person's own only after they agreed in the system's dialog. */
  engineHomeSet(request: SetEngineHome): Promise<void>;
  /** Saves what the person set. */
  settingsSave(request: Settings): Promise<Settings>;
  /** Takes over the words of what the desktop is told, in the window's language. */
  notificationWords(request: TidingWords): Promise<void>;
  /** Has the desktop show a notification, to see how it looks. */
  notificationTry(): Promise<void>;
  /** Lists the providers that can be connected. */
  providerCatalogue(): Promise<ProviderCatalogue>;
  /** Lists the models the catalogue names for a provider, or those of one that is connected. */
  providerModels(request: ProviderReference): Promise<Array<ModelChoice>>;
  /** Looks for model servers on this machine. */
  localServers(): Promise<Array<LocalServerRow>>;
  /** Looks for models at an address. */
  providerProbe(request: ProbeProvider): Promise<ProviderProbe>;
  /** Connects a provider and keeps its key. */
  providerConnect(request: ConnectProvider): Promise<ConnectedProvider>;
  /** Forgets a provider, its key and its sign-in. */
  providerRemove(request: ProviderReference): Promise<void>;
  /** Puts a key in the place of a provider's present one. */
  keySet(request: SetKey): Promise<ConnectedProvider>;
  /** Forgets a provider's key. */
  keyRemove(request: ProviderReference): Promise<ProviderRow>;
  /** Forgets all keys and the sign-ins that the app keeps, and ends all pairings. */
  keysForgetAll(): Promise<void>;
  /** Seals what is sealed with a new key; how many secrets that were. */
  keysRenew(): Promise<number>;
  /** Says whether keys can be kept. */
  keychain(request: AskKeychain): Promise<Keychain>;
  /** Begins to test a connection, step by step; the steps follow by subscription. */
  providerTest(request: TestProvider): Promise<ConnectionTest>;
  /** Ends the test that runs. */
  providerTestStop(): Promise<void>;
  /** Tells what went to each provider. */
  providerUsage(): Promise<Array<ProviderUsage>>;
  /** Lets a run of the engine make as many requests at a provider again as it may. */
  providerAllowMore(request: ProviderReference): Promise<void>;
  /** Begins a sign-in; how it goes follows by subscription. */
  signInBegin(request: BeginSignIn): Promise<SignInView>;
  /** Hands over what the provider's page showed at the end. */
  signInPaste(request: PasteSignIn): Promise<void>;
  /** Ends the sign-in that is under way. */
  signInStop(): Promise<void>;
  /** Tells how every pairing stands, with the head of the audit. */
  pairingList(): Promise<PairingBook>;
  /** Judges the address of a server, and looks whether anything answers there. Nothing secret goes there. */
  pairingCheckAddress(request: CheckPairingAddress): Promise<PairingAddress>;
  /** Makes a pairing and its token, which is shown this once and is void after ten minutes unless it is entered at the server. Where answers from afar are to count by themselves, the person is asked in the system's dialog. */
  pairingCreate(request: CreatePairing): Promise<PairingToken>;
  /** Makes another token for a pairing. The one before is void here at once. */
  pairingRenew(request: PairingReference): Promise<PairingToken>;
  /** Changes what a pairing is called, lets in and out and shares. Where answers from afar are to count by themselves, the person is asked in the system's dialog. */
  pairingUpdate(request: UpdatePairing): Promise<PairingRow>;
  /** Pauses a pairing: nothing leaves and nothing comes in. */
  pairingPause(request: PairingReference): Promise<PairingRow>;
  /** Goes on with a pairing that was paused. */
  pairingResume(request: PairingReference): Promise<PairingRow>;
  /** Asks the server now, whatever it was waited for, and delivers what waits. */
  pairingSync(request: PairingReference): Promise<PairingRow>;
  /** Ends a pairing: nothing leaves and nothing comes in from now on, the server is told as soon as it answers, and the token is forgotten then. */
  pairingRevoke(request: PairingReference): Promise<void>;
  /** Shares a thread over a pairing. */
  pairingShare(request: ShareThread): Promise<PairingRow>;
  /** Shares a thread by itself no longer. What the server has of it is void there. */
  pairingUnshare(request: ShareThread): Promise<PairingRow>;
  /** Gives a page of exactly what would be sent of a thread, after redaction. */
  pairingPreview(request: PreviewPairing): Promise<PairingPreview>;
  /** Gives a page of what was done with pairings and over them. */
  pairingAudit(request: ReadPairingAudit): Promise<PairingAudit>;
  /** Writes all of it into a folder the person picks in the system's dialog. The file's name; nothing when they cancel. */
  pairingAuditExport(): Promise<string | null>;
  /** Has an answer from afar count, or not. */
  remoteAskAnswer(request: AnswerRemote): Promise<void>;
  /** Opens an http, https or mailto address in the system's browser. */
  linkOpen(request: OpenLink): Promise<void>;
}

/** Every subscription: what it sends. */
export interface Streams {
  /** Sends every change through the channel, in batches, until the window closes. */
  subscribe(receive: (item: Update) => void): Promise<void>;
}

/** The names on the wire. */
export const commandNames = {
  start: "start",
  acknowledge: "acknowledge",
  windowShown: "window_shown",
  folderPick: "folder_pick",
  folderForget: "folder_forget",
  foldersLook: "folders_look",
  sessionCreate: "session_create",
  sessionOpen: "session_open",
  sessionPage: "session_page",
  conversationFind: "conversation_find",
  conversationPrompt: "conversation_prompt",
  conversationText: "conversation_text",
  sessionClose: "session_close",
  sessionRename: "session_rename",
  sessionDelete: "session_delete",
  sessionFork: "session_fork",
  revertPreview: "revert_preview",
  sessionRevert: "session_revert",
  sessionUnrevert: "session_unrevert",
  threadOutline: "thread_outline",
  threadPage: "thread_page",
  search: "search",
  searchFilters: "search_filters",
  searchFiltersSave: "search_filters_save",
  searchFiltersRename: "search_filters_rename",
  searchFiltersDelete: "search_filters_delete",
  searchFiltersOrder: "search_filters_order",
  sessionTag: "session_tag",
  tags: "tags",
  storageReport: "storage_report",
  indexProgress: "index_progress",
  indexRebuild: "index_rebuild",
  logsDeleteOld: "logs_delete_old",
  setAsideDelete: "set_aside_delete",
  attachmentsDeleteNeedless: "attachments_delete_needless",
  revertsDeleteNeedless: "reverts_delete_needless",
  everythingRemove: "everything_remove",
  usageReport: "usage_report",
  sessionUsage: "session_usage",
  promptSend: "prompt_send",
  composerOpen: "composer_open",
  attachmentPick: "attachment_pick",
  attachmentAdd: "attachment_add",
  attachmentRemove: "attachment_remove",
  mentionSearch: "mention_search",
  commandList: "command_list",
  commandTrust: "command_trust",
  commandTrusted: "command_trusted",
  commandDistrust: "command_distrust",
  commandRun: "command_run",
  queueAdd: "queue_add",
  queueEdit: "queue_edit",
  queueHold: "queue_hold",
  queueRemove: "queue_remove",
  queueOrder: "queue_order",
  queueSend: "queue_send",
  sessionCompact: "session_compact",
  contextFill: "context_fill",
  draftSave: "draft_save",
  turnStop: "turn_stop",
  permissionAnswer: "permission_answer",
  ruleCheck: "rule_check",
  inboxAsk: "inbox_ask",
  inboxAnswered: "inbox_answered",
  questionAnswer: "question_answer",
  questionReject: "question_reject",
  messageSource: "message_source",
  toolOutput: "tool_output",
  toolText: "tool_text",
  changePage: "change_page",
  reviewFiles: "review_files",
  reviewPage: "review_page",
  reviewLoss: "review_loss",
  reviewRevert: "review_revert",
  reviewKept: "review_kept",
  reviewUndo: "review_undo",
  reviewPatch: "review_patch",
  gitStage: "git_stage",
  gitCommit: "git_commit",
  gitBranch: "git_branch",
  fileOpen: "file_open",
  filesNamed: "files_named",
  engineStart: "engine_start",
  engineLog: "engine_log",
  appLog: "app_log",
  logsOpen: "logs_open",
  healthRows: "health_rows",
  engineHealth: "engine_health",
  diagnosticsReport: "diagnostics_report",
  allowanceList: "allowance_list",
  allowanceRevoke: "allowance_revoke",
  allowanceRestore: "allowance_restore",
  folderUnbox: "folder_unbox",
  folderBoxSet: "folder_box_set",
  folderBoxGrant: "folder_box_grant",
  folderBoxProve: "folder_box_prove",
  stoppedForget: "stopped_forget",
  previewOpen: "preview_open",
  snippetLanguages: "snippet_languages",
  snippetRun: "snippet_run",
  snippetStop: "snippet_stop",
  bridgeList: "bridge_list",
  bridgeSet: "bridge_set",
  engineHomeSet: "engine_home_set",
  settingsSave: "settings_save",
  notificationWords: "notification_words",
  notificationTry: "notification_try",
  providerCatalogue: "provider_catalogue",
  providerModels: "provider_models",
  localServers: "local_servers",
  providerProbe: "provider_probe",
  providerConnect: "provider_connect",
  providerRemove: "provider_remove",
  keySet: "key_set",
  keyRemove: "key_remove",
  keysForgetAll: "keys_forget_all",
  keysRenew: "keys_renew",
  keychain: "keychain",
  providerTest: "provider_test",
  providerTestStop: "provider_test_stop",
  providerUsage: "provider_usage",
  providerAllowMore: "provider_allow_more",
  signInBegin: "sign_in_begin",
  signInPaste: "sign_in_paste",
  signInStop: "sign_in_stop",
  pairingList: "pairing_list",
  pairingCheckAddress: "pairing_check_address",
  pairingCreate: "pairing_create",
  pairingRenew: "pairing_renew",
  pairingUpdate: "pairing_update",
  pairingPause: "pairing_pause",
  pairingResume: "pairing_resume",
  pairingSync: "pairing_sync",
  pairingRevoke: "pairing_revoke",
  pairingShare: "pairing_share",
  pairingUnshare: "pairing_unshare",
  pairingPreview: "pairing_preview",
  pairingAudit: "pairing_audit",
  pairingAuditExport: "pairing_audit_export",
  remoteAskAnswer: "remote_ask_answer",
  linkOpen: "link_open",
} as const satisfies Record<keyof Commands, string>;

export const streamNames = {
  subscribe: "subscribe",
} as const satisfies Record<keyof Streams, string>;

/** What each limit of a folder may be set to, in the order they are listed in. */
export const limitRanges = {
  memory: { least: 1073741824, usual: 12884901888, most: 1099511627776 },
  processes: { least: 128, usual: 4096, most: 32768 },
  openFiles: { least: 1024, usual: 16384, most: 1048576 },
  fileSize: { least: 1073741824, usual: 17179869184, most: 4398046511104 },
  processor: { least: 3600, usual: 14400, most: 2592000 },
  backgroundProcessor: { least: 3600, usual: 3600, most: 2592000 },
} as const satisfies Record<LimitName, { least: number; usual: number; most: number }>;

/** What holds where the person set nothing. */
export const defaultSettings: Settings = {
  "theme": "system",
  "moreContrast": false,
  "density": "cozy",
  "interfaceSize": 100,
  "readingSize": 100,
  "codeSize": 100,
  "zoom": 100,
  "reduceMotion": false,
  "language": null,
  "defaultModel": null,
  "smallModel": null,
  "defaultAgent": null,
  "reviewOpen": false,
  "sidebarHidden": false,
  "notifyEnded": true,
  "notifyAsks": true,
  "notifyFailed": true,
  "notifyContent": true,
  "restartFailures": 5,
  "restartWindow": 120,
  "memoryLimit": 3072,
  "requestCap": 2000,
  "journalDays": 30,
  "logDays": 7,
  "answeredDays": 90,
  "usageDays": 400,
  "logLevel": "info",
  "logFormat": "text"
};

/** What each number of the settings may be, and what a button makes of it, up or down. */
export const settingRanges = {
  interfaceSize: { least: 80, most: 150, step: 10 },
  readingSize: { least: 80, most: 200, step: 10 },
  codeSize: { least: 80, most: 200, step: 10 },
  zoom: { least: 50, most: 200, step: 10 },
  restartFailures: { least: 1, most: 50, step: 1 },
  restartWindow: { least: 10, most: 3600, step: 10 },
  memoryLimit: { least: 512, most: 65536, step: 256 },
  requestCap: { least: 10, most: 1000000, step: 100 },
  journalDays: { least: 1, most: 365, step: 1 },
  logDays: { least: 1, most: 90, step: 1 },
  answeredDays: { least: 1, most: 400, step: 1 },
  usageDays: { least: 31, most: 400, step: 1 },
} as const satisfies { [Name in keyof Settings]?: { least: number; most: number; step: number } };
