// kload: the load generator of the benchmarks. One thread, epoll.
//
//   kload http HOST:PORT PATH [-c IN_FLIGHT] [-n REQUESTS] [-b BODY] [-t TOKEN] [--from I |
//   --random LOW HIGH] [--seed S] [--rate R]
//     keeps IN_FLIGHT connections busy with one request each; {i} in PATH and BODY is the running
//     number, or a random one. --rate: no more than R requests a second, evenly spread.
//   kload ws HOST:PORT PATH -t TOKEN [-c SOCKETS] [-k SUBSCRIPTIONS] [-s SUBSCRIPTION] [-m CHANGES]
//   [-w SECONDS] [--ping SECONDS] [--stamp COLUMN]
//     opens SOCKETS, makes SUBSCRIPTIONS on each ({c} is the subscription's number over all;
//     without -s it only logs in), prints a line and READY, then waits until every socket has seen
//     CHANGES changes (0: for ever), a line comes on standard input, or SECONDS have passed.
//     --ping: each socket sends a Ping frame and a ping message so often, as clients do. COLUMN
//     holds the writer's time in microseconds since the epoch; its age on arrival is the latency.
//
// One JSON object per line on standard output. Exit status 1 when anything failed.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kStallMillis = 30'000;
constexpr size_t kReadBytes = 1 << 16;

double Seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

int64_t EpochMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

[[noreturn]] void Die(const std::string& text) {
  std::fprintf(stderr, "kload: %s\n", text.c_str());
  std::exit(1);
}

struct Options {
  std::string mode, host, path, body, token, subscription, stamp;
  int port = 0;
  int connections = 1;
  int subscriptions = 1;  // of each connection
  double ping = 0;        // seconds; 0: none
  double rate = 0;        // requests a second; 0: as many as there are answers
  int64_t requests = 1000;
  int64_t from = 0, low = 0, high = 0;
  uint64_t seed = 1;
  int64_t changes = 1;
  double wait = 60;
};

// Text around a {name}, split once so that filling in a number is two appends.
class Template {
 public:
  Template(const std::string& text, std::string_view name) {
    size_t begin = 0;
    for (size_t at = 0; (at = text.find(name, begin)) != std::string::npos;
         begin = at + name.size()) {
      parts_.push_back(text.substr(begin, at - begin));
    }
    parts_.push_back(text.substr(begin));
  }
  void Append(std::string* out, int64_t number) const {
    *out += parts_[0];
    for (size_t i = 1; i < parts_.size(); ++i) {
      *out += std::to_string(number);
      *out += parts_[i];
    }
  }

 private:
  std::vector<std::string> parts_;
};

// Latencies in milliseconds.
class Latencies {
 public:
  void Add(double millis) { values_.push_back(millis); }
  std::string Json() {
    std::sort(values_.begin(), values_.end());
    char text[160];
    std::snprintf(text, sizeof text, R"("p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f)",
                  At(0.5), At(0.95), At(0.99), At(1));
    return text;
  }

 private:
  [[nodiscard]] double At(double share) const {
    if (values_.empty()) return 0;
    const auto i = static_cast<size_t>(share * static_cast<double>(values_.size()));
    return values_[std::min(i, values_.size() - 1)];
  }
  std::vector<double> values_;
};

int Dial(const Options& o) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(o.port));
  if (inet_pton(AF_INET, o.host.c_str(), &address.sin_addr) != 1)
    Die("HOST must be an IPv4 address");
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    Die(std::string("cannot connect: ") + std::strerror(errno));
  }
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

void Send(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) Die(std::string("cannot send: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

void Watch(int poller, int fd, uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

// Case-insensitive search for an (lower-case) header name in a head.
std::string_view HeaderValue(std::string_view head, std::string_view name) {
  for (size_t line = head.find("\r\n"); line != std::string_view::npos;
       line = head.find("\r\n", line + 2)) {
    const std::string_view rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    const bool same = std::equal(name.begin(), name.end(), rest.begin(), [](char a, char b) {
      return a == (b >= 'A' && b <= 'Z' ? b + 32 : b);
    });
    if (!same) continue;
    std::string_view value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    return value;
  }
  return {};
}

// Bytes of the first answer in `bytes` when it is complete, else 0.
size_t AnswerSize(std::string_view bytes, int* status) {
  const size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos || bytes.size() < 12) return 0;
  const std::string_view head = bytes.substr(0, head_end + 2);
  *status = std::atoi(bytes.data() + 9);
  const size_t body = head_end + 4;
  if (const std::string_view length = HeaderValue(head, "content-length"); !length.empty()) {
    const size_t size = body + std::strtoull(length.data(), nullptr, 10);
    return bytes.size() >= size ? size : 0;
  }
  if (HeaderValue(head, "transfer-encoding").empty()) return body;
  for (size_t at = body;;) {
    const size_t line = bytes.find("\r\n", at);
    if (line == std::string_view::npos) return 0;
    const size_t chunk = std::strtoull(bytes.data() + at, nullptr, 16);
    at = line + 2 + chunk + 2;
    if (at > bytes.size()) return 0;
    if (chunk == 0) return at;
  }
}

int RunHttp(const Options& o) {
  struct Connection {
    int fd = -1;
    std::string in;
    Clock::time_point sent;
  };
  const Template path(o.path, "{i}");
  const Template body(o.body, "{i}");
  std::string fixed = " HTTP/1.1\r\nHost: " + o.host + "\r\n";
  if (!o.token.empty()) fixed += "Authorization: Bearer " + o.token + "\r\n";
  if (!o.body.empty()) fixed += "Content-Type: application/json\r\n";
  std::mt19937_64 random(o.seed);
  std::vector<Connection> connections(static_cast<size_t>(o.connections));
  const int poller = epoll_create1(0);
  for (size_t i = 0; i < connections.size(); ++i) {
    connections[i].fd = Dial(o);
    Watch(poller, connections[i].fd, i);
  }
  int64_t started = 0;
  int64_t done = 0;
  int64_t errors = 0;
  std::string first_error;
  Latencies latencies;
  std::string request;
  std::string text;
  const auto start = [&](Connection* c) {
    if (started == o.requests) return;
    const int64_t i =
        o.high > o.low
            ? o.low + static_cast<int64_t>(random() % static_cast<uint64_t>(o.high - o.low))
            : o.from + started;
    ++started;
    request = o.body.empty() ? "GET " : "POST ";
    path.Append(&request, i);
    request += fixed;
    text.clear();
    body.Append(&text, i);
    if (!text.empty()) request += "Content-Length: " + std::to_string(text.size()) + "\r\n";
    request += "\r\n";
    request += text;
    c->sent = Clock::now();
    Send(c->fd, request);
  };
  const auto begin = Clock::now();
  std::deque<Connection*> idle;  // taken in turn, so that none stays silent
  for (Connection& c : connections) idle.push_back(&c);
  // Starts what is due; the milliseconds until the next is.
  const auto start_due = [&] {
    while (!idle.empty() && started < o.requests) {
      if (o.rate > 0) {
        const double early = static_cast<double>(started) / o.rate - Seconds(Clock::now() - begin);
        if (early > 0) return static_cast<int>(early * 1000) + 1;
      }
      Connection* c = idle.front();
      idle.pop_front();
      start(c);
    }
    return kStallMillis;
  };
  std::vector<char> buffer(kReadBytes);
  epoll_event events[256];
  while (done < o.requests) {
    const int wait = start_due();
    const int n = epoll_wait(poller, events, 256, wait);
    if (n < 0 || (n == 0 && wait == kStallMillis))
      Die("no answer for 30 s after " + std::to_string(done) + " requests");
    for (int k = 0; k < n; ++k) {
      Connection& c = connections[events[k].data.u64];
      const ssize_t got = read(c.fd, buffer.data(), buffer.size());
      if (got <= 0)
        Die("the server closed a connection after " + std::to_string(done) + " requests");
      c.in.append(buffer.data(), static_cast<size_t>(got));
      int status = 0;
      const size_t size = AnswerSize(c.in, &status);
      if (size == 0) continue;
      latencies.Add(Seconds(Clock::now() - c.sent) * 1000);
      if ((status < 200 || status > 299) && errors++ == 0) first_error = c.in.substr(0, 400);
      c.in.erase(0, size);
      ++done;
      idle.push_back(&c);
    }
  }
  const double seconds = Seconds(Clock::now() - begin);
  std::printf(R"({"done":%ld,"errors":%ld,"seconds":%.4f,"per_second":%.0f,%s})"
              "\n",
              static_cast<long>(done), static_cast<long>(errors), seconds,
              static_cast<double>(done) / seconds, latencies.Json().c_str());
  if (errors > 0) std::fprintf(stderr, "kload: first error: %s\n", first_error.c_str());
  return errors > 0 ? 1 : 0;
}

std::string ClientFrame(unsigned char opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
  }
  frame.append(4, '\0');  // a mask of zeros leaves the payload as it is
  return frame.append(payload);
}

class Subscribers {
 public:
  explicit Subscribers(const Options& o)
      : o_(o),
        poller_(epoll_create1(0)),
        buffer_(kReadBytes),
        stamp_key_("\"" + o.stamp + "\":"),
        sockets_(static_cast<size_t>(o.connections)) {}

  int Run() {
    const auto begin = Clock::now();
    for (size_t i = 0; i < sockets_.size(); ++i) Open(i);
    const auto opened = Clock::now();
    const Template subscription(o_.subscription, "{c}");
    if (!o_.subscription.empty()) {
      const int64_t all = int64_t{o_.connections} * o_.subscriptions;
      for (int64_t i = 0; i < all; ++i) {
        std::string message;
        subscription.Append(&message, i);
        Send(sockets_[static_cast<size_t>(i / o_.subscriptions)].fd, ClientFrame(1, message));
        // A few at a time: what is measured is the server, not its queue of new subscriptions.
        while (i - acknowledged_ - errors_ > 32) PumpOrDie("subscriptions are not acknowledged");
      }
      while (acknowledged_ + errors_ < all) PumpOrDie("subscriptions are not acknowledged");
    }
    std::printf(R"({"sockets":%d,"open_s":%.3f,"subscribe_s":%.3f,"errors":%ld})"
                "\nREADY\n",
                o_.connections, Seconds(opened - begin), Seconds(Clock::now() - opened),
                static_cast<long>(errors_));
    std::fflush(stdout);
    Watch(poller_, STDIN_FILENO, kStandardInput);
    const auto until = Clock::now() + std::chrono::duration<double>(o_.wait);
    size_t next_ping = 0;
    auto ping_at = Clock::now();
    const auto pause = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(o_.ping / o_.connections));
    while (!stopped_ && complete_ < o_.connections && Clock::now() < until) {
      Pump(o_.ping > 0 ? 10 : 100);
      // Spread evenly, as they are with clients that came one by one.
      for (; o_.ping > 0 && ping_at < Clock::now(); ping_at += pause) {
        const Socket& s = sockets_[next_ping++ % sockets_.size()];
        if (s.fd >= 0) Send(s.fd, ClientFrame(9, "") + ClientFrame(1, R"({"type":"ping"})"));
      }
    }
    const double seconds = Seconds(last_ - first_);
    std::printf(
        R"({"changes":%ld,"complete":%ld,"seconds":%.4f,"per_second":%.0f,"errors":%ld,"closed":%ld,%s})"
        "\n",
        static_cast<long>(changes_), static_cast<long>(complete_), seconds,
        seconds > 0 ? static_cast<double>(changes_) / seconds : 0.0, static_cast<long>(errors_),
        static_cast<long>(closed_), latencies_.Json().c_str());
    if (errors_ > 0) std::fprintf(stderr, "kload: first error: %s\n", first_error_.c_str());
    return errors_ > 0 || closed_ > 0 ? 1 : 0;
  }

 private:
  struct Socket {
    int fd = -1;
    int64_t changes = 0;
    std::string in;
  };
  static constexpr uint64_t kStandardInput = ~uint64_t{0};

  void Open(size_t i) {
    Socket& s = sockets_[i];
    s.fd = Dial(o_);
    Send(s.fd, "GET " + o_.path + " HTTP/1.1\r\nHost: " + o_.host +
                   "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                   "dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Version: 13\r\nAuthorization: Bearer " +
                   o_.token + "\r\n\r\n");
    size_t head = std::string::npos;
    while ((head = s.in.find("\r\n\r\n")) == std::string::npos) {
      const ssize_t got = read(s.fd, buffer_.data(), buffer_.size());
      if (got <= 0) Die("the upgrade was refused: " + s.in);
      s.in.append(buffer_.data(), static_cast<size_t>(got));
    }
    if (s.in.compare(9, 3, "101") != 0) Die("the upgrade was refused: " + s.in.substr(0, 300));
    s.in.erase(0, head + 4);
    TakeFrames(&s);
    Watch(poller_, s.fd, i);
    while (static_cast<int64_t>(i) - accepted_ > 32) PumpOrDie("logins are not answered");
    if (i + 1 == sockets_.size()) {
      while (accepted_ < o_.connections) PumpOrDie("logins are not answered");
    }
  }

  void PumpOrDie(const char* what) {
    if (!Pump(kStallMillis)) Die(what);
  }

  bool Pump(int millis) {
    epoll_event events[512];
    const int n = epoll_wait(poller_, events, 512, millis);
    for (int k = 0; k < n; ++k) {
      if (events[k].data.u64 == kStandardInput) {
        stopped_ = true;
        epoll_ctl(poller_, EPOLL_CTL_DEL, STDIN_FILENO, nullptr);
        continue;
      }
      Socket& s = sockets_[events[k].data.u64];
      const ssize_t got = read(s.fd, buffer_.data(), buffer_.size());
      if (got <= 0) {
        ++closed_;
        epoll_ctl(poller_, EPOLL_CTL_DEL, s.fd, nullptr);
        close(s.fd);
        s.fd = -1;
        continue;
      }
      s.in.append(buffer_.data(), static_cast<size_t>(got));
      TakeFrames(&s);
    }
    return n > 0;
  }

  void TakeFrames(Socket* s) {
    size_t at = 0;
    for (;;) {
      const size_t left = s->in.size() - at;
      const auto byte = [&](size_t i) { return static_cast<unsigned char>(s->in[at + i]); };
      if (left < 2) break;
      uint64_t size = byte(1) & 127;
      const size_t header = size < 126 ? 2 : size == 126 ? 4 : 10;
      if (left < header) break;
      if (header > 2) {
        size = 0;
        for (size_t i = 2; i < header; ++i) size = size << 8 | byte(i);
      }
      if (left < header + size) break;
      OnFrame(s, byte(0) & 15, std::string_view(s->in).substr(at + header, size));
      at += header + size;
    }
    s->in.erase(0, at);
    // Thousands of sockets: an empty buffer is given back.
    if (s->in.empty() && s->in.capacity() > 4096) std::string().swap(s->in);
  }

  void OnFrame(Socket* s, int opcode, std::string_view payload) {
    if (opcode == 9) Send(s->fd, ClientFrame(10, payload));
    if (opcode == 8)
      Fail("closed: " + std::string(payload.substr(std::min<size_t>(2, payload.size()))));
    if (opcode != 1) return;
    const std::string_view head = payload.substr(0, 200);
    const auto is = [head](std::string_view type) {
      return head.find(type) != std::string_view::npos;
    };
    if (is(R"("type":"change")")) {
      last_ = Clock::now();
      if (changes_++ == 0) first_ = last_;
      if (++s->changes == o_.changes) ++complete_;
      if (o_.stamp.empty()) return;
      size_t value = payload.find(stamp_key_);
      if (value == std::string_view::npos) return;
      value += stamp_key_.size();
      if (payload[value] == '"') ++value;
      latencies_.Add(
          static_cast<double>(EpochMicros() - std::strtoll(payload.data() + value, nullptr, 10)) /
          1000);
    } else if (is(R"("type":"auth_success")")) {
      ++accepted_;
    } else if (is(R"("type":"subscription_ack")")) {
      ++acknowledged_;
    } else if (is(R"("type":"error")") || is(R"("type":"auth_error")")) {
      Fail(std::string(head));
    }
  }

  void Fail(std::string text) {
    if (errors_++ == 0) first_error_ = std::move(text);
  }

  const Options& o_;
  int poller_;
  std::vector<char> buffer_;
  std::string stamp_key_;
  std::vector<Socket> sockets_;
  int64_t accepted_ = 0, acknowledged_ = 0, changes_ = 0, complete_ = 0, errors_ = 0, closed_ = 0;
  bool stopped_ = false;
  Clock::time_point first_, last_;
  Latencies latencies_;
  std::string first_error_;
};

Options Parse(int argc, char** argv) {
  if (argc < 4) Die("see the beginning of bench/kload.cc");
  Options o;
  o.mode = argv[1];
  const std::string address = argv[2];
  const size_t colon = address.find(':');
  if (colon == std::string::npos) Die("HOST:PORT expected");
  o.host = address.substr(0, colon);
  o.port = std::atoi(address.c_str() + colon + 1);
  o.path = argv[3];
  for (int i = 4; i < argc; ++i) {
    const std::string name = argv[i];
    const auto next = [&]() -> const char* {
      if (i + 1 >= argc) Die("no value for " + name);
      return argv[++i];
    };
    if (name == "-c")
      o.connections = std::atoi(next());
    else if (name == "-n")
      o.requests = std::atoll(next());
    else if (name == "-b")
      o.body = next();
    else if (name == "-t")
      o.token = next();
    else if (name == "--from")
      o.from = std::atoll(next());
    else if (name == "--random") {
      o.low = std::atoll(next());
      o.high = std::atoll(next());
    } else if (name == "--seed")
      o.seed = std::strtoull(next(), nullptr, 10);
    else if (name == "-s")
      o.subscription = next();
    else if (name == "-m")
      o.changes = std::atoll(next());
    else if (name == "-k")
      o.subscriptions = std::atoi(next());
    else if (name == "--rate")
      o.rate = std::atof(next());
    else if (name == "--ping")
      o.ping = std::atof(next());
    else if (name == "-w")
      o.wait = std::atof(next());
    else if (name == "--stamp")
      o.stamp = next();
    else
      Die("unknown option " + name);
  }
  if (o.connections < 1 || o.subscriptions < 1 || o.requests < 1) {
    Die("-c, -k and -n must be positive");
  }
  return o;
}

}  // namespace

int main(int argc, char** argv) {
  const rlimit files{65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
  const Options o = Parse(argc, argv);
  if (o.mode == "http") return RunHttp(o);
  if (o.mode == "ws") return Subscribers(o).Run();
  Die("the mode is http or ws");
}
