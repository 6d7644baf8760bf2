// One array; every text is a file as it is written.
#include "cli/agent_templates.h"

namespace kalamdb::cli {
namespace {

constexpr std::string_view kPackageJson = R"({
  "name": "{{NAME}}",
  "version": "0.1.0",
  "private": true,
  "type": "module",
  "engines": { "node": ">=20" },
  "scripts": {
    "preinstall": "sh scripts/ensure-sdk.sh",
    "setup": "sh setup.sh",
    "start": "tsx --env-file=.env src/agent.ts",
    "check": "tsc --noEmit"
  },
  "dependencies": {
    "@kalamdb/client": "*",
    "@kalamdb/consumer": "*"
  },
  "optionalDependencies": {
    "@langchain/openai": "^0.3.0"
  },
  "devDependencies": {
    "@types/node": "^20.0.0",
    "tsx": "^4.0.0",
    "typescript": "^5.4.0"
  }
}
)";

constexpr std::string_view kTsConfig = R"({
  "compilerOptions": {
    "target": "ES2022",
    "module": "NodeNext",
    "moduleResolution": "NodeNext",
    "strict": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["src"]
}
)";

constexpr std::string_view kEnvExample = R"(# Copied to .env by setup.sh; never commit that file.
KALAMDB_URL=http://localhost:8080
# An account with the role service, dba or system: only those read topics.
KALAMDB_USER=root
KALAMDB_PASSWORD=
KALAMDB_TOPIC={{TOPIC}}
KALAMDB_GROUP={{GROUP}}
# Without a key the agent takes the first sentences instead of asking a model.
OPENAI_API_KEY=
OPENAI_MODEL=gpt-4o-mini
)";

constexpr std::string_view kGitIgnore = R"(node_modules/
.env
)";

constexpr std::string_view kSetupSql = R"(-- What the agent works on. Can be run again.
CREATE NAMESPACE IF NOT EXISTS {{NAMESPACE}};

CREATE TABLE IF NOT EXISTS {{TABLE}} (
  {{ID}} BIGINT PRIMARY KEY DEFAULT SNOWFLAKE_ID(),
  {{INPUT}} TEXT NOT NULL,
  {{OUTPUT}} TEXT,
  agent_input_hash TEXT
) WITH (TYPE = 'SHARED');

CREATE TABLE IF NOT EXISTS {{TABLE}}_agent_failures (
  run_key TEXT PRIMARY KEY,
  row_id TEXT,
  error TEXT,
  failed_at TIMESTAMP DEFAULT NOW()
) WITH (TYPE = 'SHARED');

CREATE TOPIC {{TOPIC}};
ALTER TOPIC {{TOPIC}} ADD SOURCE {{TABLE}} ON INSERT WITH (payload = 'full');
ALTER TOPIC {{TOPIC}} ADD SOURCE {{TABLE}} ON UPDATE WITH (payload = 'full');

INSERT INTO {{TABLE}} ({{INPUT}}) VALUES
  ('KalamDB gives every user a private live database. Changes arrive as they happen. This row is an example.');
)";

constexpr std::string_view kSetupSh = R"sh(#!/bin/sh
# Makes the tables and the topic. Needs the program kalam and a running server.
set -eu
cd "$(dirname "$0")"
[ -f .env ] || cp .env.example .env
set -a
. ./.env
set +a
kalam --url "$KALAMDB_URL" --user "$KALAMDB_USER" --password "$KALAMDB_PASSWORD" --file setup.sql
echo "Ready. Start the agent with: npm run start"
)sh";

constexpr std::string_view kEnsureSdk = R"sh(#!/bin/sh
# npm install needs the SDK's packages from the registry or, when KALAMDB_SDK names a directory with
# client/ and consumer/, from there.
set -eu
cd "$(dirname "$0")/.."
[ -n "${KALAMDB_SDK:-}" ] || exit 0
for package in client consumer; do
  [ -f "$KALAMDB_SDK/$package/package.json" ] || {
    echo "no package in $KALAMDB_SDK/$package" >&2
    exit 1
  }
  npm pkg set "dependencies.@kalamdb/$package=file:$KALAMDB_SDK/$package"
done
)sh";

constexpr std::string_view kAgent = R"(import { createHash } from 'node:crypto';
import { Auth, createClient } from '@kalamdb/client';
import { createLangChainAdapter, runAgent } from '@kalamdb/consumer';

const env = (name: string, fallback = ''): string => process.env[name] || fallback;

const client = createClient({
  url: env('KALAMDB_URL', 'http://localhost:8080'),
  authProvider: async () => Auth.basic(env('KALAMDB_USER', 'root'), env('KALAMDB_PASSWORD')),
});

const SYSTEM_PROMPT = {{PROMPT}};

async function model() {
  if (!env('OPENAI_API_KEY')) return undefined;
  const { ChatOpenAI } = await import('@langchain/openai');
  return createLangChainAdapter(new ChatOpenAI({ model: env('OPENAI_MODEL', 'gpt-4o-mini') }));
}

function firstSentences(text: string): string {
  return text.split(/(?<=[.!?])\s+/).slice(0, 2).join(' ');
}

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

const llm = await model();
console.log('{{NAME}} ready (topic %s, group %s)', env('KALAMDB_TOPIC', '{{TOPIC}}'), env('KALAMDB_GROUP', '{{GROUP}}'));

await runAgent({
  client,
  name: '{{NAME}}',
  topic: env('KALAMDB_TOPIC', '{{TOPIC}}'),
  groupId: env('KALAMDB_GROUP', '{{GROUP}}'),
  start: 'earliest',
  systemPrompt: SYSTEM_PROMPT,
  llm,
  stopSignal: stop.signal,
  onRow: async (context: any, row: any) => {
    const input = String(row.{{INPUT}} ?? '');
    const hash = createHash('sha256').update(input).digest('hex');
    // The update below comes back as a change: its input is the one that was worked on.
    if (!input || row.agent_input_hash === hash) return;
    const output = context?.llm ? await context.llm.complete(input) : firstSentences(input);
    await client.query(
      'UPDATE {{TABLE}} SET {{OUTPUT}} = $1, agent_input_hash = $2 WHERE {{ID}} = $3',
      [String(output), hash, row.{{ID}}],
    );
  },
  onFailed: async (context: any, error: unknown) => {
    await client.query(
      'INSERT INTO {{TABLE}}_agent_failures (run_key, row_id, error) VALUES ($1, $2, $3) ON CONFLICT (run_key) DO NOTHING',
      [String(context.runKey), String(context.row?.{{ID}} ?? ''), String(error)],
    );
  },
});
)";

constexpr std::string_view kLangChainTypes =
    R"(// The package is optional: this is all of it that the agent uses.
declare module '@langchain/openai' {
  export class ChatOpenAI {
    constructor(options: { model?: string; temperature?: number });
    invoke(messages: unknown): Promise<{ content: unknown }>;
  }
}
)";

constexpr std::string_view kReadme = R"(# {{NAME}}

Reads every inserted or changed row of `{{TABLE}}` from the topic `{{TOPIC}}`, makes `{{OUTPUT}}` of `{{INPUT}}`, and writes it back.

```sh
npm install
npm run setup     # makes tables and topic (setup.sql); copies .env.example to .env
npm run start     # runs until Ctrl+C
```

Put the address of the server, an account and, if you like, `OPENAI_API_KEY` into `.env`. Rows that fail three times are
listed in `{{TABLE}}_agent_failures`. What the model is told stands in `src/agent.ts`.
)";

constexpr AgentTemplate kTemplates[] = {
    {"package.json", kPackageJson},
    {"tsconfig.json", kTsConfig},
    {".env.example", kEnvExample},
    {".gitignore", kGitIgnore},
    {"setup.sql", kSetupSql},
    {"setup.sh", kSetupSh, true},
    {"scripts/ensure-sdk.sh", kEnsureSdk, true},
    {"src/agent.ts", kAgent},
    {"src/langchain-openai.d.ts", kLangChainTypes},
    {"README.md", kReadme},
};

}  // namespace

std::span<const AgentTemplate> AgentTemplates() { return kTemplates; }

}  // namespace kalamdb::cli
