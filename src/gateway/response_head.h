// What the head of an answer says, whichever version of HTTP carries it. Internal to the gateway.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http.h"

namespace tarn::gateway {

[[nodiscard]] bool has_no_body(int status);

// The length to add to the head: none where the status has no body, where the head has it already,
// or where it is not known.
[[nodiscard]] std::optional<std::uint64_t> content_length(const wire::Response& response);

// A field value that is one line. Values come partly from clients (stored metadata): a line break
// in one would forge a header.
[[nodiscard]] std::string clean_value(std::string_view value);

struct Framing {
  bool chunked = false;
  bool body = true;  // a body follows the head
};

// The status line and head of an HTTP/1.1 answer (RFC 9112).
[[nodiscard]] std::string make_head(const wire::Response& response, bool is_head_request,
                                    bool keep_alive, Framing& framing);

}  // namespace tarn::gateway
