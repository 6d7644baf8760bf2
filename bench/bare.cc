// bare PORT [SUBSCRIBERS ROUNDS BYTES]: the limit beside a measurement. One thread and epoll; every
// HTTP request is answered with the same 70 bytes of JSON, without parsing more than its end.
// WebSocket clients are upgraded and acknowledged, and once SUBSCRIBERS have subscribed, each of
// them is sent ROUNDS change frames of BYTES, one write() per frame.
//
// It serves kload and nothing else: requests arrive whole, frames are short.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

enum class Peer : unsigned char { kUnknown, kHttp, kWebSocket };

std::string TextFrame(std::string_view payload) {
  std::string frame(1, '\x81');
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else {
    frame += static_cast<char>(126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
  }
  return frame.append(payload);
}

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n > 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else {
      pollfd entry{fd, POLLOUT, 0};
      if (poll(&entry, 1, 10'000) != 1 || (entry.revents & (POLLERR | POLLHUP)) != 0) return;
    }
  }
}

std::string Upgrade(std::string_view request) {
  constexpr std::string_view kHeader = "Sec-WebSocket-Key: ";
  const size_t at = request.find(kHeader) + kHeader.size();
  const std::string key = std::string(request.substr(at, request.find('\r', at) - at)) +
                          "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  unsigned char accept[32];
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  EVP_EncodeBlock(accept, digest, sizeof digest);
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         std::string(reinterpret_cast<char*>(accept)) + "\r\n\r\n" +
         TextFrame(R"({"type":"auth_success"})");
}

int Listen(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, 4096) != 0) {
    std::perror("bare: listen");
    return -1;
  }
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: bare PORT [SUBSCRIBERS ROUNDS BYTES]\n", stderr);
    return 2;
  }
  const auto number = [&](int i, long otherwise) {
    return argc > i ? std::strtol(argv[i], nullptr, 10) : otherwise;
  };
  const auto subscribers = static_cast<size_t>(number(2, 0));
  const long rounds = number(3, 0);
  const auto bytes = static_cast<size_t>(number(4, 150));
  const rlimit files{65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);

  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 70\r\n\r\n" +
      std::string(70, ' ');
  std::string change = R"({"type":"change","subscription_id":"s","change_type":"insert","rows":[])";
  change.resize(std::max(bytes, change.size() + 1), ' ');
  change.back() = '}';
  change = TextFrame(change);
  const std::string acknowledgement = TextFrame(R"({"type":"subscription_ack"})");

  const int listener = Listen(static_cast<uint16_t>(number(1, 0)));
  if (listener < 0) return 1;
  const int poller = epoll_create1(0);
  const auto watch = [poller](int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
  };
  watch(listener);
  std::vector<Peer> peers;  // by descriptor
  std::vector<int> subscribed;
  std::vector<char> buffer(1 << 16);
  epoll_event events[256];
  for (;;) {
    const int n = epoll_wait(poller, events, 256, -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        for (int c = 0; (c = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
          const int one = 1;
          setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          if (peers.size() <= static_cast<size_t>(c)) peers.resize(static_cast<size_t>(c) + 1);
          peers[static_cast<size_t>(c)] = Peer::kUnknown;
          watch(c);
        }
        continue;
      }
      const ssize_t got = read(fd, buffer.data(), buffer.size());
      if (got <= 0) {
        close(fd);
        continue;
      }
      Peer& peer = peers[static_cast<size_t>(fd)];
      if (peer == Peer::kUnknown) {
        const std::string_view request(buffer.data(), static_cast<size_t>(got));
        if (request.find("Sec-WebSocket-Key: ") != std::string_view::npos) {
          peer = Peer::kWebSocket;
          WriteAll(fd, Upgrade(request));
          continue;
        }
        peer = Peer::kHttp;
      }
      if (peer == Peer::kHttp) {
        WriteAll(fd, answer);
        continue;
      }
      WriteAll(fd, acknowledgement);
      subscribed.push_back(fd);
      if (subscribers == 0 || subscribed.size() != subscribers) continue;
      for (long round = 0; round < rounds; ++round) {
        for (const int s : subscribed) WriteAll(s, change);
      }
    }
  }
}
