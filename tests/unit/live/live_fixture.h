// Live queries on a real store and a real commit thread; only the sockets are missing. The loop
// runs what was posted, and the workers what was submitted, when a test says so: every interleaving
// can be written down.
#pragma once

#include <deque>
#include <mutex>

#include "../query/query_fixture.h"
#include "auth/authenticator.h"
#include "auth/users.h"
#include "live/hub.h"

namespace kalamdb::live {

class ManualLoop final : public Loop {
 public:
  [[nodiscard]] int index() const override { return 0; }
  void Post(std::function<void()> f) override {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(f));
  }
  void PostLater(std::function<void()> f) override { Post(std::move(f)); }
  void PostFlushed(std::function<void()> f) override { Post(std::move(f)); }
  // Runs what was posted, and what that posts.
  void Run() {
    while (std::function<void()> f = Next()) f();
  }
  // Runs what was posted and not what that posts, as one turn of a loop does. How many there were.
  size_t Turn() {
    std::deque<std::function<void()>> posted;
    {
      std::lock_guard lock(mutex_);
      posted.swap(posted_);
    }
    for (const auto& f : posted) f();
    return posted.size();
  }

 private:
  std::function<void()> Next() {
    std::lock_guard lock(mutex_);
    if (posted_.empty()) return nullptr;
    std::function<void()> f = std::move(posted_.front());
    posted_.pop_front();
    return f;
  }
  std::mutex mutex_;
  std::deque<std::function<void()>> posted_;
};

class RecordingOutbox final : public Outbox {
 public:
  void Send(bool binary, std::string payload) override {
    opcodes.push_back(binary ? 'b' : 't');
    messages.push_back(std::move(payload));
  }
  void SendShared(std::string head, std::shared_ptr<const std::string> body,
                  std::string tail) override {
    Send(false, head + *body + tail);
  }
  void SendSharedBinary(std::string head, std::shared_ptr<const std::string> body,
                        std::string tail) override {
    Send(true, head + *body + tail);
  }
  void Close(int code, std::string_view reason) override {
    closed = code;
    close_reason = reason;
  }
  void NoteCommit(int64_t) override {
    if (on_change) on_change();
  }
  [[nodiscard]] size_t queued_bytes() const override { return queued; }
  void NotifyWhenDrained() override { wants_drained = true; }

  // Messages since the last call.
  std::vector<std::string> Take() {
    opcodes.clear();
    return std::exchange(messages, {});
  }

  std::vector<std::string> messages;
  std::string opcodes;  // of each: t for text, b for binary
  size_t queued = 0;
  bool wants_drained = false;
  int closed = 0;
  std::string close_reason;
  std::function<void()> on_change;  // a change is sent; may be empty
};

class LiveTest : public query::QueryTest {
 protected:
  LiveTest() {
    config_.auth.jwt_secret = "a-secret-of-the-tests-that-is-long-enough";
    config_.auth.bcrypt_cost = 4;
    config_.rate_limit.max_messages_per_sec = 1'000'000;
    users_ = std::make_unique<auth::Users>(store_.get(), executor_.get(), &clock_);
    authenticator_ = std::make_unique<auth::Authenticator>(config_.auth, users_.get(), &clock_);
    HubDeps deps;
    deps.config = &config_;
    deps.clock = &clock_;
    deps.log = log_.get();
    deps.sources = sources_;
    deps.authenticator = authenticator_.get();
    deps.run_blocking = [this](std::function<void()> job) {
      if (workers_full_) {
        ++refused_jobs_;
        return false;
      }
      jobs_.push_back(std::move(job));
      return true;
    };
    deps.when_worker_free = [this](std::function<void()> f) {
      when_free_.push_back(std::move(f));
      return true;
    };
    hub_ = std::make_unique<Hub>(deps);
    executor_->set_listener(hub_.get());
    catalog_->set_on_table_changed(
        [this](const catalog::TableInfo& old, const catalog::TablePtr& current) {
          hub_->OnTableChanged(old, current);
        });
    Create(
        "CREATE TABLE app.t (id INT PRIMARY KEY, v TEXT, n INT) WITH (TYPE = 'SHARED', "
        "ACCESS_LEVEL = 'PUBLIC')");
    Connect(Role::kUser);
  }
  ~LiveTest() override {
    if (session_ != nullptr) session_->OnClosed();
    session_.reset();
    executor_.reset();  // its callbacks end before those who are called
    hub_.reset();
  }

  void Connect(Role role) {
    if (session_ != nullptr) session_->OnClosed();
    auth::User user;
    user.id = fmt::format("{}", RoleName(role));
    user.role = role;
    ASSERT_TRUE(users_->Create(user).ok());
    SessionRequest request;
    request.bearer_token = authenticator_->Issue(user).access;
    request.query = "compress=false";
    session_ = hub_->NewSession(&loop_, &outbox_, std::move(request));
    session_->OnOpen();
    ASSERT_NE(outbox_.Take().at(0).find("auth_success"), std::string::npos);
  }
  // Options as JSON; empty: none.
  std::vector<std::string> Subscribe(const std::string& id, const std::string& sql,
                                     const std::string& options = "") {
    session_->OnText(
        fmt::format(R"({{"type":"subscribe","subscription":{{"id":"{}","sql":"{}"{}}}}})", id, sql,
                    options.empty() ? "" : ",\"options\":" + options));
    return outbox_.Take();
  }
  void NextBatch(const std::string& id, int64_t last_seq) {
    session_->OnText(fmt::format(
        R"({{"type":"next_batch","subscription_id":"{}","last_seq_id":{}}})", id, last_seq));
  }
  // Changes that arrived, as "insert 1", by the first number behind "id".
  std::vector<std::string> Changes() {
    loop_.Run();
    std::vector<std::string> out;
    for (const std::string& m : outbox_.Take()) out.push_back(Short(m));
    return out;
  }
  static std::string Short(const std::string& m) {
    const size_t kind = m.find("\"change_type\":\"");
    if (kind == std::string::npos) return m;
    const size_t from = kind + 15, id = m.find("\"id\":", from);
    return fmt::format("{} {}", m.substr(from, m.find('"', from) - from),
                       std::atoi(m.c_str() + id + 5));
  }
  // The queue empties: what a full one held back may come.
  void Drained() {
    outbox_.queued = 0;
    for (int i = 0; i < 100 && std::exchange(outbox_.wants_drained, false); ++i)
      session_->OnDrained();
  }
  void RunJobs() {
    while (!jobs_.empty()) {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      job();
    }
    loop_.Run();
  }
  // More rows than a loop reads by itself: ids from 1, n is 0 or 1.
  void InsertManyRows() {
    std::string values;
    for (int i = 1; i <= 2500; ++i) values += fmt::format("{}({}, {})", i > 1 ? "," : "", i, i % 2);
    Change("INSERT INTO t (id, n) VALUES " + values);
  }
  // A new version of app.t whose columns are those of the old one.
  void ChangeAccess(AccessLevel level) {
    const catalog::TablePtr old = Table("t");
    catalog::TableOptions options = old->options;
    options.access_level = level;
    auto schema =
        std::make_shared<const Schema>(old->schema->version() + 1, old->schema->columns());
    catalog::TablePtr altered;
    Meta(catalog_->PrepareAlterTable(old, schema, options, 2, &altered).Take());
  }

  ServerConfig config_;
  std::unique_ptr<auth::Users> users_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::deque<std::function<void()>> jobs_;
  bool workers_full_ = false;
  int refused_jobs_ = 0;
  std::vector<std::function<void()>> when_free_;
  ManualLoop loop_;
  RecordingOutbox outbox_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<Session> session_;
};

using Texts = std::vector<std::string>;

}  // namespace kalamdb::live
