// tarn_bench_load: loads a server over several kept-open connections with requests made and signed
// beforehand, and prints rate and latency as one JSON object.
//
// Requests are signed once (a signature holds for minutes), so that what is measured is the server
// and not this program's hashing. Every answer must be a success, and of PutRecords every record
// must be acknowledged: anything else is counted as an error and said.
//
//     tarn_bench_load put-records --endpoint http://127.0.0.1:4566 --stream s --connections 16
//     --records 100 --bytes 450 tarn_bench_load get-records --endpoint … --iterator ITERATOR
//     --iterator … --limit 10000 tarn_bench_load s3-put|s3-get --endpoint … --bucket b --bytes
//     67108864 --connections 4 --keys 4
//     tarn_bench_load s3-list --endpoint … --bucket b --keys 31250 (pages of 1,000 keys from random
//     places)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "generator/put_records.h"
#include "generator/random_source.h"
#include "wire/checksum.h"
#include "wire/encoding.h"
#include "wire/sigv4.h"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kAnswerTimeout{60};

struct Options {
  std::string mode;
  std::string endpoint;
  std::string region = "us-east-1";
  std::string access_key_id = "bench";
  std::string secret_access_key = "benchbench";
  std::string stream;
  std::string bucket;
  std::vector<std::string> iterators;
  std::size_t connections = 16;
  std::size_t records = 100;
  std::size_t bytes = 450;
  std::size_t keys = 16;
  std::size_t limit = 10'000;
  double seconds = 5;
  double warm_up_s = 1;
  bool cbor = false;  // GetRecords in CBOR, not in JSON
  bool once = false;  // each request is sent once, however long that takes
};

struct Target {
  std::string host;
  std::string port;
};

// A request as it goes over the wire.
struct Prepared {
  std::string head;
  std::shared_ptr<const std::string> body;
};

struct Totals {
  std::uint64_t answers = 0;
  std::uint64_t errors = 0;
  std::uint64_t answer_bytes = 0;
  std::string first_error;
  std::vector<float> latencies_ms;
};

struct Load {
  Options options;
  Target target;
  std::vector<std::vector<Prepared>> prepared;  // by connection
  Clock::time_point measured_from;
  Clock::time_point end;          // no request begins after it
  Clock::time_point last_answer;  // what was under way then still counts, with the time it took
  Totals totals;
};

tarn::Timestamp wall_now() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

Prepared prepare(const Load& load, std::string method, std::string target,
                 const std::string& service,
                 std::vector<std::pair<std::string, std::string>> headers,
                 std::shared_ptr<const std::string> body) {
  tarn::wire::Request request;
  request.method = std::move(method);
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  if (mark < target.size()) request.raw_query = target.substr(mark + 1);
  request.host = load.target.host + ":" + load.target.port;
  request.headers.add("Host", request.host);
  for (auto& [name, value] : headers) request.headers.add(std::move(name), std::move(value));
  const tarn::wire::SigningKeys keys{load.options.access_key_id, load.options.secret_access_key,
                                     ""};
  tarn::wire::sign(request, keys, load.options.region, service, wall_now(), *body);
  Prepared out{fmt::format("{} {} HTTP/1.1\r\n", request.method, target), std::move(body)};
  for (const auto& [name, value] : request.headers.fields())
    out.head += fmt::format("{}: {}\r\n", name, value);
  out.head += fmt::format("Content-Length: {}\r\n\r\n", out.body->size());
  return out;
}

Prepared prepare_json(const Load& load, const std::string& operation, std::string body) {
  return prepare(load, "POST", "/", "kinesis",
                 {{"Content-Type", "application/x-amz-json-1.1"},
                  {"X-Amz-Target", "Kinesis_20131202." + operation}},
                 std::make_shared<const std::string>(std::move(body)));
}

std::string random_bytes(std::size_t size, tarn::generator::RandomSource& random) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random.next() >> 56U);
  return out;
}

// Letters, so that the data look like records do.
std::string random_letters(std::size_t size, tarn::generator::RandomSource& random) {
  std::string out(size, 'a');
  for (char& c : out) c = static_cast<char>('a' + random.below(26));
  return out;
}

std::vector<Prepared> prepare_put_records(const Load& load, std::size_t connection) {
  tarn::generator::RandomSource random(connection + 1);
  std::vector<Prepared> out;
  for (int variant = 0; variant < 8; ++variant) {
    tarn::generator::Batch batch;
    for (std::size_t i = 0; i < load.options.records; ++i) {
      const std::size_t begin = batch.block().size();
      batch.block() += random_letters(load.options.bytes, random);
      const std::size_t key = batch.block().size();
      batch.block() += random_letters(36, random);
      batch.close(begin, key, 1, {});
    }
    std::string body;
    tarn::generator::write_put_records(load.options.stream, batch, body);
    out.push_back(prepare_json(load, "PutRecords", std::move(body)));
  }
  return out;
}

const std::string& iterator_of(const Load& load, std::size_t connection) {
  return load.options.iterators.at(connection % load.options.iterators.size());
}

Prepared get_records_in_json(const Load& load, std::size_t connection) {
  return prepare_json(load, "GetRecords",
                      fmt::format("{{\"ShardIterator\":\"{}\",\"Limit\":{}}}",
                                  iterator_of(load, connection), load.options.limit));
}

// Text and number of RFC 8949 section 3, with lengths of two and numbers of four bytes.
std::string cbor_text(std::string_view text) {
  std::string out = {'\x79', static_cast<char>(text.size() >> 8U), static_cast<char>(text.size())};
  return out.append(text);
}

std::string cbor_number(std::size_t number) {
  std::string out = "\x1a";
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out.push_back(static_cast<char>(number >> shift));
  return out;
}

Prepared get_records_in_cbor(const Load& load, std::size_t connection) {
  const std::string body = "\xa2" + cbor_text("ShardIterator") +
                           cbor_text(iterator_of(load, connection)) + cbor_text("Limit") +
                           cbor_number(load.options.limit);
  return prepare(load, "POST", "/", "kinesis",
                 {{"Content-Type", "application/x-amz-cbor-1.1"},
                  {"X-Amz-Target", "Kinesis_20131202.GetRecords"}},
                 std::make_shared<const std::string>(body));
}

std::vector<Prepared> prepare_s3(const Load& load, std::size_t connection) {
  tarn::generator::RandomSource random(7);
  const bool put = load.options.mode == "s3-put";
  const auto body = std::make_shared<const std::string>(
      put ? random_bytes(load.options.bytes, random) : std::string());
  // As boto3 sends a body since 2025: signed, and with a CRC-32 besides
  // (https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html).
  std::vector<std::pair<std::string, std::string>> headers;
  if (put) {
    tarn::wire::Checksum sum(tarn::wire::ChecksumAlgorithm::kCrc32);
    sum.update(*body);
    headers = {{"x-amz-checksum-crc32", sum.base64()}};
  }
  std::vector<Prepared> out;
  for (std::size_t i = 0; i < load.options.keys; ++i) {
    const std::string path = fmt::format("/{}/bench/{}/{}", load.options.bucket, connection, i);
    out.push_back(prepare(load, put ? "PUT" : "GET", path, "s3", headers, body));
  }
  return out;
}

// Pages from places all over the bucket that s3-put filled with the same --connections and --keys.
std::vector<Prepared> prepare_lists(const Load& load, std::size_t connection) {
  tarn::generator::RandomSource random(connection + 1);
  const auto body = std::make_shared<const std::string>();
  std::vector<Prepared> out;
  for (int variant = 0; variant < 64; ++variant) {
    const std::string after = fmt::format("bench%2F{}%2F{}", random.below(load.options.connections),
                                          random.below(load.options.keys));
    out.push_back(prepare(
        load, "GET",
        fmt::format("/{}?list-type=2&max-keys=1000&start-after={}", load.options.bucket, after),
        "s3", {}, body));
  }
  return out;
}

std::vector<Prepared> prepare_all(const Load& load, std::size_t connection) {
  if (load.options.mode == "put-records") return prepare_put_records(load, connection);
  if (load.options.mode == "get-records") {
    return {load.options.cbor ? get_records_in_cbor(load, connection)
                              : get_records_in_json(load, connection)};
  }
  if (load.options.mode == "s3-list") return prepare_lists(load, connection);
  return prepare_s3(load, connection);
}

// Why an answer is no success; empty where it is one. `text` is the answer's beginning.
std::string fault_of(const Load& load, unsigned status, std::string_view text) {
  if (status != 200) return fmt::format("HTTP {}: {}", status, text.substr(0, 300));
  if (load.options.mode == "put-records" && text.find("\"ErrorCode\"") != std::string_view::npos) {
    return fmt::format("records refused: {}", text.substr(0, 300));
  }
  return {};
}

// One connection and its memory.
struct Line {
  explicit Line(const asio::any_io_executor& executor)
      : stream(executor), chunk(std::size_t{1} << 20U) {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  std::vector<char> chunk;
  std::string text;  // of a JSON answer
  bool open = false;

  void close() {
    stream.close();
    buffer.clear();
    open = false;
  }
};

struct Reply {
  unsigned status = 0;
  std::uint64_t bytes = 0;
  bool keep_alive = false;
};

// A body whose length is known, straight from the socket: the parser would cost more than the
// server.
asio::awaitable<void> read_plain_body(Line& line, std::uint64_t length, bool keep_text,
                                      Reply& reply, error_code& failure) {
  const std::size_t buffered = std::min<std::uint64_t>(line.buffer.size(), length);
  if (keep_text) line.text.append(static_cast<const char*>(line.buffer.data().data()), buffered);
  line.buffer.consume(buffered);
  reply.bytes = buffered;
  while (!failure && reply.bytes < length) {
    const std::size_t wanted = std::min<std::uint64_t>(line.chunk.size(), length - reply.bytes);
    auto read = asio::redirect_error(asio::use_awaitable, failure);
    const std::size_t got =
        co_await line.stream.async_read_some(asio::buffer(line.chunk.data(), wanted), read);
    reply.bytes += got;
    if (keep_text) line.text.append(line.chunk.data(), got);
  }
}

using Parser = http::response_parser<http::buffer_body>;

asio::awaitable<void> read_parsed_body(Line& line, Parser& parser, bool keep_text, Reply& reply,
                                       error_code& failure) {
  while (!failure && !parser.is_done()) {
    auto& body = parser.get().body();
    body.data = line.chunk.data();
    body.size = line.chunk.size();
    auto read = asio::redirect_error(asio::use_awaitable, failure);
    co_await http::async_read_some(line.stream, line.buffer, parser, read);
    if (failure == http::error::need_buffer) failure = {};
    const std::size_t got = line.chunk.size() - body.size;
    reply.bytes += got;
    if (keep_text) line.text.append(line.chunk.data(), got);
  }
}

// Reads one answer; bodies of objects are counted and dropped.
asio::awaitable<Reply> read_answer(Line& line, bool keep_text, error_code& failure) {
  Parser parser;
  parser.body_limit(boost::none);
  line.text.clear();
  Reply reply;
  auto headed = asio::redirect_error(asio::use_awaitable, failure);
  co_await http::async_read_header(line.stream, line.buffer, parser, headed);
  if (failure) co_return reply;
  reply.status = parser.get().result_int();
  reply.keep_alive = parser.get().keep_alive();
  const bool keep = keep_text || reply.status != 200;
  if (const auto length = parser.content_length()) {
    co_await read_plain_body(line, *length, keep, reply, failure);
  } else {
    co_await read_parsed_body(line, parser, keep, reply, failure);
  }
  co_return reply;
}

asio::awaitable<void> open_line(const Load& load, Line& line, error_code& failure) {
  tcp::resolver resolver(line.stream.get_executor());
  auto resolved = asio::redirect_error(asio::use_awaitable, failure);
  const auto addresses =
      co_await resolver.async_resolve(load.target.host, load.target.port, resolved);
  if (failure) co_return;
  auto connected = asio::redirect_error(asio::use_awaitable, failure);
  co_await line.stream.async_connect(addresses, connected);
  if (failure) co_return;
  line.stream.socket().set_option(tcp::no_delay(true), failure);
  line.open = true;
}

// Sends one request, over a new connection where the server closed the last (moto does after each
// answer).
asio::awaitable<Reply> exchange(const Load& load, Line& line, const Prepared& request,
                                bool keep_text, error_code& failure) {
  line.stream.expires_after(kAnswerTimeout);
  if (!line.open) co_await open_line(load, line, failure);
  if (failure) co_return Reply{};
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(request.head),
                                                   asio::buffer(*request.body)};
  auto written = asio::redirect_error(asio::use_awaitable, failure);
  co_await asio::async_write(line.stream, parts, written);
  if (failure) co_return Reply{};
  Reply reply = co_await read_answer(line, keep_text, failure);
  if (!reply.keep_alive) line.close();
  co_return reply;
}

asio::awaitable<void> run_connection(Load& load, std::size_t index) {
  Line line(co_await asio::this_coro::executor);
  error_code failure;
  const bool keep_text = load.options.mode == "put-records";
  const auto& requests = load.prepared[index];
  const auto goes_on = [&](std::size_t turn) {
    return load.options.once ? turn < requests.size() : Clock::now() < load.end;
  };
  for (std::size_t turn = 0; !failure && goes_on(turn); ++turn) {
    const Prepared& request = requests[turn % requests.size()];
    const Clock::time_point sent = Clock::now();
    const Reply reply = co_await exchange(load, line, request, keep_text, failure);
    const Clock::time_point done = Clock::now();
    const std::string fault = failure ? failure.message() : fault_of(load, reply.status, line.text);
    if (!fault.empty()) {
      ++load.totals.errors;
      if (load.totals.first_error.empty()) load.totals.first_error = fault;
    } else if (sent >= load.measured_from) {
      load.last_answer = std::max(load.last_answer, done);
      ++load.totals.answers;
      load.totals.answer_bytes += reply.bytes;
      load.totals.latencies_ms.push_back(
          std::chrono::duration<float, std::milli>(done - sent).count());
    }
  }
}

// Sends one request by itself and gives the whole answer's text.
std::string ask_once(const Load& load, const Prepared& request) {
  asio::io_context context(1);
  tcp::socket socket(context);
  tcp::resolver resolver(context);
  asio::connect(socket, resolver.resolve(load.target.host, load.target.port));
  asio::write(socket, std::array<asio::const_buffer, 2>{asio::buffer(request.head),
                                                        asio::buffer(*request.body)});
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  http::read(socket, buffer, parser);
  return std::move(parser.get().body());
}

struct Content {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // of data, decoded
};

// What one GetRecords answer holds.
Content content_of(const std::string& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array records;
  Content out;
  if (parser.parse(answer).get(document) != simdjson::SUCCESS ||
      document["Records"].get(records) != simdjson::SUCCESS) {
    return out;
  }
  for (const simdjson::dom::element record : records) {
    std::string_view data;
    if (record["Data"].get(data) != simdjson::SUCCESS) continue;
    const std::size_t padding = data.size() - std::min(data.find('='), data.size());
    ++out.records;
    out.bytes += data.size() / 4 * 3 - padding;
  }
  return out;
}

float percentile(std::vector<float>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

int print_totals(Load& load, Content per_answer) {
  Totals& totals = load.totals;
  std::ranges::sort(totals.latencies_ms);
  const Clock::time_point until =
      load.options.once ? load.last_answer : std::max(load.end, load.last_answer);
  const double seconds = std::chrono::duration<double>(until - load.measured_from).count();
  const double rate = static_cast<double>(totals.answers) / seconds;
  for (char& c : totals.first_error) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  fmt::print(
      "{{\"mode\":\"{}\",\"requests_per_s\":{:.1f},\"records_per_s\":{:.1f},\"data_mb_per_s\":{:."
      "2f},"
      "\"answer_mb_per_s\":{:.2f},\"p50_ms\":{:.3f},\"p99_ms\":{:.3f},\"answers\":{},\"errors\":{},"
      "\"first_error\":\"{}\"}}\n",
      load.options.mode, rate, rate * static_cast<double>(per_answer.records),
      rate * static_cast<double>(per_answer.bytes) / 1e6,
      static_cast<double>(totals.answer_bytes) / seconds / 1e6,
      percentile(totals.latencies_ms, 0.5), percentile(totals.latencies_ms, 0.99), totals.answers,
      totals.errors, totals.first_error);
  return totals.answers > 0 && totals.errors == 0 ? 0 : 1;
}

bool split_endpoint(const std::string& url, Target& target) {
  const std::size_t colon = url.rfind(':');
  if (!url.starts_with("http://") || colon <= 5) return false;
  target.host = url.substr(7, colon - 7);
  target.port = url.substr(colon + 1);
  return true;
}

Content expected_content(const Load& load) {
  if (load.options.mode == "put-records")
    return {load.options.records, load.options.records * load.options.bytes};
  if (load.options.mode == "get-records")
    return content_of(ask_once(load, get_records_in_json(load, 0)));
  return {1, load.options.bytes};
}

int run(const Options& options) {
  Load load;
  load.options = options;
  if (!split_endpoint(options.endpoint, load.target)) {
    fmt::print(stderr, "--endpoint: give http://host:port\n");
    return 2;
  }
  for (std::size_t i = 0; i < options.connections; ++i)
    load.prepared.push_back(prepare_all(load, i));
  const Content per_answer = expected_content(load);
  asio::io_context context(1);
  const Clock::time_point start = Clock::now();
  const auto seconds = [](double count) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
  };
  load.measured_from = start + seconds(options.warm_up_s);
  load.end = load.measured_from + seconds(options.seconds);
  for (std::size_t i = 0; i < options.connections; ++i)
    asio::co_spawn(context, run_connection(load, i), asio::detached);
  context.run();
  return print_totals(load, per_answer);
}

}  // namespace

int main(int argument_count, char** arguments) {
  Options options;
  CLI::App app("Loads a server with prepared requests and prints rate and latency as JSON.");
  app.add_option("mode", options.mode)
      ->required()
      ->check(CLI::IsMember({"put-records", "get-records", "s3-put", "s3-get", "s3-list"}));
  app.add_option("--endpoint", options.endpoint)->required();
  app.add_option("--region", options.region);
  app.add_option("--access-key", options.access_key_id);
  app.add_option("--secret-key", options.secret_access_key);
  app.add_option("--stream", options.stream);
  app.add_option("--bucket", options.bucket);
  app.add_option("--iterator", options.iterators);
  app.add_option("--connections", options.connections);
  app.add_option("--records", options.records, "of a PutRecords request");
  app.add_option("--bytes", options.bytes, "of a record's data, or of an object");
  app.add_option("--keys", options.keys, "objects of each connection");
  app.add_option("--limit", options.limit, "of a GetRecords request");
  app.add_flag("--cbor", options.cbor, "GetRecords in CBOR");
  app.add_option("--seconds", options.seconds);
  app.add_option("--warm-up", options.warm_up_s);
  app.add_flag("--once", options.once, "send each request once, whatever the time");
  CLI11_PARSE(app, argument_count, arguments);
  if (options.mode == "get-records" && options.iterators.empty()) {
    fmt::print(stderr, "get-records needs --iterator\n");
    return 2;
  }
  return run(options);
}
