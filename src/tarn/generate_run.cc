#include "tarn/generate_run.h"

#include <csignal>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "generator/put_records.h"

namespace tarn::app {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using generator::Answer;
using generator::Batch;
using generator::Nanoseconds;
using generator::Sender;

constexpr std::chrono::seconds kConnectTimeout{5};
constexpr std::chrono::seconds kAnswerTimeout{30};
constexpr std::chrono::seconds kDrainTime{10};
constexpr std::size_t kMostAnswerBytes = std::size_t{16} << 20U;

using HttpRequest = http::request<http::string_body>;

// What the coroutines of one run share.
struct Run {
  Run(asio::io_context& io, platform::Clock& time, Sender& decides, const StreamTarget& to,
      const GenerateEvents& tells)
      : context(io),
        clock(time),
        sender(decides),
        target(to),
        events(tells),
        started(time.monotonic()),
        signals(io),
        drain(io),
        ticker(io) {}

  asio::io_context& context;
  platform::Clock& clock;
  Sender& sender;
  const StreamTarget& target;
  const GenerateEvents& events;
  Nanoseconds started;
  std::vector<std::unique_ptr<beast::tcp_stream>> streams;
  std::vector<std::unique_ptr<asio::steady_timer>> timers;
  asio::signal_set signals;
  asio::steady_timer drain;
  asio::steady_timer ticker;
  std::size_t running = 0;
  bool interrupted = false;
  std::string refused;

  void give_up() {
    sender.abandon();
    for (auto& stream : streams) stream->cancel();
    wake_all();
  }
  void wake_all() {
    for (auto& timer : timers) timer->cancel();
  }
  void ended() {
    if (--running > 0) return;
    signals.cancel();
    drain.cancel();
    ticker.cancel();
  }
};

// One connection, kept open from request to request.
struct Connection {
  explicit Connection(beast::tcp_stream& over) : stream(over) {}

  beast::tcp_stream& stream;
  beast::flat_buffer buffer;
  std::string body;  // memory of the request's body, used again
  bool open = false;

  void close() {
    error_code ignored;
    stream.socket().close(ignored);
    buffer.clear();
    open = false;
  }
};

// A server may have closed a connection that was idle; then nothing that is written on it would
// arrive.
bool closed_by_peer(tcp::socket& socket) {
  char byte = 0;
  error_code failure;
  socket.non_blocking(true, failure);
  socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, failure);
  return failure != asio::error::would_block && failure != asio::error::try_again;
}

asio::awaitable<error_code> connect(Connection& connection, const StreamTarget& target) {
  error_code failure;
  tcp::resolver resolver(connection.stream.get_executor());
  auto resolved = asio::redirect_error(asio::use_awaitable, failure);
  const auto addresses = co_await resolver.async_resolve(target.host, target.port, resolved);
  if (failure) co_return failure;
  connection.stream.expires_after(kConnectTimeout);
  auto connected = asio::redirect_error(asio::use_awaitable, failure);
  co_await connection.stream.async_connect(addresses, connected);
  if (failure) co_return failure;
  error_code ignored;
  connection.stream.socket().set_option(tcp::no_delay(true), ignored);
  connection.open = true;
  co_return failure;
}

HttpRequest signed_request(const StreamTarget& target, std::string body, Timestamp now) {
  wire::Request plain;
  plain.method = "POST";
  plain.path = "/";
  plain.host = fmt::format("{}:{}", target.host, target.port);
  plain.headers.add("Host", plain.host);
  plain.headers.add("Content-Type", "application/x-amz-json-1.1");
  plain.headers.add("X-Amz-Target", "Kinesis_20131202.PutRecords");
  wire::sign(plain, target.keys, target.region, "kinesis", now, body);
  HttpRequest request(http::verb::post, "/", 11);
  for (const auto& [name, value] : plain.headers.fields()) request.set(name, value);
  request.set(http::field::user_agent, "tarn-generate");
  request.body() = std::move(body);
  request.prepare_payload();
  return request;
}

// What came of one request: an answer, or why there is none.
struct Exchange {
  Answer answer;
  std::string failure;
  bool perhaps_delivered = false;
};

asio::awaitable<Exchange> exchange(Run& run, Connection& connection, const Batch& batch) {
  Exchange result;
  error_code failure;
  if (connection.open && closed_by_peer(connection.stream.socket())) connection.close();
  if (!connection.open) {
    failure = co_await connect(connection, run.target);
    if (failure) {
      connection.close();
      result.failure = failure.message();
      co_return result;
    }
  }
  generator::write_put_records(run.target.stream, batch, connection.body);
  HttpRequest request = signed_request(run.target, std::move(connection.body), run.clock.now());
  connection.stream.expires_after(kAnswerTimeout);
  result.perhaps_delivered = true;
  auto written = asio::redirect_error(asio::use_awaitable, failure);
  co_await http::async_write(connection.stream, request, written);
  connection.body = std::move(request.body());
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMostAnswerBytes);
  if (!failure) {
    auto read = asio::redirect_error(asio::use_awaitable, failure);
    co_await http::async_read(connection.stream, connection.buffer, parser, read);
  }
  if (failure) {
    connection.close();
    result.failure =
        failure == http::error::end_of_stream ? "connection closed" : failure.message();
    co_return result;
  }
  connection.stream.expires_never();
  const auto& response = parser.get();
  result.answer = generator::read_put_records_answer(static_cast<int>(response.result_int()),
                                                     response.body(), batch.size());
  if (!response.keep_alive()) connection.close();
  co_return result;
}

asio::awaitable<void> send_batch(Run& run, Connection& connection, const Batch& batch) {
  const Exchange result = co_await exchange(run, connection, batch);
  const Nanoseconds now = run.clock.monotonic();
  if (!result.failure.empty()) {
    run.sender.unanswered(batch, result.failure, result.perhaps_delivered, now);
    co_return;
  }
  if (result.answer.kind == Answer::Kind::kRefused && run.refused.empty()) {
    run.refused = fmt::format("{}: {}", result.answer.code, result.answer.message);
    run.give_up();
  }
  run.sender.answered(batch, result.answer, now);
}

asio::awaitable<void> run_connection(Run& run, std::size_t index) {
  Connection connection(*run.streams[index]);
  asio::steady_timer& timer = *run.timers[index];
  while (true) {
    const Nanoseconds now = run.clock.monotonic();
    Sender::Work work = run.sender.next(now, run.clock.now());
    if (const Batch* batch = std::get_if<Batch>(&work)) {
      co_await send_batch(run, connection, *batch);
      continue;
    }
    if (const Error* error = std::get_if<Error>(&work)) run.refused = error->message;
    const auto* wait = std::get_if<Sender::WaitUntil>(&work);
    if (wait == nullptr) break;
    timer.expires_after(std::chrono::ceil<std::chrono::microseconds>(wait->time - now));
    error_code ignored;
    auto waited = asio::redirect_error(asio::use_awaitable, ignored);
    co_await timer.async_wait(waited);
  }
  connection.close();
  run.ended();
}

asio::awaitable<void> tell_progress(Run& run) {
  std::uint64_t acknowledged_before = 0;
  Nanoseconds told = run.started;
  while (run.running > 0) {
    run.ticker.expires_after(std::chrono::seconds(1));
    error_code cancelled;
    auto waited = asio::redirect_error(asio::use_awaitable, cancelled);
    co_await run.ticker.async_wait(waited);
    if (cancelled) break;
    const Nanoseconds now = run.clock.monotonic();
    const generator::SenderStats& stats = run.sender.stats();
    const double seconds = std::chrono::duration<double>(now - told).count();
    run.events.progress(stats, now - run.started,
                        static_cast<double>(stats.acknowledged - acknowledged_before) / seconds);
    acknowledged_before = stats.acknowledged;
    told = now;
  }
}

asio::awaitable<void> drain_for_a_while(Run& run) {
  run.drain.expires_after(kDrainTime);
  error_code cancelled;
  auto waited = asio::redirect_error(asio::use_awaitable, cancelled);
  co_await run.drain.async_wait(waited);
  if (!cancelled) run.give_up();
}

asio::awaitable<void> heed_signals(Run& run) {
  while (true) {
    error_code cancelled;
    auto came = asio::redirect_error(asio::use_awaitable, cancelled);
    co_await run.signals.async_wait(came);
    if (cancelled) break;
    if (run.interrupted) {
      run.give_up();
      continue;
    }
    run.interrupted = true;
    run.events.stopping();
    run.sender.stop();
    run.wake_all();
    asio::co_spawn(run.context, drain_for_a_while(run), asio::detached);
  }
}

}  // namespace

Status parse_endpoint(const std::string& url, StreamTarget& target) {
  const auto wrong = [&url](std::string_view why) {
    return Error(
        code::kInvalid,
        fmt::format("the endpoint \"{}\" {}; give one such as http://127.0.0.1:4566", url, why));
  };
  std::string_view rest = url;
  if (rest.starts_with("https://"))
    return wrong("asks for TLS, which tarn generate does not speak");
  if (!rest.starts_with("http://")) return wrong("does not begin with http://");
  rest.remove_prefix(7);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ ") != std::string_view::npos)
    return wrong("has more than a host and a port");
  const std::size_t colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
  target.host = rest.substr(0, has_port ? colon : rest.size());
  target.port = has_port ? rest.substr(colon + 1) : "80";
  if (target.host.empty()) return wrong("has no host");
  const bool digits = target.port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || target.port.empty() || target.port.size() > 5) return wrong("has no valid port");
  return {};
}

GenerateOutcome run_generate(asio::io_context& context, platform::Clock& clock, Sender& sender,
                             const StreamTarget& target, std::size_t connections,
                             const GenerateEvents& events) {
  Run run(context, clock, sender, target, events);
  run.signals.add(SIGINT);
  run.signals.add(SIGTERM);
  run.running = connections;
  for (std::size_t i = 0; i < connections; ++i) {
    run.streams.push_back(std::make_unique<beast::tcp_stream>(context));
    run.timers.push_back(std::make_unique<asio::steady_timer>(context));
  }
  for (std::size_t i = 0; i < connections; ++i)
    asio::co_spawn(context, run_connection(run, i), asio::detached);
  asio::co_spawn(context, tell_progress(run), asio::detached);
  asio::co_spawn(context, heed_signals(run), asio::detached);
  context.run();
  return {sender.stats(), clock.monotonic() - run.started, run.interrupted, run.refused};
}

}  // namespace tarn::app
