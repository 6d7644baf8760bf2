// OpenSSL. Its own socket BIO writes without MSG_NOSIGNAL, so that a peer that went away would end
// the program with SIGPIPE: the BIO below sends and receives itself.
#include "client/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace kalamdb::client {
namespace {

int DescriptorOf(BIO* bio) {
  return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
}

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int BioWrite(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t n = send(DescriptorOf(bio), bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (n < 0 && WouldBlock(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(n);
}

int BioRead(BIO* bio, char* buffer, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t n = recv(DescriptorOf(bio), buffer, static_cast<size_t>(size), 0);
  if (n < 0 && WouldBlock(errno)) BIO_set_retry_read(bio);
  if (n == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(n);
}

long BioControl(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
      return 0;
  }
}

int BioCreate(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

// Made once and kept: every BIO refers to it.
const BIO_METHOD* SocketMethod() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* m =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "socket");
    if (m != nullptr) {
      BIO_meth_set_write(m, BioWrite);
      BIO_meth_set_read(m, BioRead);
      BIO_meth_set_ctrl(m, BioControl);
      BIO_meth_set_create(m, BioCreate);
    }
    return m;
  }();
  return method;
}

std::string ReasonOf(unsigned long error) {
  const char* reason = ERR_reason_error_string(error);
  return reason == nullptr ? "unknown reason" : reason;
}

Status SetupFailure(std::string_view what) {
  const std::string reason = ReasonOf(ERR_get_error());
  ERR_clear_error();
  return InternalError(fmt::format("TLS: {}: {}", what, reason));
}

bool IsAddress(const std::string& host) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  if (address == nullptr) ERR_clear_error();
  ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

// An address has to stand in the certificate as one; a name is also sent, for servers of several.
bool ExpectHost(SSL* ssl, const std::string& host) {
  if (IsAddress(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

TlsChannel::~TlsChannel() { SSL_free(ssl_); }

Result<std::unique_ptr<TlsChannel>> TlsChannel::Make(int fd, const Endpoint& endpoint) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, ContextDeleter> context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return SetupFailure("cannot begin");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_default_verify_paths(context.get()) != 1) {
    return SetupFailure("cannot read the store of trusted certificates");
  }
  // Left by files of the store that are not there: they are no error.
  ERR_clear_error();
  std::unique_ptr<SSL, SslDeleter> ssl(SSL_new(context.get()));
  const BIO_METHOD* method = SocketMethod();
  BIO* bio = method == nullptr ? nullptr : BIO_new(method);
  if (ssl == nullptr || bio == nullptr || !ExpectHost(ssl.get(), endpoint.host)) {
    BIO_free(bio);
    return SetupFailure("cannot begin");
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  SSL_set_bio(ssl.get(), bio, bio);
  static constexpr unsigned char kHttp[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_set_alpn_protos(ssl.get(), kHttp, sizeof kHttp);
  SSL_set_connect_state(ssl.get());
  return std::unique_ptr<TlsChannel>(new TlsChannel(ssl.release(), endpoint.host));
}

Transfer TlsChannel::Outcome(int result, std::string_view what) {
  Transfer t;
  if (result > 0) {
    t.bytes = static_cast<size_t>(result);
    return t;
  }
  const int system_error = errno;
  const int kind = SSL_get_error(ssl_, result);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
    t.kind = Transfer::Kind::kWait;
    t.events = kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    return t;
  }
  if (kind == SSL_ERROR_ZERO_RETURN) {
    t.kind = Transfer::Kind::kEnd;
    return t;
  }
  t.kind = Transfer::Kind::kFailed;
  const unsigned long error = ERR_peek_last_error();
  std::string reason;
  if (kind == SSL_ERROR_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    // Without the goodbye of TLS anybody on the way may have cut the stream.
    reason = "the connection was cut";
  } else if (kind == SSL_ERROR_SSL) {
    reason = ReasonOf(error);
  } else {
    reason = system_error == 0 ? "the connection was cut" : std::strerror(system_error);
  }
  t.status = Status(ErrorCode::kUnavailable, fmt::format("{}: TLS: {}", what, reason));
  return t;
}

Status TlsChannel::HandshakeFailure(unsigned long error) const {
  const long verified = SSL_get_verify_result(ssl_);
  if (verified != X509_V_OK) {
    std::string hint;
    switch (verified) {
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        hint = "; its issuer is not trusted here (SSL_CERT_FILE names a file of trusted issuers)";
        break;
      case X509_V_ERR_HOSTNAME_MISMATCH:
      case X509_V_ERR_IP_ADDRESS_MISMATCH:
        hint = "; it was made out to another name";
        break;
      default:
        break;
    }
    return {ErrorCode::kExecution,
            fmt::format("Connection failed: the certificate of {} does not hold: {}{}", host_,
                        X509_verify_cert_error_string(verified), hint)};
  }
  const int reason = ERR_GET_REASON(error);
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    return {ErrorCode::kExecution,
            fmt::format("Connection failed: {} does not speak TLS on this port; its address may "
                        "begin with http://",
                        host_)};
  }
  return {ErrorCode::kUnavailable, fmt::format("TLS handshake: {}", ReasonOf(error))};
}

Transfer TlsChannel::Handshake() {
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(ssl_);
  const unsigned long error = ERR_peek_last_error();
  Transfer t = Outcome(result, "TLS handshake");
  if (t.kind == Transfer::Kind::kFailed && error != 0 &&
      ERR_GET_REASON(error) != SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    t.status = HandshakeFailure(error);
  }
  return t;
}

Transfer TlsChannel::Read(char* buffer, size_t size) {
  ERR_clear_error();
  errno = 0;
  return Outcome(SSL_read(ssl_, buffer, static_cast<int>(std::min<size_t>(size, INT_MAX))),
                 "cannot receive");
}

Transfer TlsChannel::Write(std::string_view bytes) {
  ERR_clear_error();
  errno = 0;
  return Outcome(
      SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), INT_MAX))),
      "cannot send");
}

bool TlsChannel::IsQuiet() {
  ERR_clear_error();
  errno = 0;
  char byte;
  // Takes session tickets and the like off the connection, which are no data.
  const Transfer t = Outcome(SSL_peek(ssl_, &byte, 1), "cannot receive");
  return t.kind == Transfer::Kind::kWait;
}

void TlsChannel::Goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
  ERR_clear_error();
}

}  // namespace kalamdb::client
