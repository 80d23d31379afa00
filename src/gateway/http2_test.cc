// HTTP/2 against a client of libnghttp2 over a wire in memory, in virtual time.
#include "gateway/http2.h"

#include <deque>
#include <map>

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include "gateway/http2_headers.h"
#include "platform/bell.h"
#include "sim/scheduler.h"

namespace tarn::gateway {
namespace {

using std::chrono::seconds;

// The server's end of the wire.
class Wire final : public Stream {
 public:
  Wire() : Stream(false) {}

  Task<Result<std::size_t>> read_some(std::span<char> into) override {
    while (incoming.empty() && !closed) co_await arrived.wait();
    const std::size_t size = std::min(into.size(), incoming.size());
    std::copy_n(incoming.data(), size, into.data());
    incoming.erase(0, size);
    co_return size;
  }
  using Stream::write;
  Task<Status> write(std::string_view head, std::string_view body, std::string_view tail) override {
    if (broken) co_return tarn::Error(code::kCancelled, "the connection ended");
    outgoing.append(head).append(body).append(tail);
    co_return Status();
  }
  Task<void> finish_writing() override {
    finished = true;
    co_return;
  }
  void stop_reading() override {
    closed = true;
    arrived.ring();
  }

  std::string incoming;
  std::string outgoing;
  platform::Bell arrived;
  bool closed = false;
  bool broken = false;
  bool finished = false;
};

struct Answer {
  std::map<std::string, std::string> headers;
  std::string body;
  std::vector<std::string> informational;  // statuses of 1xx answers
  bool ended = false;                      // the stream is closed
  std::uint32_t error = 0;
};

class Client {
 public:
  explicit Client(bool window_by_hand = false) {
    nghttp2_session_callbacks* calls = nullptr;
    nghttp2_session_callbacks_new(&calls);
    nghttp2_session_callbacks_set_on_header_callback(calls, &Client::on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, &Client::on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, &Client::on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, &Client::on_frame);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, window_by_hand ? 1 : 0);
    nghttp2_session_client_new2(&session, calls, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(calls);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~Client() { nghttp2_session_del(session); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::int32_t ask(const std::string& method, const std::string& path,
                   std::vector<wire::Headers::Field> more = {}, std::string* body = nullptr) {
    std::vector<wire::Headers::Field> fields = {
        {":method", method}, {":path", path}, {":scheme", "http"}, {":authority", "tarn:4566"}};
    fields.insert(fields.end(), more.begin(), more.end());
    const auto pairs = to_pairs(fields);
    nghttp2_data_provider provider{};
    provider.source.ptr = body;
    provider.read_callback = &Client::give_body;
    return nghttp2_submit_request(session, nullptr, pairs.data(), pairs.size(),
                                  body == nullptr ? nullptr : &provider, nullptr);
  }

  std::string take_outgoing() {
    std::string out;
    const std::uint8_t* data = nullptr;
    for (auto size = nghttp2_session_mem_send(session, &data); size > 0;
         size = nghttp2_session_mem_send(session, &data)) {
      out.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    }
    return out;
  }
  void feed(std::string_view bytes) {
    const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    EXPECT_EQ(nghttp2_session_mem_recv(session, data, bytes.size()),
              static_cast<ssize_t>(bytes.size()));
  }

  nghttp2_session* session = nullptr;
  std::map<std::int32_t, Answer> answers;
  bool told_to_go = false;
  bool holds_bodies = false;  // sends none

 private:
  static Client& self(void* user) { return *static_cast<Client*>(user); }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_bytes, const std::uint8_t* value, std::size_t value_bytes,
                       std::uint8_t, void* user) {
    const std::string field(reinterpret_cast<const char*>(name), name_bytes);
    const std::string text(reinterpret_cast<const char*>(value), value_bytes);
    Answer& answer = self(user).answers[frame->hd.stream_id];
    if (field == ":status" && text.starts_with('1')) {
      answer.informational.push_back(text);
    } else {
      answer.headers[field] = text;
    }
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    self(user).answers[id].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
    self(user).answers[id].ended = true;
    self(user).answers[id].error = error;
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY) self(user).told_to_go = true;
    return 0;
  }
  static ssize_t give_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void* user) {
    if (self(user).holds_bodies) return NGHTTP2_ERR_DEFERRED;
    auto& body = *static_cast<std::string*>(source->ptr);
    const std::size_t size = std::min(room, body.size());
    std::copy_n(body.data(), size, out);
    body.erase(0, size);
    if (body.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }
};

// A body whose pieces the test gives.
class Dripping final : public wire::BodySource {
 public:
  Task<Result<std::string_view>> next() override {
    ++asked;
    while (pieces.empty() && !cancelled) co_await bell.wait();
    if (cancelled) co_return tarn::Error(code::kCancelled, "gone");
    current = std::move(pieces.front());
    pieces.pop_front();
    if (current == "break") co_return tarn::Error(code::kIo, "no disk");
    co_return std::string_view(current);
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const override {
    return none;
  }
  void cancel() override {
    cancelled = true;
    bell.ring();
  }
  void give(std::string piece) {
    pieces.push_back(std::move(piece));
    bell.ring();
  }

  std::deque<std::string> pieces;
  std::string current;
  platform::Bell bell;
  int asked = 0;
  bool cancelled = false;
  std::vector<std::pair<std::string, std::string>> none;
};

// Answers with what it was asked.
class Echo final : public RequestServer {
 public:
  Task<wire::Response> serve(wire::Request& request) override {
    seen.push_back(request.method + " " + request.path + "?" + request.raw_query);
    host = request.host;
    wire::Response response;
    if (request.path == "/drip") {
      response.stream = dripping;
      co_return response;
    }
    if (request.path == "/refuse") {
      response.status = 403;
      response.content = "no";
      co_return response;
    }
    if (request.path == "/hold") {
      platform::Bell& bell = held_.emplace_back();
      while (!let_go_) co_await bell.wait();
    }
    auto content = co_await wire::read_all(*request.body, 64U << 20);
    failure = content.ok() ? "" : content.error().code;
    response.headers.add("X-Length", std::to_string(request.body->length().value_or(0)));
    response.headers.add("Connection", "close");
    if (content.ok()) response.content = std::move(content).value();
    for (const auto& [name, value] : request.body->trailers()) response.headers.add(name, value);
    co_return response;
  }

  std::vector<std::string> seen;
  std::string host;
  void release() {
    let_go_ = true;
    for (platform::Bell& bell : held_) bell.ring();
  }

  std::string failure;
  std::shared_ptr<Dripping> dripping = std::make_shared<Dripping>();

 private:
  std::deque<platform::Bell> held_;  // of requests that wait to be released
  bool let_go_ = false;
};

class Http2Test : public ::testing::Test {
 protected:
  ~Http2Test() override {
    echo_.release();
    wire_.stop_reading();
    scheduler_.run_for(seconds(400));
    EXPECT_TRUE(over_);
  }

  void begin() {
    scheduler_.spawn(serve(*this));
    exchange();
  }
  static Task<void> serve(Http2Test& test) {
    std::string received;
    co_await serve_http2(test.wire_, std::move(received), test.echo_, test.scheduler_,
                         test.options_);
    test.over_ = true;
  }

  // Carries bytes both ways until neither side has any.
  void exchange() {
    for (bool moved = true; moved;) {
      std::string out = client_.take_outgoing();
      moved = !out.empty();
      if (moved && !wire_.closed) {
        wire_.incoming += out;
        wire_.arrived.ring();
      }
      scheduler_.run();
      out = std::exchange(wire_.outgoing, {});
      moved = moved || !out.empty();
      if (!out.empty()) client_.feed(out);
    }
  }

  sim::Scheduler scheduler_{3};
  Http2Options options_;
  Wire wire_;
  Echo echo_;
  Client client_;
  bool over_ = false;
};

TEST_F(Http2Test, ServesARequestAsOneOfHttp1) {
  begin();
  std::string body = "hello";
  const auto id = client_.ask("POST", "/b/k?x=1&y", {{"content-length", "5"}}, &body);
  exchange();
  const Answer& answer = client_.answers[id];
  EXPECT_EQ(echo_.seen, std::vector<std::string>{"POST /b/k?x=1&y"});
  EXPECT_EQ(echo_.host, "tarn:4566");
  EXPECT_EQ(answer.headers.at(":status"), "200");
  EXPECT_EQ(answer.headers.at("x-length"), "5");
  EXPECT_EQ(answer.headers.at("content-length"), "5");
  EXPECT_EQ(answer.headers.count("connection"), 0U) << "it has no place in HTTP/2";
  EXPECT_EQ(answer.body, "hello");
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.error, 0U);
}

TEST_F(Http2Test, ServesManyRequestsAtOnceInAnyOrder) {
  begin();
  const auto slow = client_.ask("GET", "/hold");
  const auto quick = client_.ask("GET", "/quick");
  exchange();
  EXPECT_FALSE(client_.answers[slow].ended);
  EXPECT_TRUE(client_.answers[quick].ended);
  echo_.release();
  exchange();
  EXPECT_TRUE(client_.answers[slow].ended);
}

TEST_F(Http2Test, TakesABodyLargerThanItsWindows) {
  options_.stream_window = 64U << 10;
  begin();
  const std::string sent(3U << 20, 'x');
  std::string body = sent;
  const auto id = client_.ask("PUT", "/large", {}, &body);
  exchange();
  EXPECT_EQ(client_.answers[id].body.size(), sent.size());
  EXPECT_TRUE(client_.answers[id].ended);
}

TEST_F(Http2Test, ABodyThatNobodyReadsFillsNoMoreThanItsWindow) {
  options_.stream_window = 64U << 10;
  begin();
  std::string body(1U << 20, 'x');
  client_.ask("PUT", "/hold", {}, &body);
  exchange();
  EXPECT_GE(body.size(), (1U << 20) - (64U << 10)) << "the client holds the rest back";
}

TEST_F(Http2Test, ARefusedBodyIsNotWaitedForAndBlocksNoOtherStream) {
  options_.stream_window = 64U << 10;
  options_.connection_window = 64 << 10;
  begin();
  for (int i = 0; i < 5; ++i) {
    std::string body(1U << 20, 'x');
    const auto id = client_.ask("PUT", "/refuse", {}, &body);
    exchange();
    EXPECT_EQ(client_.answers[id].headers.at(":status"), "403");
    EXPECT_EQ(client_.answers[id].body, "no");
    EXPECT_TRUE(client_.answers[id].ended);
  }
  std::string body(200U << 10, 'y');
  const auto id = client_.ask("PUT", "/k", {}, &body);
  exchange();
  EXPECT_EQ(client_.answers[id].body.size(), 200U << 10);
}

TEST_F(Http2Test, PushesAPieceOfAStreamAsSoonAsItIsThere) {
  begin();
  const auto id = client_.ask("GET", "/drip");
  exchange();
  EXPECT_EQ(client_.answers[id].headers.at(":status"), "200");
  EXPECT_EQ(client_.answers[id].headers.count("content-length"), 0U);
  echo_.dripping->give("one");
  exchange();
  EXPECT_EQ(client_.answers[id].body, "one");
  echo_.dripping->give("two");
  exchange();
  EXPECT_EQ(client_.answers[id].body, "onetwo");
  EXPECT_FALSE(client_.answers[id].ended);
  echo_.dripping->give("");
  exchange();
  EXPECT_TRUE(client_.answers[id].ended);
  EXPECT_EQ(client_.answers[id].error, 0U);
}

TEST_F(Http2Test, AsksForAPieceOnlyWhenTheOneBeforeItWasSent) {
  begin();
  const auto id = client_.ask("GET", "/drip");
  exchange();
  const int asked = echo_.dripping->asked;
  echo_.dripping->give(std::string(8U << 20, 'x'));
  // The client's window is 64 KiB; what it takes is not carried to it here.
  scheduler_.run();
  EXPECT_EQ(echo_.dripping->asked, asked);
  EXPECT_LE(wire_.outgoing.size(), 70U << 10);
  exchange();
  EXPECT_EQ(client_.answers[id].body.size(), 8U << 20);
  EXPECT_EQ(echo_.dripping->asked, asked + 1);
  echo_.dripping->give("");
}

TEST_F(Http2Test, ABodyThatBreaksOffIsNotTakenForWhole) {
  begin();
  const auto id = client_.ask("GET", "/drip");
  echo_.dripping->give("part");
  echo_.dripping->give("break");
  exchange();
  EXPECT_TRUE(client_.answers[id].ended);
  EXPECT_EQ(client_.answers[id].error, std::uint32_t{NGHTTP2_INTERNAL_ERROR});
}

TEST_F(Http2Test, AResetCancelsTheAnswerAndTheConnectionGoesOn) {
  begin();
  const auto id = client_.ask("GET", "/drip");
  exchange();
  nghttp2_submit_rst_stream(client_.session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
  exchange();
  EXPECT_TRUE(echo_.dripping->cancelled);
  const auto next = client_.ask("GET", "/next");
  exchange();
  EXPECT_EQ(client_.answers[next].headers.at(":status"), "200");
}

TEST_F(Http2Test, AConnectionThatBreaksCancelsItsRequests) {
  begin();
  client_.ask("GET", "/drip");
  exchange();
  wire_.broken = true;
  echo_.dripping->give("one");
  scheduler_.run();
  scheduler_.run();
  EXPECT_TRUE(over_);
}

TEST_F(Http2Test, StoppingLetsRequestsUnderWayEndAndTakesNoMore) {
  begin();
  const auto id = client_.ask("GET", "/drip");
  exchange();
  wire_.stop_reading();
  exchange();
  EXPECT_TRUE(client_.told_to_go);
  EXPECT_FALSE(over_);
  echo_.dripping->give("last words");
  echo_.dripping->give("");
  exchange();
  EXPECT_EQ(client_.answers[id].body, "last words");
  EXPECT_TRUE(client_.answers[id].ended);
  EXPECT_TRUE(over_);
  EXPECT_TRUE(wire_.finished);
}

TEST_F(Http2Test, ABodyCutOffByTheEndOfTheConnectionIsIncomplete) {
  begin();
  std::string body(100, 'x');
  const auto id = client_.ask("PUT", "/k", {{"content-length", "100"}}, &body);
  // All but the last bytes of what the client sends.
  std::string sent = client_.take_outgoing();
  sent.resize(sent.size() - 10);
  wire_.incoming += sent;
  wire_.stop_reading();
  scheduler_.run();
  EXPECT_EQ(echo_.failure, "IncompleteBody");
  EXPECT_FALSE(client_.answers[id].ended);
}

TEST_F(Http2Test, SaysContinueWhenTheBodyIsWanted) {
  begin();
  client_.holds_bodies = true;
  std::string body = "hello";
  const auto id = client_.ask("PUT", "/hold", {{"expect", "100-continue"}}, &body);
  exchange();
  EXPECT_TRUE(client_.answers[id].informational.empty()) << "nobody has asked for it";
  echo_.release();
  exchange();
  EXPECT_EQ(client_.answers[id].informational, std::vector<std::string>{"100"});
  client_.holds_bodies = false;
  nghttp2_session_resume_data(client_.session, id);
  exchange();
  EXPECT_EQ(client_.answers[id].body, "hello");
}

TEST_F(Http2Test, RefusesAHeaderPastTheLimitAndTakesOneAtIt) {
  options_.header_bytes = 1000;
  begin();
  // :method GET, :path /, :scheme http, :authority tarn:4566 and the name x-large are 61 bytes.
  const std::size_t others = 7 + 3 + 5 + 1 + 7 + 4 + 10 + 9 + 7;
  const auto at = client_.ask("GET", "/", {{"x-large", std::string(1000 - others, 'x')}});
  const auto past = client_.ask("GET", "/", {{"x-large", std::string(1001 - others, 'x')}});
  exchange();
  EXPECT_EQ(client_.answers[at].headers.at(":status"), "200");
  EXPECT_EQ(client_.answers[past].headers.at(":status"), "431");
  EXPECT_EQ(echo_.seen.size(), 1U);
}

TEST_F(Http2Test, TakesSoManyStreamsAndRefusesOneMore) {
  options_.streams = 4;
  begin();
  for (int i = 0; i < 4; ++i) client_.ask("GET", "/hold");
  exchange();
  // The client's library holds a fifth back by itself, as the settings ask; one that does not is
  // answered by the server's, which counts too.
  EXPECT_EQ(
      nghttp2_session_get_remote_settings(client_.session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
      4U);
  EXPECT_EQ(echo_.seen.size(), 4U);
  client_.ask("GET", "/fifth");
  exchange();
  EXPECT_EQ(echo_.seen.size(), 4U);
}

TEST_F(Http2Test, AnIdleConnectionIsClosedAndOneWithARequestIsNot) {
  begin();
  const auto id = client_.ask("GET", "/hold");
  exchange();
  scheduler_.run_for(seconds(1000));
  EXPECT_FALSE(over_);
  echo_.release();
  exchange();
  EXPECT_TRUE(client_.answers[id].ended);
  scheduler_.run_for(seconds(290));
  EXPECT_FALSE(over_);
  scheduler_.run_for(seconds(20));
  exchange();
  EXPECT_TRUE(over_);
  EXPECT_TRUE(client_.told_to_go);
}

TEST_F(Http2Test, APeerThatSendsNothingMoreOfItsBodyIsGivenUp) {
  begin();
  std::string body(2U << 20, 'x');
  const auto id = client_.ask("PUT", "/k", {}, &body);
  std::string sent = client_.take_outgoing();
  sent.resize(sent.size() / 2);
  wire_.incoming += sent;
  wire_.arrived.ring();
  scheduler_.run();
  scheduler_.run_for(seconds(70));
  EXPECT_EQ(echo_.failure, std::string(code::kTimeout));
  EXPECT_FALSE(client_.answers[id].ended);
}

TEST_F(Http2Test, AClientThatTakesNothingOfItsAnswerIsGivenUp) {
  begin();
  const auto id = client_.ask("GET", "/drip");
  exchange();
  echo_.dripping->give(std::string(1U << 20, 'x'));
  // Its windows are full: nothing of what it takes is told to the server.
  scheduler_.run();
  scheduler_.run_for(seconds(290));
  EXPECT_FALSE(echo_.dripping->cancelled);
  scheduler_.run_for(seconds(20));
  EXPECT_TRUE(echo_.dripping->cancelled);
  EXPECT_FALSE(client_.answers[id].ended);
}

TEST_F(Http2Test, RefusesConnect) {
  begin();
  const std::vector<wire::Headers::Field> fields = {{":method", "CONNECT"},
                                                    {":authority", "example.com:443"}};
  const auto pairs = to_pairs(fields);
  const auto id = nghttp2_submit_request(client_.session, nullptr, pairs.data(), pairs.size(),
                                         nullptr, nullptr);
  exchange();
  EXPECT_EQ(client_.answers[id].headers.at(":status"), "405");
  EXPECT_TRUE(echo_.seen.empty());
}

TEST_F(Http2Test, WhatIsNoHttp2EndsTheConnection) {
  scheduler_.spawn(serve(*this));
  wire_.incoming = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  wire_.arrived.ring();
  scheduler_.run();
  EXPECT_TRUE(over_);
}

}  // namespace
}  // namespace tarn::gateway
