import type { Block, BlockContent, Conversation, FileDiff, Html, Lane, Message, OutputView, PermissionCard, QuestionCard, ToolView, TurnFailure } from "../backend";

/*
 * Conversations to look at in a browser and to test with, by the sessions of the fake core. What they hold as HTML was
 * written by hand; in the app only the core makes it.
 */

const html = (written: string): Html => written as Html;
const ended = { tokens: 0, cost: 0 };

let made = 0;
const nextId = (kind: string) => {
  made += 1;
  return `${kind}-${made}`;
};

export function block(content: BlockContent): Block {
  return { id: nextId("block"), content };
}

export function prose(...written: string[]): Block {
  return block({ kind: "text", plain: "", html: written.map((piece) => ({ frame: { kind: "html" }, pieces: [html(piece)] })), open: false });
}

export function person(plain: string, created = Date.now()): Message {
  return {
    id: nextId("message"),
    author: "person",
    prompt: null,
    agent: "build",
    model: null,
    scripted: false,
    created,
    completed: created,
    usage: ended,
    failure: null,
    interrupted: false,
    blocks: [block({ kind: "text", plain, html: [], open: false })],
  };
}

export function answer(blocks: Block[], more: Partial<Message> = {}): Message {
  return {
    id: nextId("message"),
    author: "agent",
    prompt: null,
    agent: "build",
    model: "local/qwen3-coder-30b",
    scripted: false,
    created: Date.now() - 72_000,
    completed: null,
    usage: ended,
    failure: null,
    interrupted: false,
    blocks,
    ...more,
  };
}

/** A text of a call as the core shows it, without looks. */
export function printed(text: string, more: Partial<OutputView> = {}): OutputView {
  return { spans: text === "" ? [] : [{ text, look: "" }], bytes: text.length, lines: text.replace(/\n$/, "").split("\n").length, cut: false, ...more };
}

export function tool(more: Partial<ToolView>): ToolView {
  return {
    shape: "read",
    name: "read",
    mark: "done",
    target: null,
    description: null,
    arguments: null,
    output: { spans: [], bytes: 0, lines: 0, cut: false },
    shortened: false,
    command: null,
    error: null,
    change: null,
    exit: null,
    started: 1000,
    ended: 1100,
    ...more,
  };
}

export const toolBlock = (more: Partial<ToolView>): Block => block({ kind: "tool", tool: tool(more) });

export function lane(more: Partial<Lane>): Block {
  return block({
    kind: "lane",
    lane: { session: null, agent: "explore", task: "", mark: "running", activity: "", tokens: 0, error: null, started: 1000, ended: null, lanes: [], ...more },
  });
}

export function permission(more: Partial<PermissionCard> = {}): PermissionCard {
  return {
    id: "ask-1",
    session: "flaky-retry",
    subagent: null,
    place: null,
    subject: "shell",
    tool: null,
    command: "npm test -- retry --repeat 40",
    path: null,
    leadsTo: null,
    change: null,
    patterns: ["npm test -- retry --repeat 40"],
    agent: "build",
    runs: ["npm test"],
    dangers: [],
    permission: "bash",
    always: [{ pattern: "npm *", choices: ["npm test -- retry --repeat 40", "npm *"] }],
    reason: "asksFirst",
    rule: { permission: "bash", pattern: "*" },
    destructive: false,
    overruled: false,
    ...more,
  };
}

export function question(more: Partial<QuestionCard> = {}): QuestionCard {
  return {
    id: "question-1",
    session: "rate-limit",
    subagent: null,
    place: null,
    questions: [
      {
        header: "Callers",
        text: "Which callers should pin the random source?",
        choices: [
          { label: "Tests only", description: "Production keeps real jitter. Recommended." },
          { label: "Tests and the queue worker", description: "The worker retries in lockstep; simpler logs, more load at once." },
          { label: "Everywhere", description: "No jitter at all." },
        ],
        multiple: false,
        custom: true,
      },
    ],
    ...more,
  };
}

export function conversation(session: string, messages: Message[], more: Partial<Conversation> = {}): Conversation {
  return {
    session,
    revision: 1,
    before: 0,
    moreBefore: false,
    after: 0,
    messages,
    status: { state: { kind: "idle" }, since: null, usage: ended, contextUsed: 0, contextSize: 0, failure: null, repeated: null },
    permissions: [],
    questions: [],
    todos: [],
    reverted: null,
    draft: "",
    ...more,
  };
}

const retryDiff: FileDiff = {
  path: "src/net/retry.ts",
  additions: 5,
  deletions: 2,
  pages: 1,
  more: 0,
  bytes: 0,
  lines: [
    { kind: "same", old: 1, new: 1, html: html('<span class="k">import</span> <span class="p">{</span> sleep <span class="p">}</span> <span class="k">from</span> <span class="s">"./sleep"</span><span class="p">;</span>'), goesOn: false },
    { kind: "added", old: null, new: 2, html: html('<span class="k">import</span> <span class="p">{</span> isTransient <span class="p">}</span> <span class="k">from</span> <span class="s">"./errors"</span><span class="p">;</span>'), goesOn: false },
    { kind: "same", old: 2, new: 3, html: html(""), goesOn: false },
    { kind: "same", old: 3, new: 4, html: html('<span class="k">const</span> JITTER_MS <span class="p">=</span> <span class="n">250</span><span class="p">;</span>'), goesOn: false },
    { kind: "gap", old: null, new: 9, html: html(""), goesOn: false },
    { kind: "same", old: 13, new: 14, html: html('<span class="k">export async function</span> <span class="f">retry</span><span class="p">&lt;</span><span class="t">T</span><span class="p">&gt;(</span>'), goesOn: false },
    { kind: "removed", old: 14, new: null, html: html('  options<span class="p">:</span> <span class="t">RetryOptions</span> <span class="p">= {},</span>'), goesOn: false },
    { kind: "added", old: null, new: 15, html: html('  <span class="p">{</span> random <span class="p">=</span> Math.random<span class="p">, ...</span>options <span class="p">}:</span> <span class="t">RetryOptions</span> <span class="p">= {},</span>'), goesOn: false },
    { kind: "same", old: 15, new: 16, html: html('<span class="p">):</span> <span class="t">Promise</span><span class="p">&lt;</span><span class="t">T</span><span class="p">&gt; {</span>'), goesOn: false },
    { kind: "added", old: null, new: 17, html: html('      <span class="k">if</span> <span class="p">(!</span><span class="f">isTransient</span><span class="p">(</span>error<span class="p">))</span> <span class="k">throw</span> error<span class="p">;</span>'), goesOn: false },
    { kind: "removed", old: 16, new: null, html: html('      <span class="k">await</span> <span class="f">sleep</span><span class="p">(</span><span class="f">backoffFor</span><span class="p">(</span>n<span class="p">));</span>'), goesOn: false },
    { kind: "added", old: null, new: 18, html: html('      <span class="k">await</span> <span class="f">sleep</span><span class="p">(</span><span class="f">backoffFor</span><span class="p">(</span>n<span class="p">,</span> random<span class="p">));</span>'), goesOn: false },
  ],
};
const errorsDiff: FileDiff = {
  path: "src/net/errors.ts",
  additions: 1,
  deletions: 0,
  pages: 1,
  more: 0,
  bytes: 0,
  lines: [{ kind: "added", old: null, new: 8, html: html('<span class="k">export const</span> isTransient <span class="p">=</span> <span class="p">(</span>error<span class="p">:</span> <span class="t">unknown</span><span class="p">)</span> <span class="p">=&gt;</span> error <span class="k">instanceof</span> <span class="t">NetworkError</span><span class="p">;</span>'), goesOn: false }],
};

const codeBlock: Block = block({
  kind: "text",
  plain: "",
  open: false,
  html: [
    { frame: { kind: "html" }, pieces: [html("<h2>Why it is flaky</h2>")] },
    { frame: { kind: "html" }, pieces: [html("<p><code>backoffFor</code> adds up to 250 ms of jitter from <code>Math.random</code>, and the test waits a fixed 300 ms. About one run in nine falls outside. Two more things surfaced on the way:</p>")] },
    { frame: { kind: "html" }, pieces: [html('<ul><li>A <code>401</code> was retried five times; only transient errors should be. See <a href="https://example.com/retries" rel="noopener noreferrer">how retries work</a>.</li><li>Three callers pass options by position, so the <strong>signature has to stay</strong>.</li></ul>')] },
    {
      frame: { kind: "table" },
      pieces: [
        html('<tr><th>Attempt</th><th class="num">Base</th><th class="num">Now, with jitter</th><th class="num">Pinned in tests</th></tr>'),
        html('<tr><td>First retry</td><td class="num">100 ms</td><td class="num">100–350 ms</td><td class="num">225 ms</td></tr><tr><td>Second retry</td><td class="num">200 ms</td><td class="num">200–450 ms</td><td class="num">325 ms</td></tr>'),
      ],
    },
    { frame: { kind: "html" }, pieces: [html("<p>The smallest fix hands the random source in, with today’s behaviour as its default:</p>")] },
    {
      frame: { kind: "code", language: "typescript" },
      pieces: [
        html('<span class="k">export function</span> <span class="f">backoffFor</span><span class="p">(</span>attempt<span class="p">:</span> <span class="t">number</span><span class="p">,</span> random <span class="p">=</span> Math<span class="p">.</span>random<span class="p">):</span> <span class="t">number</span> <span class="p">{</span>\n'),
        html('  <span class="k">return</span> base <span class="p">+</span> random<span class="p">()</span> <span class="p">*</span> JITTER_MS<span class="p">;</span> <span class="c">// pinned to 0.5 in tests</span>\n<span class="p">}</span>\n'),
      ],
    },
  ],
});

const now = Date.now();

const firstTurn: Message[] = [
  person("The retry tests fail about one run in ten on CI. Find out why and fix it, starting from src/net/retry.ts.", now - 600_000),
  answer(
    [
      block({ kind: "reasoning", html: [{ frame: { kind: "html" }, pieces: [html("<p>The test waits a fixed 300 ms, but the jitter can add up to 250 ms on top of the base.</p>")] }], firstLine: "The test waits a fixed 300 ms, but the jitter can add up to 250 ms on top of the base", started: 0, ended: 14_000, open: false }),
      toolBlock({ target: "src/net/retry.ts" }),
      toolBlock({ target: "src/net/errors.ts" }),
      toolBlock({ target: "test/net/retry.test.ts" }),
      toolBlock({ shape: "search", name: "grep", target: "backoffFor\\(" }),
      toolBlock({ shape: "shell", name: "bash", target: "npm test -- retry --repeat 40", exit: 1, ended: 19_400, output: printed("✕ waits between attempts (run 11 of 40)\n  Expected elapsed < 300, received 347\n  at test/net/retry.test.ts:31:23\n", { bytes: 18_240, lines: 412, cut: true }) }),
      codeBlock,
    ],
    { created: now - 600_000, completed: now - 540_000, interrupted: true, usage: { tokens: 9100, cost: 0.2 } },
  ),
];

const secondTurn: Message[] = [
  person("Continue with the pinned random source. Ask before you touch the queue worker.", now - 72_000),
  answer([
    block({ kind: "reasoning", html: [{ frame: { kind: "html" }, pieces: [html("<p>The default argument keeps the three positional callers working. <code>isTransient</code> exists in <code>errors.ts</code> already, so I should use it and not write a second one.</p>")] }], firstLine: "The default argument keeps the three positional callers working.", started: 0, ended: 6000, open: false }),
    toolBlock({ shape: "plan", name: "todowrite" }),
    lane({ session: "child-explore", task: "Find every caller of backoffFor", mark: "done", activity: "7 callers in 4 files, none depends on the exact delay", tokens: 12_400, ended: 39_000 }),
    lane({ session: "child-review", agent: "review", task: "Check the queue worker for the same mistake", activity: "Reading src/queue/worker.ts", tokens: 6100, started: now - 41_000 }),
    toolBlock({ shape: "edit", name: "edit", target: "src/net/retry.ts", change: retryDiff, ended: 1200 }),
    toolBlock({ shape: "edit", name: "edit", target: "src/net/errors.ts", change: errorsDiff, ended: 1200 }),
    toolBlock({ shape: "shell", name: "bash", mark: "running", target: "npm run lint -- --max-warnings 0", started: now - 7000, ended: null, output: printed("> atlas-api@4.2.0 lint\nChecked 214 of 318 files\n✓ src/net no problems\n") }),
    block({ kind: "text", plain: "", open: true, html: [{ frame: { kind: "html" }, pieces: [html("<p>The random source is now handed in and defaults to today’s behaviour, so no caller changes. Next I run the suite to prove it, then</p>")] }] }),
  ], { created: now - 72_000, usage: { tokens: 18_200, cost: 0.11 } }),
];

const working: Conversation["status"] = {
  state: { kind: "working" },
  since: now - 72_000,
  usage: { tokens: 76_000, cost: 0.42 },
  contextUsed: 76_000,
  contextSize: 200_000,
  failure: null,
  repeated: null,
};
const todos: Conversation["todos"] = [
  { text: "Hand the random source into backoffFor", mark: "done" },
  { text: "Retry only transient errors", mark: "done" },
  { text: "Run the whole suite 40 times", mark: "now" },
  { text: "Summarise the change for the pull request", mark: "todo" },
];

const failed = (session: string, failure: TurnFailure): Conversation =>
  conversation(session, [person("Bring the service to Node 24."), answer([prose("<p>I begin with the engines field.</p>")], { completed: now, failure })], {
    status: { ...working, state: { kind: "idle" }, since: null, failure },
  });

/** A block of code as the core renders it. */
export function code(language: string | null, ...written: string[]): Block {
  return block({ kind: "text", plain: "", open: false, html: [{ frame: { kind: "code", language }, pieces: written.map((piece) => html(piece)) }] });
}

const nasty = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

/** Conversations to look at, by the sessions of the fake core. */
export const conversations: Conversation[] = [
  conversation("flaky-retry", [...firstTurn, ...secondTurn], {
    before: 24,
    moreBefore: false,
    after: 0,
    status: working,
    todos,
    permissions: [permission(), permission({ id: "ask-2", subagent: "review", subject: "edit", command: null, path: "src/queue/worker.ts", change: { ...errorsDiff, path: "src/queue/worker.ts" }, patterns: ["src/queue/worker.ts"], permission: "edit", rule: { permission: "edit", pattern: "*" }, runs: [], always: [{ pattern: "src/queue/worker.ts", choices: ["src/queue/worker.ts", "src/queue/*", "*"] }] })],
  }),
  conversation("split-queue", [person("Clean the old build folders away."), answer([toolBlock({ shape: "list", name: "list", target: "build" })])], {
    status: working,
    permissions: [permission({ id: "ask-3", session: "split-queue", command: "rm -rf build/old build/tmp && git clean -fd", runs: ["rm", "git clean"], always: [], destructive: true, dangers: [{ kind: "deletesFiles", part: "rm -rf build/old build/tmp", from: 0, to: 26 }, { kind: "discardsWork", part: "git clean -fd", from: 30, to: 43 }] })],
  }),
  conversation("rate-limit", structuredClone(secondTurn), {
    status: working,
    todos,
    questions: [
      question(),
      question({ id: "question-2", questions: [...question().questions, { header: "Checks", text: "Which checks should run?", choices: [{ label: "Unit", description: "" }, { label: "Lint", description: "Takes a minute." }], multiple: true, custom: false }] }),
    ],
  }),
  conversation("invoices", structuredClone(secondTurn), {
    status: { ...working, state: { kind: "retrying", attempt: 2, message: "The provider is overloaded.", next: now + 60_000 } },
    todos,
  }),
  conversation("image-sizes", [person("Which images are too large on a phone?", now - 8000), answer([block({ kind: "reasoning", html: [], firstLine: "Looking for the largest files first", started: now - 6000, ended: null, open: true })])], {
    status: { ...working, since: now - 8000, contextUsed: 180_000 },
  }),
  conversation("node-24", failed("node-24", { kind: "unauthorized", message: '{"error":{"message":"invalid api key"}}', status: 401 }).messages, {
    status: failed("node-24", { kind: "unauthorized", message: '{"error":{"message":"invalid api key"}}', status: 401 }).status,
  }),
  conversation("changelog", [person("Translate the changelog."), answer([prose("<p>The first three entries are done.</p>")], { interrupted: true, completed: now - 3_600_000 })], {
    status: { ...working, state: { kind: "interrupted" }, since: null },
    draft: "And keep the dates as they are.",
  }),
  conversation("demo", [person("Show me around"), answer([prose("<p>This folder is thrown away when you are done with it. I read its one file first.</p>"), toolBlock({ target: "notes.md" })], { scripted: true, completed: Date.now(), usage: { tokens: 1200, cost: 0 } })]),
  conversation("long-title", [person(nasty), answer([toolBlock({ shape: "shell", name: "bash", target: nasty, output: printed(nasty) }), toolBlock({ shape: "other", name: "mcp_search", mark: "failed", target: "x".repeat(300), error: printed(`The server answered: ${nasty}`), arguments: printed('{\n  "query": "retention"\n}') }), toolBlock({ shape: "fetch", name: "webfetch", mark: "denied", target: "https://example.com" }), block({ kind: "compaction" }), block({ kind: "file", file: { name: "contract.pdf", mediaType: "application/pdf" } })], { completed: Date.now(), failure: { kind: "stopped", message: "", status: null } })]),
  conversation("deploy-script", [
    person("What does the script do with its arguments? Show me with something that I can run."),
    answer(
      [
        prose("<p>It takes the first as the target and hands the others on. In Python:</p>"),
        code("python", '<span class="k">import</span> sys\n\n', '<span class="k">for</span> argument <span class="k">in</span> sys<span class="p">.</span>argv<span class="p">[</span><span class="n">1</span><span class="p">:]:</span>\n    <span class="f">print</span><span class="p">(</span>argument<span class="p">)</span>\n'),
        prose("<p>The same in C, and one that waits for ever:</p>"),
        code("c", '<span class="t">int</span> <span class="f">main</span><span class="p">(</span><span class="t">void</span><span class="p">) {</span> syntax error <span class="p">}</span>\n'),
        code("sh", '<span class="c"># for ever</span>\n<span class="k">while</span> true<span class="p">;</span> <span class="k">do</span> sleep 1<span class="p">;</span> <span class="k">done</span>\n'),
        code("toml", 'target = <span class="s">"staging"</span>\n'),
      ],
      { completed: now },
    ),
  ]),
  conversation("pricing-copy", []),
];
