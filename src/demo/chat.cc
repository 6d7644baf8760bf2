// A message is written twice, once into the box of each: a USER table gives everybody rows of their
// own. The second copy is written for the other by a service, with EXECUTE AS USER.
#include "demo/chat.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "client/json.h"
#include "client/live_connection.h"
#include "client/text.h"

namespace kalamdb::demo {
namespace {

using client::LiveEvent;
using client::QuoteLiteral;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kPatience = seconds(10);
// How long nothing may arrive before it counts as "nothing arrives".
constexpr milliseconds kSilence{300};
constexpr const char* kLiveQuery = "SELECT * FROM demo.messages";

struct Said {
  int speaker;
  const char* text;
};
constexpr std::array kConversation = {
    Said{0, "Hi Bob, are you there?"},
    Said{1, "Hi Ann, I saw it at once."},
    Said{0, "Nobody polls here: the server pushed it."},
    Said{1, "And nobody else can read it?"},
    Said{0, "Rows of a USER table belong to one user."},
    Said{1, "Then let us keep it that way."},
};

Result<std::string> RandomPassword() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return InternalError("the system gives no random bytes");
  }
  std::string text;
  for (const unsigned char b : bytes) text += fmt::format("{:02x}", b);
  return text;
}

struct Person {
  std::string name;
  std::unique_ptr<client::Session> session;
  std::unique_ptr<client::LiveConnection> live;
};

Status MakeAccount(client::Session* root, const std::string& name, const std::string& password) {
  const std::string quoted = QuoteLiteral(name);
  KDB_ASSIGN_OR_RETURN(const client::SqlReply reply,
                       root->Execute(fmt::format("CREATE USER {} WITH PASSWORD {} ROLE user",
                                                 quoted, QuoteLiteral(password))));
  if (reply.ok()) return Status::Ok();
  if (client::AsciiLower(reply.error->message).find("already exists") == std::string::npos)
    return reply.ToStatus();
  return root->Query(fmt::format("ALTER USER {} SET PASSWORD {}", quoted, QuoteLiteral(password)))
      .status();
}

Result<Person> Enter(client::Session* root, const std::string& name) {
  KDB_ASSIGN_OR_RETURN(const std::string password, RandomPassword());
  KDB_RETURN_IF_ERROR(MakeAccount(root, name, password));
  Person person;
  person.name = name;
  const client::HttpClient& http = root->http();
  person.session = std::make_unique<client::Session>(http.endpoint(), http.timeouts());
  KDB_RETURN_IF_ERROR(person.session->Login(name, password));
  KDB_ASSIGN_OR_RETURN(person.live, client::LiveConnection::Open(
                                        http.endpoint(), person.session->tokens().access_token,
                                        http.timeouts(), false));
  KDB_RETURN_IF_ERROR(person.live->Subscribe(name, kLiveQuery, {}));
  // Live from the batch that says so.
  for (;;) {
    KDB_ASSIGN_OR_RETURN(const LiveEvent event, person.live->Next(client::In(kPatience)));
    if (event.kind == LiveEvent::Kind::kBatch && !event.has_more) return person;
    if (event.kind == LiveEvent::Kind::kError || event.kind == LiveEvent::Kind::kClosed) {
      return ExecutionError(
          fmt::format("{} cannot subscribe: {} {}", name, event.code, event.message));
    }
    if (event.kind == LiveEvent::Kind::kTimeout)
      return Status(ErrorCode::kTimeout, "no snapshot in time");
  }
}

class Chat {
 public:
  Chat(client::Session* root, std::array<Person, 2> people, Report* report)
      : root_(root), people_(std::move(people)), report_(report) {}

  Status Run() {
    for (const Said& said : kConversation) {
      KDB_RETURN_IF_ERROR(Say(said));
    }
    report_->Line("");
    for (int i = 0; i < 2; ++i) KDB_RETURN_IF_ERROR(CheckOwnRowsOnly(i));
    CheckNothingElseArrived();
    KDB_RETURN_IF_ERROR(CheckOthersAreRefused());
    const double median = Median(&latencies_);
    report_->Line(fmt::format(
        "\n   from the request to the row on the subscriber's socket: median {:.2f} ms, slowest "
        "{:.2f} ms;\n   the writer's own answer (on disk) took {:.2f} ms, the row was read {:.2f} "
        "ms "
        "after it (medians)",
        median, latencies_.back(), Median(&answers_), Median(&behind_)));
    return Status::Ok();
  }

 private:
  static double Median(std::vector<double>* values) {
    std::sort(values->begin(), values->end());
    return (*values)[values->size() / 2];
  }

  Status Say(const Said& said) {
    Person& speaker = people_[static_cast<size_t>(said.speaker)];
    Person& listener = people_[static_cast<size_t>(1 - said.speaker)];
    const auto insert = [&said](const Person& peer) {
      return fmt::format("INSERT INTO demo.messages (peer, body) VALUES ({}, {})",
                         QuoteLiteral(peer.name), QuoteLiteral(said.text));
    };
    const auto begin = Report::Clock::now();
    KDB_RETURN_IF_ERROR(speaker.session->Query(insert(listener)).status());
    answers_.push_back(Report::Since(begin));
    KDB_RETURN_IF_ERROR(Await(&speaker, said.text, begin));
    const auto delivered = Report::Clock::now();
    KDB_RETURN_IF_ERROR(root_
                            ->Query(fmt::format("EXECUTE AS USER {} ({})",
                                                QuoteLiteral(listener.name), insert(speaker)))
                            .status());
    answers_.push_back(Report::Since(delivered));
    KDB_RETURN_IF_ERROR(Await(&listener, said.text, delivered));
    report_->Line(fmt::format("   {:>8}: {:<45} in {}'s window after {:.2f} ms", speaker.name,
                              said.text, listener.name, latencies_.back()));
    return Status::Ok();
  }

  // The next change of this person's live query is the insert of that text.
  Status Await(Person* person, std::string_view text, Report::Clock::time_point begin) {
    KDB_ASSIGN_OR_RETURN(const LiveEvent event, person->live->Next(client::In(kPatience)));
    latencies_.push_back(Report::Since(begin));
    behind_.push_back(latencies_.back() - answers_.back());
    const bool right = event.kind == LiveEvent::Kind::kInsert && event.rows.size() == 1 &&
                       event.rows[0].is_object() &&
                       client::StringMember(event.rows[0].get_object(), "body") == text;
    if (right) return Status::Ok();
    return ExecutionError(fmt::format("{} expected '{}' and got something else: {} {}",
                                      person->name, text, event.message,
                                      client::CompactJson(event.rows)));
  }

  Status CheckOwnRowsOnly(int index) {
    const Person& self = people_[static_cast<size_t>(index)];
    const Person& other = people_[static_cast<size_t>(1 - index)];
    KDB_ASSIGN_OR_RETURN(const client::SqlReply reply,
                         self.session->Query("SELECT peer, body FROM demo.messages ORDER BY id"));
    const client::SqlResult& result = reply.results.at(0);
    bool right = result.row_count == static_cast<int64_t>(kConversation.size());
    for (size_t row = 0; right && row < kConversation.size(); ++row) {
      right = result.Text(row, 0) == other.name && result.Text(row, 1) == kConversation[row].text;
    }
    report_->Expect(right, fmt::format("{} reads {} messages with SELECT, all of them their own",
                                       self.name, result.row_count));
    return Status::Ok();
  }

  void CheckNothingElseArrived() {
    for (Person& person : people_) {
      const Result<LiveEvent> event = person.live->Next(client::In(kSilence));
      report_->Expect(
          event.ok() && event->kind == LiveEvent::Kind::kTimeout,
          fmt::format("{}'s socket got nothing that belongs to the other", person.name));
    }
  }

  // A bystander of the same role sees an empty table.
  Status CheckOthersAreRefused() {
    KDB_ASSIGN_OR_RETURN(const client::SqlReply mine,
                         root_->Query("SELECT COUNT(*) FROM demo.messages"));
    report_->Expect(mine.results.at(0).Text(0, 0) == "0", "root's own rows of the table: none");
    KDB_ASSIGN_OR_RETURN(
        const client::SqlReply reply,
        people_[0].session->Execute("EXECUTE AS USER 'demo_bob' (SELECT * FROM demo.messages)"));
    report_->Expect(!reply.ok(), "demo_ann may not act as demo_bob");
    return Status::Ok();
  }

  client::Session* root_;
  std::array<Person, 2> people_;
  Report* report_;
  // Milliseconds: request to arrival, request to answer, answer to arrival.
  std::vector<double> latencies_;
  std::vector<double> answers_;
  std::vector<double> behind_;
};

}  // namespace

Status RunChat(client::Session* root, Report* report) {
  const auto begin = Report::Clock::now();
  KDB_ASSIGN_OR_RETURN(Person ann, Enter(root, "demo_ann"));
  KDB_ASSIGN_OR_RETURN(Person bob, Enter(root, "demo_bob"));
  report->Line(fmt::format("   two accounts, two logins, two live queries \"{}\": {:.0f} ms\n",
                           kLiveQuery, Report::Since(begin)));
  return Chat(root, {std::move(ann), std::move(bob)}, report).Run();
}

}  // namespace kalamdb::demo
