// Header fields between HTTP/2 and the requests and responses of the rooms. Internal to the
// gateway. Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "wire/http.h"

namespace tarn::gateway {

// Adds one field of a request; pseudo-fields (RFC 9113 section 8.3.1) become what they stand for.
void add_request_field(std::string name, std::string value, wire::Request& request);

// Whether the answer has a body: not one to HEAD, nor of a status that has none.
[[nodiscard]] bool has_body(const wire::Response& response, bool is_head);

// The fields of an answer, ":status" first, with its length where it is known.
[[nodiscard]] std::vector<wire::Headers::Field> response_fields(const wire::Response& response);

// The same as the library takes them; they point into `fields`.
[[nodiscard]] std::vector<nghttp2_nv> to_pairs(const std::vector<wire::Headers::Field>& fields);

}  // namespace tarn::gateway
