#include "wire/event_stream.h"

#include <algorithm>
#include <array>
#include <vector>

#include "wire/checksum.h"

namespace tarn::wire {

namespace {

constexpr char kTextHeader = 7;  // the type of a header whose value is a text
constexpr std::string_view kInternalFailure = "InternalFailureException";

void append_big_endian(std::uint32_t value, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

// The shape of every exception of an event stream: its text.
struct Exception {
  std::string message;
};

constexpr Schema kMessage = {.kind = Kind::kString, .name = "ErrorMessage"};

constexpr Member kExceptionMembers[] = {
    {"message", "message", Location::kBody, &kMessage, true, false, TimestampFormat::kDefault,
     [](void* parent) -> void* { return &static_cast<Exception*>(parent)->message; },
     [](const void* parent) -> const void* {
       return &static_cast<const Exception*>(parent)->message;
     }},
};

constexpr Schema kException = {
    .kind = Kind::kStructure, .name = "Exception", .members = kExceptionMembers};

class EventBody final : public BodySource {
 public:
  EventBody(const Schema& output, std::shared_ptr<void> data, EventFormat format)
      : output_(output), data_(std::move(data)), format_(std::move(format)) {
    const Member* const member = find_events(output);
    union_ = member->schema;
    source_ = *static_cast<const Events*>(member->find(data_.get()));
  }

  Task<Result<std::string_view>> next() override {
    message_.clear();
    if (!std::exchange(begun_, true)) {
      add("event", ":event-type", "initial-response", output_, data_.get());
      co_return std::string_view(message_);
    }
    if (ended_) co_return std::string_view();
    auto event = co_await source_->next();
    ended_ = !event.ok() || !event->has_value();
    if (!event.ok()) {
      add_exception(event.error());
    } else if (event->has_value()) {
      const AnyShape& payload = (*event)->payload;
      add("event", ":event-type", (*event)->name, *payload.schema, payload.data.get());
    }
    co_return std::string_view(message_);
  }

  [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return trailers_;
  }
  void cancel() override { source_->cancel(); }

 private:
  void add(std::string_view kind, std::string_view name_header, std::string_view name,
           const Schema& schema, const void* shape) {
    const std::string payload = format_.write(schema, shape);
    const std::array<MessageHeader, 3> headers = {
        {{name_header, name}, {":content-type", format_.content_type}, {":message-type", kind}}};
    append_message(headers, payload, message_);
  }

  void add_exception(const Error& error) {
    const bool named = std::any_of(union_->events.begin(), union_->events.end(),
                                   [&](const Member& member) { return member.name == error.code; });
    const std::string_view name = named ? std::string_view(error.code) : kInternalFailure;
    const Exception exception{error.message};
    add("exception", ":exception-type", name, kException, &exception);
  }

  const Schema& output_;
  std::shared_ptr<void> data_;
  EventFormat format_;
  const Schema* union_ = nullptr;
  Events source_;
  std::string message_;
  bool begun_ = false;
  bool ended_ = false;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

}  // namespace

void append_message(std::span<const MessageHeader> headers, std::string_view payload,
                    std::string& out) {
  constexpr std::size_t kPrelude = 12;
  constexpr std::size_t kChecksum = 4;
  std::size_t header_bytes = 0;
  for (const auto& [name, value] : headers) header_bytes += 4 + name.size() + value.size();
  const std::size_t total = kPrelude + header_bytes + payload.size() + kChecksum;
  const std::size_t begin = out.size();
  out.reserve(begin + total);
  append_big_endian(static_cast<std::uint32_t>(total), out);
  append_big_endian(static_cast<std::uint32_t>(header_bytes), out);
  append_big_endian(crc32(std::string_view(out).substr(begin)), out);
  for (const auto& [name, value] : headers) {
    out.push_back(static_cast<char>(name.size()));
    out.append(name);
    out.push_back(kTextHeader);
    out.push_back(static_cast<char>(value.size() >> 8));
    out.push_back(static_cast<char>(value.size()));
    out.append(value);
  }
  out.append(payload);
  append_big_endian(crc32(std::string_view(out).substr(begin)), out);
}

const Member* find_events(const Schema& output) {
  const auto found =
      std::find_if(output.members.begin(), output.members.end(),
                   [](const Member& member) { return !member.schema->events.empty(); });
  return found == output.members.end() ? nullptr : &*found;
}

Body make_event_body(const Schema& output, std::shared_ptr<void> data, EventFormat format) {
  return std::make_shared<EventBody>(output, std::move(data), std::move(format));
}

}  // namespace tarn::wire
