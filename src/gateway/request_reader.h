// RequestReader: HTTP/1.1 requests out of a Stream, their bodies left to be read as they come.
//
// Place: gateway, between Stream and Connection. Threads: as Stream.
//
// Limits: 64 KiB of header; the target and every name and value within. (RFC 9112)
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "gateway/stream.h"
#include "wire/http.h"

namespace tarn::gateway {

class RequestBody;

class RequestReader {
 public:
  explicit RequestReader(Stream& stream);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // The next request's head, its body attached; nullopt when the peer closed between requests. The
  // body of the request before must be finished (drain) first. Errors: BadRequest (no HTTP, 400),
  // RequestHeaderSectionTooLarge (431), kCancelled, kTimeout.
  [[nodiscard]] Task<Result<std::optional<wire::Request>>> next();

  // Whether the stream begins with the preface of HTTP/2 (RFC 9113 section 3.4); what was read
  // stays buffered. To be asked before the first next(). Errors: kCancelled, kTimeout.
  [[nodiscard]] Task<Result<bool>> begins_http2();
  // The bytes read and not consumed, which are then somebody else's.
  [[nodiscard]] std::string take_buffered();

  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  // Whether the last request was asked of a proxy: its target was a whole URL.
  [[nodiscard]] bool asks_proxy() const { return asks_proxy_; }

  // Reads and drops what is left of the body, at most `limit` bytes; false where more is left or
  // the body is broken, so that the connection can't be used on.
  [[nodiscard]] Task<bool> drain(std::size_t limit);

  // Whether drain() can succeed as far as is known now: the body is not broken, its client does not
  // wait to be asked for it, and what is left of it is at most `limit` bytes where its length was
  // told.
  [[nodiscard]] bool can_drain(std::size_t limit) const;

  // Bytes read beyond the request: none may be there where a tunnel begins.
  [[nodiscard]] bool has_buffered() const { return begin_ < end_; }

 private:
  friend class RequestBody;

  // Appends at least one byte to the buffer, or none at the end of the stream.
  Task<Result<std::size_t>> fill();
  [[nodiscard]] std::string_view buffered() const {
    return std::string_view(buffer_).substr(begin_, end_ - begin_);
  }
  void consume(std::size_t size);

  Stream& stream_;
  std::string buffer_;     // grows only, as growing fills it with zeros
  std::size_t begin_ = 0;  // from here to end_ it is read and not yet consumed
  std::size_t end_ = 0;
  std::shared_ptr<RequestBody> body_;
  bool keep_alive_ = true;
  bool asks_proxy_ = false;
};

}  // namespace tarn::gateway
