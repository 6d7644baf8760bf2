// Connections that negotiated MessagePack: they hear what JSON connections hear.
#include "../base/msgpack_json.h"
#include "base/inflate.h"
#include "live/gzip.h"
#include "live/wire_writer.h"
#include "live_fixture.h"

namespace kalamdb::live {
namespace {

namespace json = boost::json;

struct Peer {
  RecordingOutbox outbox;
  std::unique_ptr<Session> session;
};

class MsgpackTest : public LiveTest {
 protected:
  ~MsgpackTest() override {
    for (const auto& peer : peers_) peer->session->OnClosed();
    peers_.clear();
  }

  // Of the user that the fixture made; not authenticated without a token.
  Peer* Open(const std::string& query, bool with_token = true) {
    peers_.push_back(std::make_unique<Peer>());
    Peer* peer = peers_.back().get();
    SessionRequest request;
    if (with_token) request.bearer_token = Token();
    request.query = query;
    peer->session = hub_->NewSession(&loop_, &peer->outbox, std::move(request));
    peer->session->OnOpen();
    return peer;
  }
  std::string Token() {
    auth::User user;
    user.id = "user";
    user.role = Role::kUser;
    return authenticator_->Issue(user).access;
  }
  // A connection whose auth_success was read.
  Peer* OpenPacked(const std::string& query = "serialization=msgpack&compress=false") {
    Peer* peer = Open(query);
    EXPECT_NE(peer->outbox.Take().at(0).find(R"("serialization":"msgpack")"), std::string::npos);
    return peer;
  }
  static void Say(Peer* peer, const std::string& message) { peer->session->OnText(message); }
  static void SayPacked(Peer* peer, const std::string& message) {
    peer->session->OnBinary(Packed(message));
  }
  // A flat message in MessagePack.
  static std::string Packed(const std::string& text) {
    std::string out;
    const json::object message = json::parse(text).as_object();
    MsgpackWriter writer(&out);
    writer.BeginMap(message.size());
    for (const auto& member : message) {
      writer.Key(member.key());
      if (member.value().is_int64()) {
        writer.Integer(member.value().get_int64());
      } else {
        writer.Text(member.value().get_string());
      }
    }
    return out;
  }
  // What arrived as JSON values; every frame has to be plain MessagePack in a binary frame.
  static std::vector<json::value> TakePacked(Peer* peer) {
    EXPECT_EQ(peer->outbox.opcodes.find('t'), std::string::npos) << peer->outbox.opcodes;
    std::vector<json::value> out;
    for (const std::string& m : peer->outbox.Take()) out.push_back(MsgpackToJson(m));
    return out;
  }
  static std::vector<json::value> TakeJson(Peer* peer) {
    EXPECT_EQ(peer->outbox.opcodes.find('b'), std::string::npos);
    std::vector<json::value> out;
    for (const std::string& m : peer->outbox.Take()) out.push_back(json::parse(m));
    return out;
  }
  // Both heard the same; returns how much.
  size_t Same(const char* where) {
    loop_.Run();
    RunJobs();
    const auto a = TakeJson(plain_), b = TakePacked(packed_);
    EXPECT_EQ(a.size(), b.size()) << where;
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      EXPECT_TRUE(SameJson(a[i], b[i])) << where << "\n" << a[i] << "\n" << b[i];
    }
    return a.size();
  }
  void SayToBoth(const std::string& message) {
    Say(plain_, message);
    Say(packed_, message);
  }
  void SubscribeBoth(const std::string& id, const std::string& sql, const std::string& options) {
    SayToBoth(fmt::format(R"({{"type":"subscribe","subscription":{{"id":"{}","sql":"{}"{}}}}})", id,
                          sql, options.empty() ? "" : ",\"options\":" + options));
  }
  void FillQueues(size_t bytes) { plain_->outbox.queued = packed_->outbox.queued = bytes; }
  void DrainBoth() {
    FillQueues(0);
    for (Peer* peer : {plain_, packed_}) {
      for (int i = 0; i < 100 && std::exchange(peer->outbox.wants_drained, false); ++i)
        peer->session->OnDrained();
    }
  }

  std::vector<std::unique_ptr<Peer>> peers_;
  Peer* plain_ = nullptr;
  Peer* packed_ = nullptr;
};

TEST_F(MsgpackTest, EveryMessageSaysWhatItsJsonSays) {
  Create(
      "CREATE TABLE app.every (id INT PRIMARY KEY, b BOOLEAN, s SMALLINT, big BIGINT NOT NULL, "
      "f FLOAT, d DOUBLE, num DECIMAL(10, 2), t TEXT, at TIMESTAMP, dt DATETIME, da DATE, ti TIME, "
      "j JSON, bin BYTES, u UUID, e EMBEDDING(3)) WITH (TYPE = 'SHARED', ACCESS_LEVEL = 'PUBLIC')");
  plain_ = Open("compress=false");
  plain_->outbox.Take();
  packed_ = OpenPacked();
  const char* kRow =
      "({}, true, -5, 9007199254740993, 0.1, 1, -0.5, 'gr\u00fc\u00df \"x\"', '2024-05-01 "
      "10:00:00', '1969-01-01 00:00:00', '2024-05-01', '23:59:59', '{{\"a\": [1]}}', "
      "'\\x00ff', '00112233-4455-6677-8899-aabbccddeeff', '[0.5, 1, -2]')";
  for (int i = 1; i <= 5; ++i)
    Change(fmt::format("INSERT INTO every VALUES {}", fmt::format(fmt::runtime(kRow), i)));
  Change("INSERT INTO every (id, big) VALUES (6, 1)");  // the rest is null
  const int64_t middle = shard::SnapshotBoundary(*store_, executor_->shards(),
                                                 *store_->GetSnapshot(), *Table("every"), "")
                             .Take();

  SubscribeBoth("live", "SELECT * FROM app.every", "");
  SubscribeBoth("some \\\"id\\\"", "SELECT t, num, e FROM app.every WHERE s < 100", "{}");
  SubscribeBoth("pages", "SELECT * FROM app.every", R"({"batch_size":4})");
  SubscribeBoth("newest", "SELECT * FROM app.every", R"({"last_rows":2})");
  EXPECT_EQ(Same("subscribing"), 7u);

  Change(fmt::format("INSERT INTO every VALUES {}", fmt::format(fmt::runtime(kRow), 7)));
  Change("UPDATE every SET t = NULL, d = 0.25, bin = NULL WHERE id = 7");
  Change("UPDATE every SET s = 200 WHERE id = 7");  // leaves one filter
  Change("DELETE FROM every WHERE id = 6");
  EXPECT_GT(Same("changes"), 10u);
  // The last page, and the changes that were held back for it.
  SayToBoth(R"({"type":"next_batch","subscription_id":"pages","last_seq_id":null})");
  SayToBoth(
      fmt::format(R"({{"type":"next_batch","subscription_id":"pages","last_seq_id":{}}})", middle));
  EXPECT_GT(Same("the last page"), 4u);

  FillQueues(config_.websocket.max_queued_bytes + 1);
  Change("DELETE FROM every WHERE id = 1");
  Change("UPDATE every SET t = 'caught up' WHERE id = 2");
  EXPECT_EQ(Same("a full queue"), 0u);
  DrainBoth();
  EXPECT_GT(Same("catching up"), 5u);

  SubscribeBoth("resumed", "SELECT * FROM app.every", fmt::format(R"({{"from":{}}})", middle));
  EXPECT_GT(Same("a resume with deletes"), 3u);
}

TEST_F(MsgpackTest, OneEncodingServesEveryConnectionOfItsSerialization) {
  Peer* a = OpenPacked();
  Peer* b = OpenPacked();
  for (Peer* peer : {a, b}) {
    Say(peer, R"({"type":"subscribe","subscription":{"id":"s","sql":"SELECT id FROM app.t"}})");
    EXPECT_EQ(TakePacked(peer).size(), 1u);
  }
  Subscribe("s", "SELECT id FROM app.t");
  Change("INSERT INTO t (id) VALUES (1)");
  EXPECT_EQ(Changes(), Texts({"insert 1"}));
  const auto of_a = TakePacked(a), of_b = TakePacked(b);
  ASSERT_EQ(of_a.size(), 1u);
  EXPECT_EQ(of_a, of_b);
  EXPECT_EQ(of_a[0].at("rows").at(0).at("id"), 1);
}

TEST_F(MsgpackTest, IsAskedForInTheUrlOrInTheFirstMessage) {
  Peer* peer = Open("serialization=MsgPack&compression=none");
  EXPECT_EQ(peer->outbox.opcodes, "t");
  EXPECT_NE(peer->outbox.Take().at(0).find(
                R"("protocol":{"serialization":"msgpack","compression":"none"})"),
            std::string::npos);
  peer = Open("serialization=cbor");
  EXPECT_NE(peer->outbox.Take().at(0).find(R"("serialization":"json")"), std::string::npos);

  // With the first message the URL says nothing.
  peer = Open("serialization=msgpack", false);
  SayPacked(peer, R"({"type":"ping"})");
  EXPECT_NE(peer->outbox.Take().at(0).find("Binary not supported"), std::string::npos);
  Say(peer, fmt::format(R"({{"type":"authenticate","method":"jwt","token":"{}","protocol":
            {{"serialization":"msgpack","compression":"gzip"}}}})",
                        Token()));
  // What is pipelined behind it is answered in the new form already.
  Say(peer, R"({"type":"subscribe","subscription":{"id":"s","sql":"SELECT id FROM app.t"}})");
  EXPECT_EQ(peer->outbox.opcodes, "tb");
  Texts messages = peer->outbox.Take();
  EXPECT_NE(messages.at(0).find(R"("serialization":"msgpack")"), std::string::npos);
  EXPECT_EQ(MsgpackToJson(messages.at(1)).at("type"), "subscription_ack");
  // Said again: the same answer, in text.
  Say(peer, R"({"type":"authenticate","method":"jwt","token":"x"})");
  EXPECT_EQ(peer->outbox.opcodes, "t");
  EXPECT_EQ(peer->outbox.Take().at(0), messages[0]);
}

TEST_F(MsgpackTest, LargeMessagesAreCompressedWhereThatWasNegotiated) {
  Change("INSERT INTO t (id, v) VALUES (1, repeat('x', 2000))");
  const std::string subscribe =
      R"({"type":"subscribe","subscription":{"id":"s","sql":"SELECT * FROM app.t","options":{}}})";
  Peer* plain = OpenPacked("serialization=msgpack&compression=none");
  Peer* gzip = OpenPacked("serialization=msgpack");
  for (Peer* peer : {plain, gzip}) Say(peer, subscribe);
  Change("INSERT INTO t (id, v) VALUES (2, repeat('y', 2000))");
  Change("INSERT INTO t (id) VALUES (3)");
  loop_.Run();
  const auto expected = TakePacked(plain);
  EXPECT_EQ(gzip->outbox.opcodes, std::string(expected.size(), 'b'));
  const Texts frames = gzip->outbox.Take();
  ASSERT_EQ(frames.size(), expected.size());
  size_t compressed = 0;
  for (size_t i = 0; i < frames.size(); ++i) {
    std::string bytes = frames[i];
    if (bytes.starts_with(kGzipMagic)) {
      ++compressed;
      ASSERT_EQ(InflateGzip(frames[i], 1 << 20, &bytes), InflateOutcome::kOk);
      EXPECT_GE(bytes.size(), kGzipThreshold);
    }
    EXPECT_TRUE(SameJson(MsgpackToJson(bytes), expected[i])) << i;
  }
  EXPECT_EQ(compressed, 2u);
}

TEST_F(MsgpackTest, ClientsSpeakEitherWay) {
  Peer* peer = OpenPacked();
  // A subscription is a map within the message.
  std::string subscribe;
  MsgpackWriter writer(&subscribe);
  writer.BeginMap(2);
  writer.Key("type");
  writer.Text("subscribe");
  writer.Key("subscription");
  writer.BeginMap(3);
  writer.Key("id");
  writer.Text("s");
  writer.Key("sql");
  writer.Text("SELECT id FROM app.t");
  writer.Key("options");
  writer.BeginMap(1);
  writer.Key("batch_size");
  writer.Integer(1);
  Change("INSERT INTO t (id) VALUES (1), (2)");
  peer->session->OnBinary(subscribe);
  auto messages = TakePacked(peer);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_TRUE(messages[1].at("batch_control").at("has_more").as_bool());
  SayPacked(peer,
            fmt::format(R"({{"type":"next_batch","subscription_id":"s","last_seq_id":{}}})",
                        messages[1].at("batch_control").at("last_seq_id").to_number<int64_t>()));
  messages = TakePacked(peer);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].at("rows").at(0).at("id"), 2);
  // Compressed.
  std::string packed,
      long_id = Packed(fmt::format(R"({{"type":"unsubscribe","subscription_id":"s","more":"{}"}})",
                                   std::string(2000, 'x')));
  ASSERT_TRUE(GzipIfSmaller(long_id, &packed));
  peer->session->OnBinary(packed);
  EXPECT_EQ(peer->outbox.Take(), Texts());
  EXPECT_EQ(hub_->counters().subscriptions, 0u);
  // And in JSON.
  Say(peer, R"({"type":"subscribe","subscription":{"id":"s","sql":"SELECT id FROM app.t"}})");
  EXPECT_EQ(TakePacked(peer).size(), 1u);
}

TEST_F(MsgpackTest, BytesThatAreNoMessageAreToldAndTheConnectionStays) {
  config_.security.max_ws_message_size = 10'000;
  Peer* peer = OpenPacked();
  std::string bomb, small;
  ASSERT_TRUE(GzipIfSmaller(std::string(10'001, '\xc0'), &bomb));
  ASSERT_TRUE(GzipIfSmaller(std::string(9'000, '\xc0'), &small));
  const std::pair<std::string, const char*> faults[] = {
      {"", R"("code":"UNSUPPORTED_DATA","message":"Invalid MessagePack: )"},
      {"\xc1", R"("code":"UNSUPPORTED_DATA","message":"Invalid MessagePack: )"},
      {Packed(R"({"type":"dance"})"),
       R"("code":"UNSUPPORTED_DATA","message":"Invalid MessagePack: unknown `type`)"},
      {Packed(R"({"type":"unsubscribe"})"),
       R"("code":"UNSUPPORTED_DATA","message":"Invalid MessagePack: missing field `subscription_id`)"},
      {small.substr(0, small.size() - 1),
       R"("code":"UNSUPPORTED_DATA","message":"Failed to decompress binary msgpack")"},
      {"\x1f\x8b", R"("code":"UNSUPPORTED_DATA","message":"Failed to decompress binary msgpack")"},
      {bomb,
       R"("code":"MESSAGE_TOO_LARGE","message":"Message exceeds maximum size of 10000 bytes)"},
  };
  for (const auto& [bytes, told] : faults) {
    peer->session->OnBinary(bytes);
    EXPECT_EQ(peer->outbox.opcodes, "t");
    const Texts messages = peer->outbox.Take();
    ASSERT_EQ(messages.size(), 1u) << told;
    EXPECT_NE(messages[0].find(told), std::string::npos) << messages[0] << "\n" << told;
    EXPECT_NE(messages[0].find(R"("subscription_id":"protocol")"), std::string::npos);
  }
  EXPECT_EQ(peer->outbox.closed, 0);
  // Text that is no JSON is another matter.
  Say(peer, "\x81");
  EXPECT_EQ(peer->outbox.closed, 1011);
}

TEST_F(MsgpackTest, ErrorsAreJsonTextHoweverLong) {
  Peer* peer = OpenPacked("serialization=msgpack");
  Say(peer,
      fmt::format(R"({{"type":"next_batch","subscription_id":"{}"}})", std::string(900, 'x')));
  EXPECT_EQ(peer->outbox.opcodes, "t");
  EXPECT_EQ(json::parse(peer->outbox.Take().at(0)).at("code"), "BATCH_FETCH_FAILED");
}

}  // namespace
}  // namespace kalamdb::live
