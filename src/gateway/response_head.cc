#include "gateway/response_head.h"

#include <fmt/format.h>

namespace tarn::gateway {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 416: return "Range Not Satisfiable";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(clean_value(value)).append("\r\n");
}

}  // namespace

bool has_no_body(int status) {
  return status == 204 || status == 304 || status < 200;
}

std::optional<std::uint64_t> content_length(const wire::Response& response) {
  if (has_no_body(response.status) || response.headers.has("content-length")) return std::nullopt;
  if (response.stream) return response.stream->length();
  return response.content.size();
}

std::string clean_value(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  }
  return out;
}

std::string make_head(const wire::Response& response, bool is_head_request, bool keep_alive,
                      Framing& framing) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
  for (const auto& [name, value] : response.headers.fields()) append_field(name, value, out);
  const bool no_body = has_no_body(response.status);
  framing.body = !is_head_request && !no_body;
  if (const auto length = content_length(response)) {
    out += fmt::format("Content-Length: {}\r\n", *length);
  } else if (!no_body && !response.headers.has("content-length")) {
    framing.chunked = true;
    out += "Transfer-Encoding: chunked\r\n";
  }
  out += "Server: tarn\r\n";
  if (!keep_alive) out += "Connection: close\r\n";
  out += "\r\n";
  return out;
}

}  // namespace tarn::gateway
