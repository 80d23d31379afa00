#include "gateway/http2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

#include "gateway/http2_exchange.h"
#include "gateway/http2_headers.h"
#include "platform/bell.h"
#include "platform/log.h"
#include "wire/encoding.h"

namespace tarn::gateway {
namespace {

constexpr std::size_t kReadBytes = 128U << 10;
constexpr std::size_t kWriteBytes = 64U << 10;  // gathered for one write

using Callbacks =
    std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)>;
using Options = std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)>;

Callbacks make_callbacks() {
  nghttp2_session_callbacks* raw = nullptr;
  nghttp2_session_callbacks_new(&raw);
  return {raw, &nghttp2_session_callbacks_del};
}

Options make_options() {
  nghttp2_option* raw = nullptr;
  nghttp2_option_new(&raw);
  // Windows open as bodies are read, not as they come.
  nghttp2_option_set_no_auto_window_update(raw, 1);
  return {raw, &nghttp2_option_del};
}

wire::Response refusal(int status, std::string_view text) {
  wire::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain");
  response.content = fmt::format("{}\n", text);
  return response;
}

class Session final : public Http2Flow, public std::enable_shared_from_this<Session> {
 public:
  Session(Stream& stream, RequestServer& server, platform::Clock& clock, Http2Options options)
      : stream_(stream), server_(server), clock_(clock), options_(options) {
    open();
  }
  ~Session() override { nghttp2_session_del(session_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Task<void> run(std::string received) {
    stream_.set_timeout(options_.progress);
    stream_.set_read_timeout(std::nullopt);  // watch() sees to it
    tarn::start(watch(weak_from_this(), clock_, options_.tick));
    tarn::start(write_all(*this));
    bool reading = feed(received);
    received = std::string();
    std::string buffer(kReadBytes, '\0');
    while (reading) {
      const auto size = co_await stream_.read_some(buffer);
      if (!size.ok()) broken_ = true;
      reading = size.ok() && *size > 0 && feed(std::string_view(buffer).substr(0, *size));
    }
    end_reading();
    while (serving_ > 0) co_await served_.wait();
    finishing_ = true;
    writable_.ring();
    while (!written_) co_await writer_ended_.wait();
  }

  void consumed(std::int32_t stream_id, std::size_t bytes) override {
    nghttp2_session_consume(session_, stream_id, bytes);
    writable_.ring();
  }

  void say_continue(std::int32_t stream_id) override {
    const std::vector<wire::Headers::Field> fields = {{":status", "100"}};
    const auto pairs = to_pairs(fields);
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream_id, nullptr, pairs.data(),
                           pairs.size(), nullptr);
    writable_.ring();
  }

 private:
  using Held = std::shared_ptr<Http2Exchange>;

  // --- the library's session ---

  void open() {
    const Callbacks calls = make_callbacks();
    nghttp2_session_callbacks_set_on_begin_headers_callback(calls.get(), &Session::on_begin);
    nghttp2_session_callbacks_set_on_header_callback(calls.get(), &Session::on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls.get(), &Session::on_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls.get(), &Session::on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls.get(), &Session::on_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(calls.get(), &Session::on_sent);
    const Options settings = make_options();
    nghttp2_session_server_new2(&session_, calls.get(), this, settings.get());
    const std::array<nghttp2_settings_entry, 3> entries = {
        {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options_.streams},
         {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options_.stream_window},
         {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
          static_cast<std::uint32_t>(options_.header_bytes)}}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries.data(), entries.size());
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                          options_.connection_window);
  }

  // Whether more may be read.
  bool feed(std::string_view bytes) {
    heard_ = true;
    const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const auto used = nghttp2_session_mem_recv(session_, data, bytes.size());
    if (used < 0) spdlog::debug("http2: {}", nghttp2_strerror(static_cast<int>(used)));
    // Outside of the library's callbacks, as a handler may end at once.
    for (const Held& exchange : std::exchange(fresh_, {})) begin(exchange);
    writable_.ring();
    return used >= 0 && !broken_ && nghttp2_session_want_read(session_) != 0;
  }

  static Session& self(void* user) { return *static_cast<Session*>(user); }

  Held find(std::int32_t id) const {
    const auto found = exchanges_.find(id);
    return found == exchanges_.end() ? nullptr : found->second;
  }

  static int on_begin(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    auto exchange = std::make_shared<Http2Exchange>();
    exchange->id = frame->hd.stream_id;
    exchange->body = std::make_shared<Http2Body>(self(user), exchange->id);
    exchange->request.body = exchange->body;
    self(user).exchanges_[exchange->id] = std::move(exchange);
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_bytes, const std::uint8_t* value, std::size_t value_bytes,
                       std::uint8_t, void* user) {
    const Held exchange = self(user).find(frame->hd.stream_id);
    if (!exchange) return 0;
    exchange->header_bytes += name_bytes + value_bytes;
    // What is past the limit is not kept; the request is refused when its header is whole.
    if (exchange->header_bytes > self(user).options_.header_bytes) return 0;
    std::string field(reinterpret_cast<const char*>(name), name_bytes);
    std::string text(reinterpret_cast<const char*>(value), value_bytes);
    if (exchange->begun) {
      exchange->body->add_trailer(std::move(field), std::move(text));
    } else {
      add_request_field(std::move(field), std::move(text), exchange->request);
    }
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const auto type = frame->hd.type;
    if (type != NGHTTP2_HEADERS && type != NGHTTP2_DATA) return 0;
    const Held exchange = self(user).find(frame->hd.stream_id);
    if (!exchange) return 0;
    if (!std::exchange(exchange->begun, true)) self(user).fresh_.push_back(exchange);
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) exchange->body->finish();
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id,
                     const std::uint8_t* data, std::size_t bytes, void* user) {
    const Held exchange = self(user).find(id);
    if (exchange && exchange->request.body) {
      exchange->body->receive({reinterpret_cast<const char*>(data), bytes});
    } else {
      nghttp2_session_consume(session, id, bytes);  // nobody reads it
    }
    return 0;
  }

  static int on_close(nghttp2_session* session, std::int32_t id, std::uint32_t, void* user) {
    const Held exchange = self(user).find(id);
    if (!exchange) return 0;
    self(user).exchanges_.erase(id);
    nghttp2_session_consume_connection(session, exchange->body->unread());
    close(*exchange);
    return 0;
  }

  // An answer may be over before its request is: then the rest of that is not wanted
  // (RFC 9113 section 8.1).
  static int on_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    const bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!last || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)) return 0;
    const Held exchange = self(user).find(frame->hd.stream_id);
    if (exchange && !exchange->body->ended())
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, exchange->id, NGHTTP2_NO_ERROR);
    return 0;
  }

  static ssize_t give_piece(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t room,
                            std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& exchange = *static_cast<Http2Exchange*>(source->ptr);
    const std::size_t size = std::min(room, exchange.piece.size());
    std::copy_n(exchange.piece.data(), size, out);
    exchange.piece.remove_prefix(size);
    exchange.moved = true;
    if (exchange.piece.empty()) {
      if (exchange.last) *flags |= NGHTTP2_DATA_FLAG_EOF;
      exchange.changed.ring();
      exchange.deferred = size == 0 && !exchange.last;
    }
    if (exchange.deferred) return NGHTTP2_ERR_DEFERRED;
    return static_cast<ssize_t>(size);
  }

  // --- requests ---

  void begin(const Held& exchange) {
    if (exchange->closed) return;
    if (serving_ >= 2 * std::size_t{options_.streams}) {
      // Of streams that were reset while they were served, the services are not rid yet.
      reset(*exchange, NGHTTP2_REFUSED_STREAM);
      return;
    }
    prepare_body(*exchange);
    ++serving_;
    tarn::start(serve(*this, exchange), [this] {
      --serving_;
      served_.ring();
    });
  }

  static void prepare_body(Http2Exchange& exchange) {
    const std::string_view length = exchange.request.headers.get("content-length");
    std::uint64_t bytes = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bytes);
    if (!length.empty() && error == std::errc() && end == length.data() + length.size())
      exchange.body->set_length(bytes);
    if (exchange.body->ended() && length.empty()) exchange.body->set_length(0);
    if (wire::equals_ignoring_case(exchange.request.headers.get("expect"), "100-continue"))
      exchange.body->expect_continue();
  }

  static Task<void> serve(Session& session, Held exchange) {
    if (exchange->header_bytes > session.options_.header_bytes) {
      exchange->response = refusal(431, "The request's header is larger than 64 KiB.");
    } else if (exchange->request.method == "CONNECT") {
      exchange->response = refusal(405, "CONNECT is taken over HTTP/1.1 only.");
    } else {
      exchange->response = co_await session.server_.serve(exchange->request);
    }
    session.drop_request(*exchange);
    if (!exchange->closed) session.submit(*exchange);
    if (exchange->response.stream) co_await send_stream(session, *exchange);
    while (!exchange->closed) co_await exchange->changed.wait();
  }

  // Nobody reads the request on: what came of it is let go.
  void drop_request(Http2Exchange& exchange) {
    exchange.request.body.reset();
    const std::size_t unread = exchange.body->take_unread();
    if (!exchange.closed) consumed(exchange.id, unread);
    exchange.body->fail(Error(code::kCancelled, "the request was answered"));
  }

  void submit(Http2Exchange& exchange) {
    const std::vector<wire::Headers::Field> fields = response_fields(exchange.response);
    const auto pairs = to_pairs(fields);
    if (!has_body(exchange.response, exchange.request.method == "HEAD")) {
      exchange.response.stream.reset();
      nghttp2_submit_response(session_, exchange.id, pairs.data(), pairs.size(), nullptr);
    } else {
      exchange.last = !exchange.response.stream;
      if (exchange.last) exchange.piece = exchange.response.content;
      nghttp2_data_provider provider{};
      provider.source.ptr = &exchange;
      provider.read_callback = &Session::give_piece;
      nghttp2_submit_response(session_, exchange.id, pairs.data(), pairs.size(), &provider);
    }
    writable_.ring();
  }

  static Task<void> send_stream(Session& session, Http2Exchange& exchange) {
    while (!exchange.closed && !exchange.last) {
      auto piece = co_await exchange.response.stream->next();
      if (exchange.closed) co_return;
      if (!piece.ok()) {
        // The status is sent already: the client must not take the body for whole.
        spdlog::error("a body broke off: {}", piece.error().message);
        session.reset(exchange, NGHTTP2_INTERNAL_ERROR);
        co_return;
      }
      exchange.piece = *piece;
      exchange.last = piece->empty();
      exchange.moved = true;
      if (std::exchange(exchange.deferred, false))
        nghttp2_session_resume_data(session.session_, exchange.id);
      session.writable_.ring();
      while (!exchange.closed && !exchange.piece.empty()) co_await exchange.changed.wait();
    }
  }

  void reset(const Http2Exchange& exchange, std::uint32_t why) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, exchange.id, why);
    writable_.ring();
  }

  static void close(Http2Exchange& exchange) {
    exchange.closed = true;
    exchange.piece = {};
    exchange.body->fail(Error(code::kCancelled, "the client gave the request up"));
    if (exchange.response.stream) exchange.response.stream->cancel();
    exchange.changed.ring();
  }

  // --- the end, and what never ends ---

  // Nothing more comes. Answers under way still go, unless the connection is broken.
  void end_reading() {
    for (const auto& [id, exchange] : exchanges_) {
      if (!exchange->body->ended())
        exchange->body->fail(Error("IncompleteBody", "The connection ended within a body.", 400));
    }
    if (broken_) return give_up();
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                          nullptr, 0);
    writable_.ring();
  }

  void give_up() {
    broken_ = true;
    for (const auto& [id, exchange] : std::exchange(exchanges_, {})) close(*exchange);
    writable_.ring();
  }

  static Task<void> write_all(Session& session) {
    std::string out;
    while (true) {
      out.clear();
      if (!session.broken_) session.gather(out);
      if (out.empty()) {
        if (session.finishing_ || session.broken_) break;
        co_await session.writable_.wait();
        continue;
      }
      const auto written = co_await session.stream_.write(out, {});
      if (!written.ok()) {
        session.give_up();
        session.stream_.stop_reading();
      }
    }
    while (!session.finishing_) co_await session.writable_.wait();
    if (!session.broken_) co_await session.stream_.finish_writing();
    session.written_ = true;
    session.writer_ended_.ring();
  }

  void gather(std::string& out) {
    while (out.size() < kWriteBytes) {
      const std::uint8_t* data = nullptr;
      const auto size = nghttp2_session_mem_send(session_, &data);
      if (size < 0) return give_up();
      if (size == 0) return;
      out.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
    }
  }

  static Task<void> watch(std::weak_ptr<Session> held, platform::Clock& clock,
                          std::chrono::milliseconds pause) {
    for (;;) {
      co_await clock.sleep(pause);
      const std::shared_ptr<Session> session = held.lock();
      if (!session) co_return;
      session->look();
    }
  }

  // Ends what has not moved for too long.
  void look() {
    for (const auto& [id, exchange] : exchanges_) {
      const bool moved = std::exchange(exchange->moved, false);
      const bool blocked = !exchange->piece.empty() && !moved;
      const bool starved = exchange->body->stalled() || !exchange->begun;
      exchange->quiet = blocked || starved ? exchange->quiet + 1 : 0;
      const auto patience = (blocked ? options_.taking : options_.progress) / options_.tick;
      if (exchange->quiet < static_cast<std::size_t>(patience)) continue;
      exchange->body->fail(Error(code::kTimeout, "the peer was silent for too long"));
      reset(*exchange, NGHTTP2_CANCEL);
    }
    const bool idle = !std::exchange(heard_, false) && exchanges_.empty() && serving_ == 0;
    idle_looks_ = idle ? idle_looks_ + 1 : 0;
    if (idle_looks_ >= static_cast<std::size_t>(options_.idle / options_.tick))
      stream_.stop_reading();
  }

  Stream& stream_;
  RequestServer& server_;
  platform::Clock& clock_;
  const Http2Options options_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Held> exchanges_;  // of streams that are open
  std::vector<Held> fresh_;                 // to be begun
  std::size_t serving_ = 0;
  platform::Bell served_;
  platform::Bell writable_;
  platform::Bell writer_ended_;
  bool heard_ = false;
  std::size_t idle_looks_ = 0;
  bool broken_ = false;     // the connection takes nothing more
  bool finishing_ = false;  // what is gathered now is the last
  bool written_ = false;
};

}  // namespace

Task<void> serve_http2(Stream& stream, std::string received, RequestServer& server,
                       platform::Clock& clock, Http2Options options) {
  const auto session = std::make_shared<Session>(stream, server, clock, options);
  co_await session->run(std::move(received));
}

}  // namespace tarn::gateway
