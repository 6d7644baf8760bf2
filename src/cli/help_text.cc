// What \help prints.
#include "cli/meta_commands.h"

namespace kalamdb::cli {

std::string_view HelpText() {
  return R"(Basics
  statement;                    run SQL; it may go over several lines
    ... file('path'[, 'mime'])  send a file along
  \help, \?                     this text
  \quit, \q                     leave
  \history, \h                  earlier statements

Meta Commands
  \dt, \tables                  tables
  \d T, \describe T             columns of a table (T or ns.T)
  \format table|json|csv        output format
  \info, \session               this session
  \sessions                     sessions of the server
  \stats, \metrics              figures of the server
  \health                       health of the server
  \flush                        flush all tables to cold storage
  \as USER SQL                  run SQL as another user
  \refresh-tables, \refresh     read table names again

Live Queries
  \subscribe SQL, \watch, \live follow a live query; Ctrl+C ends it
    ... OPTIONS (last_rows=N)   begin with the newest N rows
    ... OPTIONS (batch_size=N)  rows in a batch of the snapshot
  \unsubscribe, \unwatch        (a live query ends with Ctrl+C)

Cluster Commands
  \cluster list                 nodes
  \cluster list groups          raft groups
  \cluster snapshot | purge N | trigger-election | transfer-leader N | rebalance | stepdown
  \cluster clear | join ID RPC API

Credentials
  \show-credentials             what is stored for this instance
  \update-credentials USER PW   log in and store the tokens
  \delete-credentials           forget them

Topic Consumption
  \consume TOPIC                read messages of a topic until Ctrl+C
    --group G                   remember what has been read
    --from earliest|latest|N    where a new group begins (latest)
    --limit N, --timeout S      end after N messages, S seconds

Examples
  CREATE NAMESPACE app;
  CREATE TABLE app.notes (id BIGINT PRIMARY KEY DEFAULT SNOWFLAKE_ID(), body TEXT) WITH (TYPE = 'USER');
  INSERT INTO app.notes (body) VALUES ('hello');
  SELECT * FROM app.notes;
  \live SELECT * FROM app.notes)";
}

}  // namespace kalamdb::cli
