#include "wire/event_stream.h"

#include <deque>

#include <gtest/gtest.h>

#include "wire/cbor_codec.h"
#include "wire/checksum.h"
#include "wire/encoding.h"
#include "wire/json_codec.h"
#include "wire/testing_shapes.h"

namespace tarn::wire {
namespace {

using testing::Leaf;

struct Watch {
  std::string title;
  Events events;
};

constexpr Member kUnion[] = {
    {"LeafEvent", "LeafEvent", Location::kBody, &testing::kLeaf},
    {"GoneException", "GoneException", Location::kBody, &testing::kLeaf},
};
constexpr Schema kEvents = {.kind = Kind::kStream, .name = "Events", .events = kUnion};
const Member kWatchMembers[] = {
    {"Title", "Title", Location::kBody, &testing::kFree, true, false, TimestampFormat::kDefault,
     access::emplace<&Watch::title>, access::find<&Watch::title>},
    {"Events", "Events", Location::kBody, &kEvents, true, false, TimestampFormat::kDefault,
     access::emplace<&Watch::events>, access::find<&Watch::events>},
};
const Schema kWatch = {.kind = Kind::kStructure, .name = "Watch", .members = kWatchMembers};

std::string to_cbor(const Schema& schema, const void* data) {
  std::string out;
  append_cbor(schema, data, out);
  return out;
}

class Prepared final : public EventSource {
 public:
  std::deque<Result<std::optional<Event>>> events;
  bool cancelled = false;

  Task<Result<std::optional<Event>>> next() override {
    Result<std::optional<Event>> event = std::move(events.front());
    events.pop_front();
    co_return event;
  }
  void cancel() override { cancelled = true; }
  void give(std::optional<Event> event) { events.emplace_back(std::move(event)); }
};

Event leaf_event(std::string name) {
  auto leaf = std::make_shared<Leaf>();
  leaf->name = std::move(name);
  return {"LeafEvent", {leaf, &testing::kLeaf}};
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct Message {
  std::map<std::string, std::string> headers;
  std::string payload;
};

// Reads a message as a client does, checking both checksums.
Message read_message(std::string_view bytes) {
  Message message;
  EXPECT_EQ(number_at(bytes, 0), bytes.size());
  EXPECT_EQ(number_at(bytes, 8), crc32(bytes.substr(0, 8)));
  EXPECT_EQ(number_at(bytes, bytes.size() - 4), crc32(bytes.substr(0, bytes.size() - 4)));
  const std::size_t header_end = 12 + number_at(bytes, 4);
  for (std::size_t at = 12; at < header_end;) {
    const auto name_bytes = static_cast<std::size_t>(bytes[at]);
    const std::string name(bytes.substr(at + 1, name_bytes));
    at += 1 + name_bytes;
    EXPECT_EQ(bytes[at], 7);
    const std::size_t value_bytes = number_at(bytes, at - 1) & 0xFFFF;
    message.headers[name] = bytes.substr(at + 3, value_bytes);
    at += 3 + value_bytes;
  }
  message.payload = bytes.substr(header_end, bytes.size() - header_end - 4);
  return message;
}

class EventStreamTest : public ::testing::Test {
 protected:
  EventStreamTest() {
    watch->title = "oak";
    watch->events = source;
  }

  void open(EventFormat format = {"application/x-amz-json-1.1", &to_json}) {
    body = make_event_body(kWatch, watch, format);
  }
  std::string next() {
    std::string piece;
    start(body->next(), [&piece](Result<std::string_view> result) {
      EXPECT_TRUE(result.ok());
      piece = *result;
    });
    return piece;
  }

  std::shared_ptr<Watch> watch = std::make_shared<Watch>();
  std::shared_ptr<Prepared> source = std::make_shared<Prepared>();
  Body body;
};

// The example that Smithy's page gives of an empty message.
TEST_F(EventStreamTest, FramesAsTheSpecificationShows) {
  std::string out;
  append_message({}, "", out);
  EXPECT_EQ(to_hex(out), "000000100000000005c248eb7d98c8ff");
}

TEST_F(EventStreamTest, BeginsWithTheOtherMembersOfTheOutput) {
  open();
  const Message message = read_message(next());
  EXPECT_EQ(message.headers.at(":message-type"), "event");
  EXPECT_EQ(message.headers.at(":event-type"), "initial-response");
  EXPECT_EQ(message.headers.at(":content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(message.payload, R"({"Title":"oak"})");
}

TEST_F(EventStreamTest, GivesEachEventByItsNameAndThenTheEnd) {
  source->give(leaf_event("a"));
  source->give(leaf_event("b"));
  source->give(std::nullopt);
  open();
  read_message(next());
  const Message first = read_message(next());
  EXPECT_EQ(first.headers.at(":event-type"), "LeafEvent");
  EXPECT_EQ(first.payload, R"({"Name":"a"})");
  EXPECT_EQ(read_message(next()).payload, R"({"Name":"b"})");
  EXPECT_EQ(next(), "");
  EXPECT_EQ(next(), "") << "the source is not asked again";
}

TEST_F(EventStreamTest, EndsWithTheExceptionOfAnErrorThatTheUnionNames) {
  source->events.emplace_back(Error("GoneException", "felled"));
  open();
  read_message(next());
  const Message message = read_message(next());
  EXPECT_EQ(message.headers.at(":message-type"), "exception");
  EXPECT_EQ(message.headers.at(":exception-type"), "GoneException");
  EXPECT_EQ(message.payload, R"({"message":"felled"})");
  EXPECT_EQ(next(), "");
}

TEST_F(EventStreamTest, TellsOfAnyOtherErrorAsAnInternalFailure) {
  source->events.emplace_back(Error(code::kIo, "no disk"));
  open();
  read_message(next());
  EXPECT_EQ(read_message(next()).headers.at(":exception-type"), "InternalFailureException");
}

TEST_F(EventStreamTest, WritesPayloadsInTheFormatOfTheRequest) {
  source->give(leaf_event("a"));
  open({"application/x-amz-cbor-1.1", &to_cbor});
  EXPECT_EQ(to_hex(read_message(next()).payload),
            "a1"
            "655469746c65"
            "636f616b");
  const Message event = read_message(next());
  EXPECT_EQ(event.headers.at(":content-type"), "application/x-amz-cbor-1.1");
  EXPECT_EQ(to_hex(event.payload),
            "a1"
            "644e616d65"
            "6161");
}

TEST_F(EventStreamTest, PassesOnThatTheClientIsGone) {
  open();
  body->cancel();
  EXPECT_TRUE(source->cancelled);
}

}  // namespace
}  // namespace tarn::wire
