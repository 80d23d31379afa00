// Stream: the bytes of one connection, plain or TLS, as coroutines with explicit time-outs.
//
// Place: gateway, below Connection. Threads: for the I/O thread of its socket only.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"
#include "base/task.h"
#include "gateway/certificates.h"

namespace tarn::gateway {

class Stream {
 public:
  virtual ~Stream() = default;

  // At least one byte; 0 at the end. Errors: kCancelled (reset or closed here), kTimeout.
  [[nodiscard]] virtual Task<Result<std::size_t>> read_some(std::span<char> into) = 0;
  // All of the parts, in order and together. Errors: kCancelled, kTimeout.
  [[nodiscard]] virtual Task<Status> write(std::string_view head, std::string_view body,
                                           std::string_view tail) = 0;
  [[nodiscard]] Task<Status> write(std::string_view head, std::string_view body) {
    return write(head, body, {});
  }
  // No more will be written; what is under way still arrives.
  [[nodiscard]] virtual Task<void> finish_writing() = 0;

  // A read that waits, or the next one, ends as at the end of the stream.
  virtual void stop_reading() = 0;

  // How long each following read or write may take. One read and one write may be under way at the
  // same time.
  void set_timeout(std::chrono::milliseconds timeout) {
    timeout_ = timeout;
    read_timeout_ = timeout;
  }
  // Of reads alone; nullopt: somebody else watches them, and calls stop_reading().
  void set_read_timeout(std::optional<std::chrono::milliseconds> timeout) {
    read_timeout_ = timeout;
  }
  [[nodiscard]] bool secure() const { return secure_; }

 protected:
  explicit Stream(bool secure) : secure_(secure) {}
  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }
  [[nodiscard]] std::optional<std::chrono::milliseconds> read_timeout() const {
    return read_timeout_;
  }

 private:
  std::chrono::milliseconds timeout_{60'000};
  std::optional<std::chrono::milliseconds> read_timeout_ = timeout_;
  bool secure_;
};

// The socket is the caller's and must outlive the stream.
[[nodiscard]] std::unique_ptr<Stream> make_plain_stream(boost::asio::ip::tcp::socket& socket);

// Does the server's side of a TLS handshake with a certificate for the name the client asks for, or
// for `fallback_name` where it asks for none. Errors: kCancelled, kTimeout, kInvalid (no TLS, or a
// certificate refused by the client).
[[nodiscard]] Task<Result<std::unique_ptr<Stream>>> accept_tls(boost::asio::ip::tcp::socket& socket,
                                                               CertificateAuthority& authority,
                                                               std::string fallback_name);

}  // namespace tarn::gateway
