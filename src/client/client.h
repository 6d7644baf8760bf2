// The client library as other programs use it; docs/client.md shows how. Everything else in this
// directory serves these headers or the command line, and may change.
//
//   endpoint.h         ParseServerUrl: where a server is
//   timeouts.h         how long to wait for what
//   session.h          Session: login, tokens, SQL with parameters; sql_reply.h is the answer
//   live_connection.h  LiveConnection: live queries over one WebSocket
//   topic_consumer.h   TopicConsumer: messages of a topic for a consumer group
//
// Errors are values (base/status.h): a Status says what went wrong, a Result<T> holds a T or a
// Status. Objects belong to one thread at a time; different objects share nothing.
#pragma once

#include "client/endpoint.h"
#include "client/live_connection.h"
#include "client/session.h"
#include "client/sql_reply.h"
#include "client/timeouts.h"
#include "client/topic_consumer.h"
