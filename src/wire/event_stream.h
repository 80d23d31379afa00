// Event streams: answers that go on, as messages of application/vnd.amazon.eventstream.
//
// Place: wire; a handler gives an EventSource in its output, the gateway makes the body of it.
// Threads: an EventSource and its body are for the one coroutine that reads them.
//
// A message is its length, the length of its headers, a CRC-32 of these eight bytes, the headers,
// the payload and a CRC-32 of all before it, numbers big-endian
// (https://smithy.io/2.0/aws/amazon-eventstream.html). The first message of an answer in the JSON
// protocol is "initial-response" with the other members of the output
// (https://smithy.io/2.0/spec/streaming.html#initial-response-messages).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "wire/body.h"
#include "wire/schema.h"

namespace tarn::wire {

// One member of an event stream's union; made by the functions that spec/codegen emits.
struct Event {
  std::string_view name;  // "SubscribeToShardEvent"
  AnyShape payload;
};

class EventSource {
 public:
  virtual ~EventSource() = default;

  // The next event; nullopt at the end. An error ends the stream: one that the union names goes to
  // the client as that exception, any other as InternalFailureException.
  [[nodiscard]] virtual Task<Result<std::optional<Event>>> next() = 0;
  // The client is gone: a next() that waits ends soon, with any result.
  virtual void cancel() = 0;
};

// The C++ type of a member that is an event stream.
using Events = std::shared_ptr<EventSource>;

template <class Shape>
Event make_event(std::string_view name, Shape shape) {
  return {name, own_shape(std::make_unique<Shape>(std::move(shape)), &Shape::schema())};
}

// Appends one message; header values are texts of at most 65,535 bytes.
using MessageHeader = std::pair<std::string_view, std::string_view>;
void append_message(std::span<const MessageHeader> headers, std::string_view payload,
                    std::string& out);

// The member of `output` that is an event stream; nullptr where there is none.
[[nodiscard]] const Member* find_events(const Schema& output);

// How payloads are written.
struct EventFormat {
  std::string content_type;  // "application/x-amz-json-1.1"
  std::string (*write)(const Schema& schema, const void* data);
};

// The body of an answer whose output, of schema `output`, stands at `data` and has an event stream.
[[nodiscard]] Body make_event_body(const Schema& output, std::shared_ptr<void> data,
                                   EventFormat format);

}  // namespace tarn::wire
