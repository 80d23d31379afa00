#include "gateway/http2_headers.h"

#include <algorithm>
#include <array>

#include "gateway/response_head.h"
#include "wire/encoding.h"

namespace tarn::gateway {
namespace {

// Fields that speak of a connection have no place in HTTP/2 (RFC 9113 section 8.2.2).
constexpr std::array<std::string_view, 5> kOfConnections = {
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"};

std::uint8_t* bytes_of(const std::string& text) {
  // The library takes what it only reads without const.
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
}

}  // namespace

void add_request_field(std::string name, std::string value, wire::Request& request) {
  if (name == ":method") {
    request.method = std::move(value);
  } else if (name == ":path") {
    wire::set_target(value, request);
  } else if (name == ":authority") {
    request.host = value;
    // Signatures are over "host" in either version.
    request.headers.add("host", std::move(value));
  } else if (name == "host") {
    if (request.host.empty()) request.host = value;
    if (!request.headers.has("host")) request.headers.add("host", std::move(value));
  } else if (!name.starts_with(':')) {
    request.headers.add(std::move(name), std::move(value));
  }
}

bool has_body(const wire::Response& response, bool is_head) {
  if (is_head || has_no_body(response.status)) return false;
  return response.stream != nullptr || !response.content.empty();
}

std::vector<wire::Headers::Field> response_fields(const wire::Response& response) {
  std::vector<wire::Headers::Field> out = {{":status", std::to_string(response.status)}};
  for (const auto& [name, value] : response.headers.fields()) {
    std::string field = wire::to_lower(name);
    if (std::find(kOfConnections.begin(), kOfConnections.end(), field) == kOfConnections.end())
      out.emplace_back(std::move(field), clean_value(value));
  }
  if (const auto length = content_length(response))
    out.emplace_back("content-length", std::to_string(*length));
  out.emplace_back("server", "tarn");
  return out;
}

std::vector<nghttp2_nv> to_pairs(const std::vector<wire::Headers::Field>& fields) {
  std::vector<nghttp2_nv> out;
  out.reserve(fields.size());
  for (const auto& [name, value] : fields) {
    out.push_back(
        {bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return out;
}

}  // namespace tarn::gateway
