// The JSON codec: AWS JSON 1.0 and 1.1 bodies to and from shapes, through their tables.
//
// Place: wire; used by the gateway for requests and by services that keep generated shapes in the
// store. Threads: functions are pure; a JsonReader is for one thread at a time and is kept for its
// buffers.
//
// Blobs are base64, timestamps seconds since the epoch with a fraction
// (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html). Unknown members are passed
// over, null means absent.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/schema.h"

namespace tarn::wire {

class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // Reads `text` into the shape at `out`. An empty text is an empty object. `text` should have 64
  // bytes of capacity beyond its size, or it is copied. Errors: SerializationException (no JSON, or
  // a member of the wrong type, by its path), ValidationException (a required member is missing).
  Status read(const Schema& schema, const std::string& text, void* out);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

void append_json(const Schema& schema, const void* data, std::string& out);
// About how many bytes append_json() appends, never fewer but for what must be escaped: what to
// reserve.
[[nodiscard]] std::size_t json_size(const Schema& schema, const void* data);
[[nodiscard]] std::string to_json(const Schema& schema, const void* data);
// As JsonReader::read, for texts that come seldom.
[[nodiscard]] Status from_json(const Schema& schema, std::string_view text, void* out);

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string_view text, std::string& out);

}  // namespace tarn::wire
