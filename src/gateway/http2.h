// HTTP/2 on a Stream: requests of many streams at once, each served as one of HTTP/1.1 is.
//
// Place: gateway, beside RequestReader; Connection hands a stream over that begins with HTTP/2's
// preface, whether by ALPN or by prior knowledge. Threads: as Stream.
//
// Framing, header compression and flow control are libnghttp2's (RFC 9113). Bounded: streams at the
// same time, bytes of header, bytes received and not yet read, bytes sent and not yet taken.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/task.h"
#include "gateway/stream.h"
#include "platform/clock.h"
#include "wire/http.h"

namespace tarn::gateway {

// Who answers the requests of a connection.
class RequestServer {
 public:
  virtual ~RequestServer() = default;
  // Never fails. `request` stays in place until the answer's body is sent.
  [[nodiscard]] virtual Task<wire::Response> serve(wire::Request& request) = 0;
};

struct Http2Options {
  std::uint32_t streams = 128;
  std::size_t header_bytes = 64U << 10;        // names and values of one request
  std::uint32_t stream_window = 1U << 20;      // bytes of one body that may wait to be read
  std::int32_t connection_window = 4 << 20;    // of all
  std::chrono::milliseconds idle{300'000};     // without a request: SDKs keep connections
  std::chrono::milliseconds progress{60'000};  // within a request's body
  std::chrono::milliseconds taking{300'000};   // until the client takes more of an answer's body
  std::chrono::milliseconds tick{5'000};       // how often these are looked at
};

// Ends when the peer or the server (Stream::stop_reading) has ended the connection and every
// request is over. `received` was read from the stream already.
[[nodiscard]] Task<void> serve_http2(Stream& stream, std::string received, RequestServer& server,
                                     platform::Clock& clock, Http2Options options = {});

}  // namespace tarn::gateway
