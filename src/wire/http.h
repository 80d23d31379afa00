// Requests and responses as the rooms see them, whatever version of HTTP carried them.
//
// Place: wire. Threads: values; a Request's body is for the coroutine that handles it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/body.h"

namespace tarn::wire {

// Header fields in the order they came; names are matched without regard to case.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // The first value of `name`.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // The same, or an empty text.
  [[nodiscard]] std::string_view get(std::string_view name) const {
    return find(name).value_or(std::string_view());
  }
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

struct Request {
  std::string method;
  std::string path;       // as sent, still percent-encoded, without the query
  std::string raw_query;  // as sent, without "?"
  std::vector<std::pair<std::string, std::string>> query;  // decoded
  Headers headers;
  Body body;
  std::string host;  // Host header, or the name asked for by CONNECT
  std::string source_ip;
  bool secure = false;  // came by TLS
  std::string door;     // what the port leads to, below /_tarn/ (gateway/doors.h); empty: all

  [[nodiscard]] std::optional<std::string_view> find_query(std::string_view name) const;
};

// Sets path and query from a request target ("/bucket/key?versions").
void set_target(std::string_view target, Request& request);

struct Response {
  int status = 200;
  Headers headers;
  std::string content;  // the body, where `stream` is null
  Body stream;
};

// Splits "a=1&b" into decoded pairs. "+" is a space, as browsers and the query protocol write it,
// where asked.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_query(std::string_view text,
                                                                           bool plus_is_space);

}  // namespace tarn::wire
